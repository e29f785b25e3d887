"""Compressed files in pieces: what whole files give, in memory that does not grow, and clear errors."""

import io
import threading
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.compressed import BEHIND, CompressedReader, with_length
from engine.audio.intake import Intake
from engine.protocol import AudioFormat, AudioType, ErrorType, MessageError

RATE = 16_000
KINDS = [("FLAC", "PCM_16"), ("OGG", "OPUS"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")]
RNG = np.random.default_rng(5)
PCM = (0.2 * np.sin(np.arange(2 * RATE) / 9) + RNG.normal(0, 0.01, 2 * RATE)).astype(np.float32)


def coded(kind: tuple[str, str], pcm: np.ndarray = PCM, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, pcm, rate, format=kind[0], subtype=kind[1])
    return file.getvalue()


FILES = {kind: coded(kind) for kind in KINDS}


def hear(pieces: list[bytes]) -> np.ndarray:
    intake = Intake(AudioFormat(AudioType.FILE, None))
    try:
        return np.concatenate([*(intake.step(piece) for piece in pieces), intake.end()])
    finally:
        intake.close()


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_give_what_the_whole_file_gives(kind: tuple[str, str]) -> None:
    data = FILES[kind]
    heard = hear([data[at : at + 700] for at in range(0, len(data), 700)])
    whole, _ = soundfile.read(io.BytesIO(data), dtype="float32")
    assert heard.shape == whole.shape
    assert np.max(np.abs(heard - whole)) <= 1e-6


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(KINDS), st.lists(st.integers(0, 2**20), max_size=6))
def test_cuts_do_not_matter(kind: tuple[str, str], cuts: list[int]) -> None:
    data = FILES[kind]
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    assert np.array_equal(hear([data[a:b] for a, b in pairwise(edges)]), hear([data]))


@pytest.mark.parametrize("kind", KINDS)
def test_samples_come_while_the_file_does(kind: tuple[str, str]) -> None:
    data, intake = coded(kind, np.tile(PCM, 6)), Intake(AudioFormat(AudioType.FILE, None))
    early = len(intake.step(data[: len(data) // 2]))
    assert early > 3 * RATE  # of six seconds
    assert abs(early + len(intake.step(data[len(data) // 2 :])) + len(intake.end()) - 12 * RATE) <= 4_096


def test_channels_are_averaged_and_rates_brought_to_sixteen_thousand() -> None:
    stereo = np.stack([np.tile(PCM, 3), np.zeros(6 * RATE, np.float32)], axis=1)
    heard = hear([coded(("FLAC", "PCM_16"), stereo, 48_000)])
    assert abs(len(heard) - 2 * RATE) <= 1
    assert 0.05 < np.max(np.abs(heard)) < 0.15


def test_bytes_that_were_read_are_forgotten() -> None:
    noise = RNG.normal(0, 0.2, 40 * RATE).astype(np.float32)
    data = coded(("FLAC", "PCM_16"), noise)
    assert len(data) > 10 * BEHIND
    reader = CompressedReader(data[:26])
    for at in range(0, len(data), 5_000):
        reader.step(data[at : at + 5_000])
        assert len(reader._file._bytes) <= 3 * BEHIND + 5_000
    reader.end()


def test_a_flac_that_does_not_know_its_length_is_heard_to_its_end() -> None:
    data = bytearray(FILES["FLAC", "PCM_16"])
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    assert with_length(bytes(data)) != bytes(data)
    assert len(hear([bytes(data)])) == len(PCM)


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"fLaC" + bytes(100), ErrorType.INVALID_AUDIO_TYPE, "cannot be read"),
        (b"ID3" + bytes(100), ErrorType.INVALID_AUDIO_TYPE, "cannot be read"),
        (FILES["OGG", "OPUS"][:60], ErrorType.INVALID_AUDIO_TYPE, "inside its header"),
        (coded(("FLAC", "PCM_16"), PCM, 96_000), ErrorType.INVALID_AUDIO_TYPE, "96000 samples a second"),
    ],
    ids=lambda value: repr(value[:4]) if isinstance(value, bytes) else None,  # an Ogg stream has a random number
)
def test_what_cannot_be_read_is_the_clients_error(data: bytes, kind: ErrorType, words: str) -> None:
    with pytest.raises(MessageError, match=words) as caught:
        hear([data])
    assert caught.value.type is kind


def test_a_message_that_unfolds_into_hours_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.audio.compressed.MOST_SECONDS", 1)
    with pytest.raises(MessageError, match="smaller messages") as caught:
        hear([FILES["FLAC", "PCM_16"]])
    assert caught.value.type is ErrorType.DATA_ERROR


def test_a_closed_reader_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    reader = CompressedReader(FILES["OGG", "OPUS"][:26])
    reader.step(FILES["OGG", "OPUS"][:3_000])
    (decoder,) = set(threading.enumerate()) - before
    reader.close()
    decoder.join(30)
    assert not decoder.is_alive()
