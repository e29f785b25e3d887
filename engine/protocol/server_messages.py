"""What a server may say. Times are seconds of audio, as on the wire; ``extra`` holds fields not named here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.protocol.client_messages import NOTHING
from engine.protocol.unknown import Unknown


@dataclass(frozen=True, slots=True)
class Alternative:
    """One reading of a result."""

    content: str
    confidence: float | None = None  # 0..1, without meaning in partials
    language: str | None = None
    speaker: str | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Result:
    """A word, a punctuation mark or an entity, best alternative first."""

    type: str
    start_time: float
    end_time: float
    alternatives: tuple[Alternative, ...] = ()
    attaches_to: str | None = None
    is_eos: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class TranscriptMetadata:
    """The stretch of audio that a transcript message covers, and its text."""

    start_time: float
    end_time: float
    transcript: str
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class UtteranceMetadata:
    """When an utterance was found to have ended."""

    start_time: float | None = None
    end_time: float | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class RecognitionStarted:
    """The session is ready for audio."""

    id: str | None = None
    orchestrator_version: str | None = None
    language_pack_info: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class AudioAdded:
    """The audio frame of this number (from 1) was read."""

    seq_no: int
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class ChannelAudioAdded:
    """The audio frame of this number of one channel was read."""

    channel: str
    seq_no: int
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class AddPartialTranscript:
    """Words so far that are not final; the next partial or final replaces them."""

    metadata: TranscriptMetadata
    results: tuple[Result, ...] = ()
    format: str | None = None
    channel: str | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class AddTranscript:
    """Words that will not change any more."""

    metadata: TranscriptMetadata
    results: tuple[Result, ...] = ()
    format: str | None = None
    channel: str | None = None
    forced: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class EndOfUtterance:
    """The speaker paused."""

    metadata: UtteranceMetadata = UtteranceMetadata()
    channel: str | None = None
    forced: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class EndOfTranscript:
    """Every final has been sent."""

    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class SpeakersResult:
    """The speakers heard: each a label and its identifiers."""

    speakers: tuple[Mapping[str, Any], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Info:
    """Told in passing."""

    type: str
    reason: str = ""
    code: int | None = None
    seq_no: int | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Warning:  # the wire's own name
    """Something was not done as asked; the session goes on."""

    type: str
    reason: str = ""
    code: int | None = None
    seq_no: int | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Error:
    """The session failed; the connection closes next."""

    type: str
    reason: str = ""
    code: int | None = None
    seq_no: int | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


ServerMessage = (
    RecognitionStarted
    | AudioAdded
    | ChannelAudioAdded
    | AddPartialTranscript
    | AddTranscript
    | EndOfUtterance
    | EndOfTranscript
    | SpeakersResult
    | Info
    | Warning
    | Error
    | Unknown
)
