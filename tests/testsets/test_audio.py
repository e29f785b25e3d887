from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from testsets import audio
from testsets.errors import AudioError


def tone(rate: int = 16_000, seconds: float = 0.5) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "rate", "options", "tolerance"),
    [
        ("a.wav", 16_000, {"subtype": "PCM_16"}, 1 / 32_768),
        ("a.flac", 44_100, {"subtype": "PCM_16"}, 1 / 32_768),
        ("ulaw.wav", 8_000, {"subtype": "ULAW"}, 0.5 / 16),
        ("float.wav", 16_000, {"subtype": "FLOAT"}, 0.0),
        ("a.opus", 16_000, {"format": "OGG", "subtype": "OPUS"}, 0.1),
    ],
)
def test_reads_what_libsndfile_wrote(
    tmp_path: Path, name: str, rate: int, options: dict[str, str], tolerance: float
) -> None:
    path = tmp_path / name
    soundfile.write(path, tone(rate), rate, **options)
    samples, own = audio.read(path)
    assert (own, samples.dtype, samples.shape) == (rate, np.float32, tone(rate).shape)
    assert np.abs((samples - tone(rate))[rate // 10 : -rate // 10]).max() <= tolerance
    reference = audio.probe(path)
    assert (reference.rate, reference.samples) == (rate, samples.size)


def test_reading_at_another_rate_resamples(tmp_path: Path) -> None:
    audio.write(tmp_path / "a.flac", tone(8_000), 8_000)
    samples, rate = audio.read(tmp_path / "a.flac", rate=16_000)
    assert (rate, samples.size) == (16_000, 8_000)
    assert np.abs(samples[1_000:-1_000] - tone()[1_000:-1_000]).max() < 1e-3


def test_several_channels_are_averaged(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([[0.5, 0.0], [0.25, -0.25]]), 8_000, subtype="FLOAT")
    assert audio.read(tmp_path / "a.wav")[0].tolist() == [0.25, 0.0]


def test_each_way_a_file_can_be_bad_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"gone\.wav: no such audio file; check the path"):
        audio.read(tmp_path / "gone.wav")
    (tmp_path / "text.wav").write_text("this is not audio")
    with pytest.raises(AudioError, match=r"text\.wav: cannot be read as audio"):
        audio.read(tmp_path / "text.wav")
    with pytest.raises(AudioError, match="cannot be read as audio"):
        audio.probe(tmp_path / "text.wav")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 16_000)
    with pytest.raises(AudioError, match="holds no audio"):
        audio.read(tmp_path / "empty.wav")
    with pytest.raises(AudioError, match="holds no audio"):
        audio.probe(tmp_path / "empty.wav")
    soundfile.write(tmp_path / "nan.wav", np.array([0.0, np.nan]), 16_000, subtype="FLOAT")
    with pytest.raises(AudioError, match="not finite"):
        audio.read(tmp_path / "nan.wav")
    with pytest.raises(AudioError, match="cannot be written"):
        audio.write(tmp_path / "no-such-folder" / "a.flac", tone(), 16_000)
    with pytest.raises(AudioError, match="cannot be written"):
        audio.write(tmp_path / "a.unknown", tone(), 16_000)


def test_a_truncated_flac_is_an_error_not_a_crash(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).standard_normal(16_000).astype(np.float32) / 10
    audio.write(tmp_path / "a.flac", noise, 16_000)
    (tmp_path / "a.flac").write_bytes((tmp_path / "a.flac").read_bytes()[:200])
    with pytest.raises(AudioError):
        audio.read(tmp_path / "a.flac")


@given(arrays(np.int16, st.integers(0, 50)))
def test_sixteen_bits_survive_floats(pcm: np.ndarray) -> None:
    assert np.array_equal(audio.to_int16(audio.to_float32(pcm)), pcm)


def test_loud_samples_are_clipped_not_wrapped() -> None:
    assert audio.to_int16(np.array([2.0, -2.0, 1.0])).tolist() == [32_767, -32_768, 32_767]


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    assert (
        audio.write(tmp_path / "a.flac", tone(), 16_000).sha256
        == audio.write(tmp_path / "b.flac", tone(), 16_000).sha256
    )
