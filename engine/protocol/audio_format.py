"""The audio formats of StartRecognition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.protocol.codes import ErrorType, MessageError

MIN_RATE, MAX_RATE = 8_000, 48_000


class AudioType(StrEnum):
    """How the bytes of AddAudio are to be read: raw samples of one channel, or a whole file in pieces."""

    PCM_S16LE = "pcm_s16le"
    PCM_F32LE = "pcm_f32le"
    MULAW = "mulaw"
    FILE = "file"


_WIDTHS = {AudioType.PCM_S16LE: 2, AudioType.PCM_F32LE: 4, AudioType.MULAW: 1}


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A format that was understood."""

    type: AudioType
    sample_rate: int | None  # hertz; None for a file, whose header says it

    @property
    def bytes_per_sample(self) -> int | None:
        """Bytes of one raw sample, None for a file."""
        return _WIDTHS.get(self.type)

    def as_message(self) -> dict[str, Any]:
        """The value of ``audio_format`` in StartRecognition."""
        if self.type is AudioType.FILE:
            return {"type": "file"}
        return {"type": "raw", "encoding": str(self.type), "sample_rate": self.sample_rate}


def parse_audio_format(value: Mapping[str, Any]) -> AudioFormat:
    """Read the ``audio_format`` of StartRecognition.

    Raises:
        MessageError: invalid_audio_type, when it is not one of the formats above or its rate is out of range.
    """
    match value.get("type"):
        case "file":
            return AudioFormat(AudioType.FILE, None)
        case "raw":
            return AudioFormat(_encoding(value.get("encoding")), _rate(value.get("sample_rate")))
        case other:
            raise _invalid(f"audio_format.type is {other!r}; send 'raw' or 'file'")


def _encoding(value: object) -> AudioType:
    for encoding in _WIDTHS:
        if value == encoding.value:
            return encoding
    raise _invalid(f"audio_format.encoding is {value!r}; send one of {', '.join(_WIDTHS)}")


def _rate(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and MIN_RATE <= value <= MAX_RATE:
        return value
    raise _invalid(f"audio_format.sample_rate is {value!r}; send an integer from {MIN_RATE} to {MAX_RATE}")


def _invalid(reason: str) -> MessageError:
    return MessageError(ErrorType.INVALID_AUDIO_TYPE, reason)
