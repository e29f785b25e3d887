"""Learning on a corpus small enough to know what must come out."""

import random
from pathlib import Path

import pytest

from engine.writing.learning import DELAY, fit, gaps, measure, read_recording, unheard
from engine.writing.marks import MARKS, UNHEARD, MarkModel, mark_model, write_model

NLP = "token|speaker|ts|endTs|punctuation|case|tags|wer_tags\n"


def recording(folder: Path, sentences: int) -> tuple[Path, Path]:
    tokens, times, at = [], [], 0.0
    for _ in range(sentences):
        for text, mark, pause in (
            ("Well", ",", 0.2),
            ("it", "", 0.0),
            ("rains", ".", 0.9),
            ("Is", "", 0.0),
            ("it", "?", 0.7),
        ):
            tokens.append(f"{text}|1|||{mark}|LC|[]|[]")
            times.append(f"call A {at:.2f} 0.20 {text.lower()} 1.00")
            at += 0.2 + pause
    (folder / "call.nlp").write_text(NLP + "\n".join(tokens) + "\n")
    (folder / "call.ctm").write_text("\n".join(times) + "\n")
    return folder / "call.nlp", folder / "call.ctm"  # fmt: skip


def test_times_come_from_the_words_in_common(tmp_path: Path) -> None:
    reference, times = recording(tmp_path, 2)
    lines = times.read_text().splitlines()
    times.write_text("\n".join([*lines[:3], *lines[4:]]))
    words = read_recording(reference, times)
    assert [word.mark for word in words[:5]] == [",", "", ".", "", "?"]
    assert [word.pause for word in words[:5]] == [pytest.approx(0.2), pytest.approx(0), None, None, pytest.approx(0.7)]


def test_a_gap_before_the_next_word_is_heard(tmp_path: Path) -> None:
    words = read_recording(*recording(tmp_path, 40))
    early = list(unheard(words, random.Random(1)))
    assert 0.3 * len(words) < len(early) < 0.7 * len(words)
    assert all(gap.after == (UNHEARD, UNHEARD) for gap, _ in early)
    longest = {mark: max(gap.pause for gap, found in early if found == mark) for mark in MARKS}
    assert longest["."] <= 0.9 + 0.2 + DELAY
    assert longest["."] > longest[""] > 0.2


def test_what_is_always_so_is_learnt_and_kept(tmp_path: Path) -> None:
    pairs = list(gaps(read_recording(*recording(tmp_path, 40))))
    weights = fit(pairs)
    write_model(tmp_path / "model.npz", weights)
    model = mark_model(tmp_path / "model.npz")
    assert model.weights.keys() == weights.keys()
    assert all(value["f1"] > 0.95 for value in measure(model, pairs).values())


def test_the_shipped_model_is_there() -> None:
    model = mark_model()
    assert isinstance(model, MarkModel)
    assert {len(row) for row in model.weights.values()} == {len(MARKS)}
