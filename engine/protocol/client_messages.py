"""What a client may say. ``extra`` holds fields that the specification does not name; they survive a round trip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from engine.protocol.unknown import Unknown

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StartRecognition:
    """Begins a session; both mappings are as sent, judged later by whoever serves them."""

    audio_format: Mapping[str, Any]
    transcription_config: Mapping[str, Any]
    translation_config: Mapping[str, Any] | None = None
    audio_events_config: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class AddAudio:
    """One binary frame of audio, cut anywhere (even inside a sample)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class AddChannelAudio:
    """Audio of one channel."""

    channel: str
    data: str  # base64
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class EndOfStream:
    """No more audio will come."""

    last_seq_no: int | None = None  # real clients disagree on what they count: judge nothing by it
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class EndOfChannel:
    """No more audio of one channel will come."""

    channel: str
    last_seq_no: int | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class ForceEndOfUtterance:
    """Asks for everything spoken so far as finals, now."""

    timestamp: float | None = None  # seconds of audio
    channel: str | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class SetRecognitionConfig:
    """Changes what may be changed in a running session."""

    transcription_config: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class GetSpeakers:
    """Asks for the speakers heard, now or (``final``) at the end."""

    final: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


ClientMessage = (
    StartRecognition
    | AddAudio
    | AddChannelAudio
    | EndOfStream
    | EndOfChannel
    | ForceEndOfUtterance
    | SetRecognitionConfig
    | GetSpeakers
    | Unknown
)
