"""Synthesised speech is drawn by seed, and held-out voices stay out of training."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.training.synthesis import HELD_OUT_VARIANTS, draw_voice, synthesise

needs_voices = pytest.mark.skipif(
    not (shutil.which("flite") and shutil.which("espeak-ng")), reason="flite and espeak-ng are not installed"
)


def test_voices_are_drawn_by_seed() -> None:
    first, second = ([draw_voice(np.random.default_rng(seed)) for seed in range(20)] for _ in "ab")
    assert first == second
    assert {voice.program for voice in first} == {"flite", "espeak-ng"}


def test_held_out_voices_never_train() -> None:
    rng = np.random.default_rng(1)
    heard = {draw_voice(rng).name.partition("+")[2] for _ in range(500)}
    kept = {draw_voice(rng, held_out=True).name.partition("+")[2] for _ in range(100)}
    assert kept == set(HELD_OUT_VARIANTS)
    assert not heard & kept


@needs_voices
def test_sentences_are_said_and_listed(tmp_path: Path) -> None:
    written = list(synthesise(["one two", "three four"], tmp_path / "said", seed=2))
    entries = [json.loads(line) for line in (tmp_path / "said.jsonl").read_text().splitlines()]
    assert [entry["text"] for entry in entries] == ["one two", "three four"]
    for entry, seconds in zip(entries, written, strict=True):
        samples, rate = soundfile.read(tmp_path / entry["audio"])
        assert rate == 16000
        assert len(samples) / rate == pytest.approx(seconds)
        assert np.abs(samples).max() > 0.05
