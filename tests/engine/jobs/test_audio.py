"""Recordings of every kind as the same samples, in small blocks; what is no recording is refused with a reason."""

import resource
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.jobs.audio import BLOCK_S, blocks, probe
from engine.jobs.errors import AudioError

RATE = 16_000


def tone(seconds: float = 1.5, rate: int = RATE) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)


def heard(path: Path) -> np.ndarray:
    return np.concatenate(list(blocks(path)), axis=1)[0]


@pytest.mark.parametrize(
    ("name", "subtype", "rate"),
    [
        ("a.wav", "PCM_16", 16_000), ("a.wav", "PCM_24", 44_100), ("a.wav", "ULAW", 8_000), ("a.wav", "FLOAT", 96_000),
        ("a.flac", "PCM_16", 22_050), ("a.ogg", "VORBIS", 48_000), ("a.ogg", "OPUS", 48_000),
        ("a.mp3", "MPEG_LAYER_III", 32_000), ("a.aiff", "PCM_16", 11_025),
    ],
)  # fmt: skip
def test_every_kind_is_the_same_sound(tmp_path: Path, name: str, subtype: str, rate: int) -> None:
    soundfile.write(tmp_path / name, np.stack([tone(rate=rate)] * 2, axis=1), rate, subtype=subtype)
    pcm = heard(tmp_path / name)
    assert pcm.dtype == np.float32
    assert abs(len(pcm) - 1.5 * RATE) < 0.15 * RATE  # MP3 has a beginning and an end of its own
    assert abs(probe(tmp_path / name) - len(pcm)) <= 0.1 * RATE
    spectrum = np.abs(np.fft.rfft(pcm[4_000:20_000]))
    assert int(spectrum.argmax()) == 440
    assert np.abs(pcm[4_000:20_000]).max() == pytest.approx(0.5, abs=0.1)


def test_blocks_are_the_whole(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(2.5 * BLOCK_S), RATE, subtype="FLOAT")
    found = list(blocks(tmp_path / "a.wav"))
    assert [block.shape[1] for block in found] == [BLOCK_S * RATE] * 2 + [BLOCK_S * RATE // 2]
    assert np.array_equal(np.concatenate(found, axis=1)[0], tone(2.5 * BLOCK_S).astype(np.float32))


def test_channels_are_averaged_and_what_is_no_number_is_silence(tmp_path: Path) -> None:
    pcm = np.tile(np.array([[0.5, 0.1]]), (100, 1))
    pcm[3, 0], pcm[4, 0], pcm[5, 0] = np.nan, np.inf, -7.0
    soundfile.write(tmp_path / "a.wav", pcm, RATE, subtype="DOUBLE")
    found = heard(tmp_path / "a.wav")
    assert found[[0, 3, 4, 5]] == pytest.approx([0.3, 0.05, 0.55, -0.45])


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_channels_told_apart(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.flac", np.stack([tone(12, rate), 0 * tone(12, rate)], axis=1), rate)
    found = np.concatenate(list(blocks(tmp_path / "a.flac", apart=True)), axis=1)
    assert found.shape == (2, 12 * RATE)
    assert np.abs(found).max(axis=1) == pytest.approx([0.5, 0.0], abs=0.01)


def test_too_many_channels_are_not_told_apart(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((100, 9)), RATE)
    assert probe(tmp_path / "a.wav") == 100
    with pytest.raises(AudioError, match="9 channels"):
        probe(tmp_path / "a.wav", apart=True)


@pytest.mark.parametrize("content", [b"", b"hello, I am no audio", b"RIFF\x00\x00\x00\x00WAVE", b"\x00" * 5_000])
def test_what_is_not_audio_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"send WAV|empty"):
        probe(path)
    with pytest.raises(AudioError):
        heard(path)


def test_a_playlist_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    soundfile.write(secret, tone(), RATE)
    path = tmp_path / "a.m3u8"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n")
    with pytest.raises(AudioError, match="not audio"):
        probe(path)


def test_no_samples_are_no_recording(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(0), RATE)
    with pytest.raises(AudioError, match="no samples"):
        heard(tmp_path / "a.wav")


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF])
def test_a_recorder_that_died_leaves_a_length_of_nothing(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(), 8_000)
    content = bytearray(path.read_bytes())
    at = content.index(b"data")
    content[at + 4 : at + 8] = struct.pack("<I", length)
    path.write_bytes(content)
    assert len(heard(path)) == pytest.approx(len(tone()) * 2, abs=10)


@settings(max_examples=60)
@given(
    st.sampled_from(["wav", "flac", "ogg", "aiff", "caf", "au", "w64"]),
    st.lists(st.tuples(st.integers(0, 199), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 400),
)
def test_a_damaged_header_is_samples_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, kind: str, changes: list[tuple[int, int]], cut: int
) -> None:
    path = tmp_path_factory.mktemp("damaged") / f"a.{kind}"
    soundfile.write(path, tone(0.1), RATE)
    content = bytearray(path.read_bytes())
    for at, value in changes:
        content[at % len(content)] = value
    path.write_bytes(content[: len(content) - cut])
    for look in (probe, heard):
        try:
            look(path)
        except AudioError as error:
            assert len(str(error)) < 400  # noqa: PT017 - either is right


@pytest.mark.parametrize("rate", [2_000, 384_000])
def test_rates_beyond_sound(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(100), rate)
    with pytest.raises(AudioError, match="samples a second"):
        probe(tmp_path / "a.wav")


def test_a_file_cut_short_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(4), RATE)
    whole = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(whole[: len(whole) // 2])
    assert len(heard(tmp_path / "a.wav")) == pytest.approx(2 * RATE, abs=100)


def test_a_damaged_file_ends_in_words_or_in_a_reason(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 30 * RATE)
    soundfile.write(tmp_path / "a.flac", noise, RATE)
    content = bytearray((tmp_path / "a.flac").read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4_000] = b"\xff" * 4_000
    (tmp_path / "a.flac").write_bytes(content)
    reason, length = "", 0
    try:
        length = len(heard(tmp_path / "a.flac"))
    except AudioError as error:
        reason = str(error)
    assert "damaged" in reason or 0 < length <= 30 * RATE


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "a.flac", "w", RATE, 1) as file:
        for _ in range(30):
            file.write(np.zeros(RATE * 60, np.int16))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(block.shape[1] for block in blocks(tmp_path / "a.flac")) == 1_800 * RATE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 << 10  # KiB; the half hour has 115 MB


@pytest.mark.skipif(shutil.which("ffmpeg") is not None, reason="ffmpeg is installed")
def test_without_ffmpeg_its_formats_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.m4a").write_bytes(b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00")
    with pytest.raises(AudioError, match="needs the program ffmpeg"):
        probe(tmp_path / "a.m4a")


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize("name", ["a.m4a", "a.aac", "a.mka"])
def test_ffmpeg_decodes_what_libsndfile_cannot(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / "a.wav", tone(25.0), RATE)
    subprocess.run(["ffmpeg", "-v", "error", "-i", tmp_path / "a.wav", "-c:a", "aac", tmp_path / name], check=True)
    assert probe(tmp_path / name) == 0
    found = list(blocks(tmp_path / name))
    assert len(found) == 3
    assert sum(block.shape[1] for block in found) == pytest.approx(25 * RATE, abs=0.2 * RATE)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:40])
    with pytest.raises(AudioError, match=r"cannot be decoded|no samples"):
        heard(tmp_path / name)
