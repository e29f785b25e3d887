"""From an address to its wire: ``ws://`` is Speechmatics, ``NAME+ws://`` one of the others, ``http://`` takes files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mirror.codecs import Codec
from mirror.codecs.deepgram import DeepgramCodec
from mirror.codecs.exchange import Exchange
from mirror.codecs.openai_realtime import OpenAIRealtimeCodec
from mirror.codecs.openai_transcriptions import OpenAITranscription
from mirror.codecs.sherpa import SherpaCodec
from mirror.codecs.speechmatics import SpeechmaticsCodec
from mirror.codecs.speechmatics_batch import SpeechmaticsBatch
from mirror.codecs.vosk import VoskCodec
from mirror.errors import ReplayError

SPEECHMATICS = "speechmatics"

STREAMING: Mapping[str, Callable[[int], Codec]] = {
    SPEECHMATICS: SpeechmaticsCodec,
    "vosk": VoskCodec,
    "sherpa": SherpaCodec,
    "deepgram": DeepgramCodec,
    "openai": OpenAIRealtimeCodec,
}
FILES: Mapping[str, Callable[[int], Exchange]] = {SPEECHMATICS: SpeechmaticsBatch, "openai": OpenAITranscription}


@dataclass(frozen=True, slots=True)
class Wire:
    """How to speak with one address; exactly one of the two makers is there."""

    name: str
    url: str  # without the wire's name
    codec: Callable[[int], Codec] | None  # sample rate -> one session
    exchange: Callable[[int], Exchange] | None  # sample rate -> one case


def is_address(text: str) -> bool:
    """True for what looks like the address of a live recogniser, whether or not its wire is known."""
    return text.partition("://")[0].rpartition("+")[2] in ("ws", "wss", "http", "https") and "://" in text


def wire_of(address: str) -> Wire:
    """The wire of an address.

    Args:
        address: ``[NAME+]ws(s)://...`` or ``[NAME+]http(s)://...``.

    Raises:
        ReplayError: no such wire.
    """
    scheme, _, rest = address.partition("://")
    name, _, transport = scheme.rpartition("+")
    name = name or SPEECHMATICS
    streams = transport in ("ws", "wss")
    known: Mapping[str, object] = STREAMING if streams else FILES
    if not is_address(address) or name not in known:
        raise ReplayError(address, f"this is no address of a known wire; use {', '.join(schemes())}")
    url = f"{transport}://{rest}"
    return Wire(name, url, STREAMING[name] if streams else None, None if streams else FILES[name])


def schemes() -> list[str]:
    """Every scheme, as users type it."""
    prefixes = {name: "" if name == SPEECHMATICS else f"{name}+" for name in (*STREAMING, *FILES)}
    return [f"{prefixes[name]}ws://" for name in STREAMING] + [f"{prefixes[name]}http://" for name in FILES]
