"""Audio is decoded a block at a time, and it makes no difference where packets and blocks are cut."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

import mirror.store.sent_audio as module
from mirror.errors import StoreError
from mirror.store.sent_audio import check_written, understand_packets, write_exactly
from testsets.encoding import SAMPLE_BYTES, decode


def config(encoding: str) -> dict[str, Any]:
    return {"audio_format": {"type": "raw", "encoding": encoding, "sample_rate": 8_000}}


@given(st.sampled_from(["pcm_s16le", "pcm_f32le", "mulaw"]), st.lists(st.binary(max_size=40)), st.integers(1, 64))
def test_blocks_are_the_whole(encoding: Any, packets: list[bytes], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK_BYTES", block)
        audio = understand_packets(config(encoding), packets, "here")
        blocks = list(audio.blocks())
    data = b"".join(packets)
    whole = decode(data[: len(data) // SAMPLE_BYTES[encoding] * SAMPLE_BYTES[encoding]], encoding)
    assert np.array_equal(np.concatenate([*blocks, np.zeros(0, np.float32)]), whole, equal_nan=True)
    assert audio.samples == len(whole)


@pytest.mark.parametrize(
    ("encoding", "values", "suffix", "exact"),
    [
        ("pcm_s16le", np.array([-32_768, -1, 0, 1, 32_767], "<i2"), ".flac", True),
        ("pcm_f32le", np.array([-1, -0.5, 0, 0.25], "<f4"), ".flac", True),
        ("pcm_f32le", np.array([1.0, -2.5, 1e-9, np.inf], "<f4"), ".wav", True),
        ("pcm_f32le", np.array([0.5, np.nan], "<f4"), ".wav", True),
        ("pcm_f32le", np.array([0.5, -0.0], "<f4"), ".flac", False),  # the sign of a zero
        ("mulaw", np.array([0, 1, 0x80, 0xFF], "u1"), ".flac", True),
        ("mulaw", np.array([0x7F], "u1"), ".flac", False),  # the other code for zero
    ],
)
def test_what_is_exact(tmp_path: Path, encoding: str, values: Any, suffix: str, exact: bool) -> None:
    audio = understand_packets(config(encoding), [values.tobytes()], "here")
    path = write_exactly(audio, tmp_path / "audio", "here")
    assert path.suffix == suffix
    assert check_written(audio, path, "here") == exact


def test_half_a_sample_is_not_audio(tmp_path: Path) -> None:
    audio = understand_packets(config("pcm_s16le"), [b"\x01", b"\x02\x03"], "here")
    assert (audio.samples, audio.counts) == (1, (0, 1))
    assert not check_written(audio, write_exactly(audio, tmp_path / "audio", "here"), "here")


def test_other_samples_are_found(tmp_path: Path) -> None:
    audio = understand_packets(config("pcm_s16le"), [bytes(200)], "here")
    path = write_exactly(understand_packets(config("pcm_s16le"), [bytes(198) + b"\x01\x00"], ""), tmp_path / "a", "")
    with pytest.raises(StoreError, match="reads back otherwise"):
        check_written(audio, path, "here")
    path = write_exactly(understand_packets(config("pcm_s16le"), [bytes(202)], ""), tmp_path / "b", "")
    with pytest.raises(StoreError, match="reads back otherwise"):
        check_written(audio, path, "here")


def test_a_streamed_file_is_decoded(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.array([[100, 100], [-200, -200]], np.int16), 16_000, format="WAV")
    data = buffer.getvalue()
    audio = understand_packets({"audio_format": {"type": "file"}}, [data[:30], data[30:]], "here")
    assert (audio.rate, audio.samples, audio.encoding) == (16_000, 2, None)
    assert not check_written(audio, write_exactly(audio, tmp_path / "audio", "here"), "here")
    with pytest.raises(StoreError, match="cannot be decoded"):
        understand_packets({"audio_format": {"type": "file"}}, [b"no audio"], "here")
