"""Audio from the wire: every encoding, every cut, every rate, and WAV in pieces."""

import io
import struct
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.intake import Intake
from engine.protocol import AudioFormat, AudioType, ErrorType, MessageError

RNG = np.random.default_rng(7)
TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(8_000) / 16_000)).astype(np.float32)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def take(audio_format: AudioFormat, frames: list[bytes]) -> np.ndarray:
    intake = Intake(audio_format)
    return np.concatenate([*(intake.step(frame) for frame in frames), intake.end()])


def wav(pcm: np.ndarray, rate: int, subtype: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, pcm, rate, format="WAV", subtype=subtype)
    return file.getvalue()


def raw(subtype: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, TONE, 16_000, format="RAW", subtype=subtype)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "subtype", "bound"),
    [
        (AudioType.PCM_S16LE, "PCM_16", 1 / 32_768),
        (AudioType.PCM_F32LE, "FLOAT", 0.0),
        (AudioType.MULAW, "ULAW", 1 / 64),  # half a step of mu-law at 0.5 is 1 / 128
    ],
)
def test_raw_encodings_are_read_as_soundfile_wrote_them(kind: AudioType, subtype: str, bound: float) -> None:
    heard = take(AudioFormat(kind, 16_000), [raw(subtype)])
    assert heard.shape == TONE.shape
    assert np.max(np.abs(heard - TONE)) <= bound


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"])
def test_wav_encodings_equal_what_soundfile_reads(subtype: str) -> None:
    data = wav(TONE, 16_000, subtype)
    heard = take(AudioFormat(AudioType.FILE, None), [data])
    expected, _ = soundfile.read(io.BytesIO(data), dtype="float32")
    assert heard.shape == expected.shape
    assert np.max(np.abs(heard - expected)) <= 1e-6


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["raw s16", "raw f32", "raw mulaw", "wav stereo"]),
    st.sampled_from([8_000, 11_025, 16_000, 44_100, 48_000]),
    st.lists(st.integers(0, 2**20), max_size=12),
)
def test_cuts_do_not_matter(kind: str, rate: int, cuts: list[int]) -> None:
    pcm = RNG.uniform(-0.9, 0.9, 3_000).astype(np.float32)
    formats = {
        "raw s16": (AudioFormat(AudioType.PCM_S16LE, rate), (pcm * 32_767).astype("<i2").tobytes()),
        "raw f32": (AudioFormat(AudioType.PCM_F32LE, rate), pcm.tobytes()),
        "raw mulaw": (AudioFormat(AudioType.MULAW, rate), RNG.integers(0, 256, 3_000, np.uint8).tobytes()),
        "wav stereo": (AudioFormat(AudioType.FILE, None), wav(np.stack([pcm, -pcm / 2], 1), rate, "PCM_16")),
    }
    audio_format, data = formats[kind]
    whole, cut = take(audio_format, [data]), take(audio_format, pieces(data, cuts))
    assert whole.shape == cut.shape
    assert abs(len(whole) - 3_000 * 16_000 / rate) <= 1
    assert np.max(np.abs(whole - cut)) <= 1e-6


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_resampling_keeps_the_tone_and_its_place(rate: int) -> None:
    seconds = np.arange(rate) / rate
    pcm = (0.5 * np.sin(2 * np.pi * 440 * seconds)).astype(np.float32)
    heard = take(AudioFormat(AudioType.PCM_F32LE, rate), [pcm.tobytes()])
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    assert np.max(np.abs(heard - expected)[800:-800]) <= 1e-3


def test_resampling_holds_back_less_than_fifty_milliseconds() -> None:
    intake = Intake(AudioFormat(AudioType.PCM_S16LE, 8_000))
    given = heard = 0
    for _ in range(40):
        heard += len(intake.step(bytes(1_600)))
        given += 1_600
        assert given - heard <= 800 + 1_600  # one packet of 100 ms may wait inside the filter's block


def test_numbers_that_are_none_become_silence() -> None:
    data = np.array([np.nan, np.inf, -np.inf, 3.0, 0.25], "<f4").tobytes()
    assert take(AudioFormat(AudioType.PCM_F32LE, 16_000), [data]).tolist() == [0.0, 1.0, -1.0, 1.0, 0.25]


def test_a_streamed_wav_without_length_is_read_to_the_end() -> None:
    data = bytearray(wav(TONE, 16_000, "PCM_16"))
    struct.pack_into("<I", data, 40, 0xFFFFFFFF)
    assert len(take(AudioFormat(AudioType.FILE, None), [bytes(data)])) == len(TONE)


def test_chunks_after_the_samples_are_not_audio() -> None:
    data = wav(TONE, 16_000, "PCM_16") + b"LIST\x04\x00\x00\x00abcd"
    assert len(take(AudioFormat(AudioType.FILE, None), [data])) == len(TONE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x00\x00\x00\x20ftypM4A ", "cannot be read .it begins with"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "is not WAV"),
        (b"RIFF\x00\x00\x00\x00WAVEdata\x04\x00\x00\x00abcd", "no format before its samples"),
        (b"RIFF\x00\x00\x00\x00WAVEjunk\x00\x00\x00\x7f" + bytes(20), "no samples within its first MiB"),
        (wav(TONE, 4_000, "PCM_16"), "4000 samples a second"),
        (wav(TONE, 16_000, "IMA_ADPCM"), "cannot be read"),
    ],
)
def test_other_files_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(MessageError, match=reason) as caught:
        take(AudioFormat(AudioType.FILE, None), [data])
    assert caught.value.type is ErrorType.INVALID_AUDIO_TYPE


@pytest.mark.parametrize("data", [wav(TONE, 16_000, "PCM_16")[:30], wav(TONE, 16_000, "PCM_16")[:3], b"fLaC\x00"])
def test_a_file_cut_inside_its_header_says_so(data: bytes) -> None:
    with pytest.raises(MessageError, match="inside its header") as caught:
        take(AudioFormat(AudioType.FILE, None), [data])
    assert caught.value.type is ErrorType.DATA_ERROR


def test_no_audio_at_all_is_no_error() -> None:
    assert len(take(AudioFormat(AudioType.FILE, None), [])) == 0
    assert len(take(AudioFormat(AudioType.PCM_S16LE, 8_000), [])) == 0
