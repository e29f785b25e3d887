"""Scores add up and draw as a table row; every word is scored."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

import engine
from engine.training.evaluate import Score
from engine.training.measurement import PhoneErrors

TEXTS = ("cat", "cat zyzzyva")


def test_scores_add_up() -> None:
    total = Score(PhoneErrors(1, 10), 1, 4) + Score(PhoneErrors(3, 10), 2, 6)
    assert total == Score(PhoneErrors(4, 20), 3, 10, 2)
    assert total.row("clean", words=True) == "| clean | 2 | 10 | 20.0 | 30.0 |"


def test_words_made_up_of_noise_are_counted_not_divided() -> None:
    silent = Score(PhoneErrors(2, 0), 1, 0)
    assert silent.row("noise", words=True) == "| noise | 1 | 0 | 2 phones | 1 words |"
    assert silent.row("noise", words=False).endswith("| - |")


def test_words_outside_the_lexicon_are_scored_as_words_and_not_as_phones(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the engine extra is not installed")
    from engine.training.evaluate import report

    soundfile.write(tmp_path / "hum.wav", np.zeros(8_000), 16_000)
    lines = [
        {"id": str(place), "audio": "hum.wav", "text": text, "dataset": "made"} for place, text in enumerate(TEXTS)
    ]
    (tmp_path / "made.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    model = Path(engine.__file__).parent / "models" / "reference-1"
    drawn = report(model, tmp_path / "made.jsonl", {"cat": ((1, 2),)}, chunk_ms=640, every=1, words=True)
    assert "phones of 1 not scored" in drawn
    assert "| all | 2 | 3 | 100.0 | 100.0 |" in drawn
