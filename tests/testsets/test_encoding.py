from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from testsets.audio import to_float32
from testsets.encoding import decode, encode
from testsets.errors import AudioError

RAW_ULAW = {"samplerate": 8_000, "format": "RAW", "subtype": "ULAW", "endian": "FILE"}


def test_mulaw_encodes_every_value_as_libsndfile_does(tmp_path: Path) -> None:
    every = np.arange(-32_768, 32_768).astype(np.int16)
    soundfile.write(tmp_path / "a.raw", every, **RAW_ULAW)
    assert encode(to_float32(every), "mulaw") == (tmp_path / "a.raw").read_bytes()


def test_mulaw_decodes_every_code_as_libsndfile_does(tmp_path: Path) -> None:
    codes = bytes(range(256))
    (tmp_path / "a.raw").write_bytes(codes)
    samples, _ = soundfile.read(tmp_path / "a.raw", dtype="float32", channels=1, **RAW_ULAW)
    assert np.array_equal(decode(codes, "mulaw"), samples)


def test_mulaw_keeps_what_it_once_decoded() -> None:
    codes = bytes(range(256))
    again = encode(decode(codes, "mulaw"), "mulaw")
    assert again == codes.replace(b"\x7f", b"\xff")  # both zeros decode to 0


@given(arrays(np.int16, st.integers(0, 50)))
def test_pcm_survives_the_wire(pcm: np.ndarray) -> None:
    samples = to_float32(pcm)
    assert np.array_equal(decode(encode(samples, "pcm_s16le"), "pcm_s16le"), samples)
    assert np.array_equal(decode(encode(samples, "pcm_f32le"), "pcm_f32le"), samples)


def test_half_a_sample_is_an_error() -> None:
    with pytest.raises(AudioError, match="3 bytes end inside a sample of 2 bytes"):
        decode(b"abc", "pcm_s16le")
