"""Which wire a captured session spoke: from the path of its request and the first thing its client said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from mirror.codecs import Codec, Frame
from mirror.codecs.deepgram import DeepgramCodec, config_of
from mirror.codecs.openai_realtime import OpenAIRealtimeCodec
from mirror.codecs.sherpa import RATE as SHERPA_RATE
from mirror.codecs.sherpa import SherpaCodec
from mirror.codecs.speechmatics import SpeechmaticsCodec
from mirror.codecs.vosk import VoskCodec

_SHERPA = {"audio_format": {"type": "raw", "encoding": "pcm_f32le", "sample_rate": SHERPA_RATE}}


@dataclass(frozen=True, slots=True)
class Spoken:
    """The wire of a captured session."""

    name: str
    codec: Callable[[int], Codec]  # sample rate -> one session
    config: Mapping[str, Any] = field(default_factory=dict)  # what the request asked for, as a case holds it


def wire_spoken(path: str, first: Frame | None) -> Spoken:
    """The wire of a session; Speechmatics real-time where nothing speaks against it.

    Args:
        path: of the client's request, with its query.
        first: the client's first message; None when it said nothing.
    """
    route, _, query = path.partition("?")
    if route.endswith("/listen"):
        return Spoken("deepgram", DeepgramCodec, config_of(dict(parse_qsl(query))))
    if route.endswith("/realtime"):
        return Spoken("openai", OpenAIRealtimeCodec)
    if isinstance(first, bytes):
        return Spoken("sherpa", SherpaCodec, _SHERPA)
    if first is not None and '"config"' in first and '"message"' not in first:
        return Spoken("vosk", VoskCodec)
    return Spoken("speechmatics", SpeechmaticsCodec)
