"""Manifests in, manifests out; what a method gives adds up and is judged where the truth is known."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import TrainingError
from engine.phones import TOKENS
from engine.training.corpus import read_manifest
from engine.training.pseudo import labelling
from engine.training.pseudo.books import spell_books
from engine.training.pseudo.grammar import Grammar
from engine.training.pseudo.label import Heard, Label
from engine.training.pseudo.labelling import Sources, Yield, hear_manifest, judge, label_all, write_labels

Lexicon = dict[str, tuple[tuple[int, ...], ...]]


def test_the_best_method_labels(hear: Callable[..., Heard], lexicon: Lexicon) -> None:
    order = hear("give me a mocha", intent="order", slots={"drink": "mocha"})
    read = hear("yellow bird on the window and the morning river with a stone house")
    other = hear("milk milk milk")
    books = spell_books(["yellow bird on the window and the morning river with a stone house"], lexicon)
    grammar = Grammar({"order": ("give me a $drink:drink", "i want a $drink:drink")})
    labels = label_all([read, order, other], Sources(lexicon, books, grammar))
    assert [[label.method for label in given] for given in labels] == [["book"], ["grammar"], []]


def test_written_labels_are_read_as_a_manifest(tmp_path: Path, hear: Callable[..., Heard], lexicon: Lexicon) -> None:
    heard = replace(hear("the cat sat", speaker="s", dataset="d"), audio=tmp_path / "one.flac", start=1000)
    frames = len(heard.log_probs)
    parts = [Label("the cat", "self", 0.75, 0, 10), Label("sat", "self", 0.5, 10, frames)]
    out = tmp_path / "out.jsonl"
    write_labels(out, [heard, heard, heard], [[Label("the cat sat", "book", 0.9, 0, frames)], parts, []])
    whole, first, last = read_manifest(out, lexicon)
    assert (whole.name, whole.text, whole.audio, whole.end) == ("one", "the cat sat", tmp_path / "one.flac", None)
    assert (first.name, first.start, first.end) == ("one-0", 1000, 1000 + 6400)
    assert (last.name, last.start, last.end) == ("one-1", 1000 + 6400, 1000 + heard.samples)
    written = [json.loads(line)["pseudo"] for line in out.read_text().splitlines()]
    assert written[1] == {"method": "self", "confidence": 0.75}


def test_labels_are_judged_where_the_truth_is_known(hear: Callable[..., Heard]) -> None:
    heard = hear("the cat sat on the mat", text="The cat sat, on the mat!")
    total = len(heard.log_probs)
    whole, part = Label("the cat sat on a mat", "self", 1, 0, total), Label("cat sat an", "self", 1, 0, 9)
    assert judge(heard, [whole]) == Yield(1, total * 0.04, 1, 6)
    assert judge(heard, [part]) == Yield(1, pytest.approx(0.36), 1, 3)
    assert judge(heard, []) == Yield()
    untold = judge(hear("the cat"), [Label("the cat", "self", 1, 0, 9)])
    assert (untold.judged, untold.error_rate) == (0, None)
    assert (judge(heard, [whole]) + judge(heard, [part])).error_rate == 2 / 9


class Silent:
    """Listens like ``engine.acoustic.body.Listener`` and hears nothing, a frame for every 640 samples."""

    def __init__(self, body: object, chunk_ms: int) -> None:
        self.heard = 0

    def step(self, samples: np.ndarray) -> np.ndarray:
        self.heard += len(samples)
        return np.zeros((0, len(TOKENS)), np.float32)

    def end(self) -> np.ndarray:
        return np.zeros((self.heard // 640, len(TOKENS)), np.float32)


def test_spans_of_files_are_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelling, "Listener", Silent)
    soundfile.write(tmp_path / "a.wav", np.zeros(16_000, np.float32), 16_000)
    entries = [{"format": "header"}, {"id": "a", "audio": "a.wav"}, {"id": "b", "audio": "a.wav", "start": 0.5}]
    (tmp_path / "m.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    whole, half = hear_manifest(tmp_path / "m.jsonl", None, 640)  # type: ignore[arg-type]
    assert (whole.start, whole.samples, len(whole.log_probs)) == (0, 16_000, 25)
    assert (half.start, half.samples, len(half.log_probs)) == (8_000, 8_000, 12)
    assert half.audio == tmp_path / "a.wav"


@pytest.mark.parametrize("line", ["nonsense", '{"id": "a", "audio": "gone.wav"}', '{"audio": "a.wav", "start": "x"}'])
def test_bad_manifests_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr(labelling, "Listener", Silent)
    (tmp_path / "m.jsonl").write_text(line + "\n")
    with pytest.raises(TrainingError):
        list(hear_manifest(tmp_path / "m.jsonl", None, 640))  # type: ignore[arg-type]
