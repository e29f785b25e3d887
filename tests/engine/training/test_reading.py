"""Blocks join to the whole recording, whatever its rate, span and channels."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import TrainingError
from engine.training.corpus import Utterance, load
from engine.training.reading import blocks_of


def write(path: Path, seconds: float, rate: int, channels: int = 1) -> Path:
    samples = np.random.default_rng(1).normal(0, 0.1, (round(seconds * rate), channels)).astype(np.float32)
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return path


def utterance(path: Path, start: int = 0, end: int | None = None, channel: int | None = None) -> Utterance:
    return Utterance("x", path, "", (), "", "made", start, end, channel)


def test_blocks_join_to_the_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", 2.3, 16000)
    blocks = list(blocks_of(utterance(path), 0.5))
    assert [len(block) for block in blocks] == [8000] * 4 + [4800]
    np.testing.assert_array_equal(np.concatenate(blocks), load(path))


def test_another_rate_is_resampled_across_blocks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", 2.3, 8000)
    whole = load(path)
    np.testing.assert_allclose(np.concatenate(list(blocks_of(utterance(path)))), whole, atol=1e-4)
    np.testing.assert_allclose(np.concatenate(list(blocks_of(utterance(path), 0.5))), whole, atol=1e-4)


def test_a_span_of_one_channel(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", 2.0, 16000, channels=2)
    samples = soundfile.read(path, dtype="float32")[0]
    (block,) = blocks_of(utterance(path, 16000, 24000, 1))
    np.testing.assert_array_equal(block, samples[16000:24000, 1])
    (mixed,) = blocks_of(utterance(path, 16000, 24000))
    np.testing.assert_allclose(mixed, samples[16000:24000].mean(axis=1), atol=1e-7)


def test_a_span_past_the_end_stops_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", 1.0, 16000)
    assert sum(map(len, blocks_of(utterance(path, 8000, 99999)))) == 8000
    assert list(blocks_of(utterance(path, 50000))) == []


def test_what_is_no_audio_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("no audio")
    with pytest.raises(TrainingError, match=r"a\.wav.*cannot be read"):
        list(blocks_of(utterance(tmp_path / "a.wav")))
