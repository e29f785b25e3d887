"""The state machine of one session: messages and reports in, actions out, no I/O.

A session waits for StartRecognition, runs while audio comes, ends after EndOfStream once every word is final, and is
over after EndOfTranscript or any Error. The shell performs the actions strictly in order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from engine import transcripts
from engine.intake import ENGINE_RATE
from engine.protocol import (
    AddAudio,
    AudioAdded,
    ClientMessage,
    CloseCode,
    EndOfStream,
    EndOfTranscript,
    EndOfUtterance,
    Error,
    ErrorType,
    ForceEndOfUtterance,
    GetSpeakers,
    MessageError,
    RecognitionStarted,
    ServerMessage,
    SetRecognitionConfig,
    SpeakersResult,
    StartRecognition,
    UtteranceMetadata,
    Warning,
    WarningType,
    close_code,
)
from engine.report import Report, UtteranceEnd
from engine.session_config import LANGUAGE, STANDARD, SessionConfig, read_change, read_start
from engine.writing.style import Style
from engine.writing.writer import Item, Writer

LANGUAGE_PACK = {
    "adapted": False,
    "itn": False,
    "language_description": "English",
    "word_delimiter": " ",
    "writing_direction": "left-to-right",
}


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message to the client."""

    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Open:
    """Take a slot of the engine; the shell answers a full engine with ``Session.fail``."""

    config: SessionConfig


@dataclass(frozen=True, slots=True)
class Feed:
    """Hand audio to the engine, waiting while its queue for this session is full."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Configure:
    """Change the running stream."""

    config: SessionConfig


@dataclass(frozen=True, slots=True)
class Flush:
    """Make everything up to a sample (None: all that was fed) final as soon as it is decoded."""

    until: int | None  # samples at 16 kHz


@dataclass(frozen=True, slots=True)
class Finish:
    """Tell the engine that no more audio comes."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection and free the slot."""

    code: int
    reason: str


Action = Send | Open | Feed | Configure | Flush | Finish | Close


class _State(Enum):
    WAITING = auto()
    RUNNING = auto()
    ENDING = auto()
    OVER = auto()


class Session:
    """One session.

    Args:
        id: told to the client.
        version: told to the client as the orchestrator's version.
        path_language: the language in the address (``/v2/en``), or None.
        models: the operating points that are served.
        spoken: the address asks for bare words (``/v2?words=spoken``).
    """

    def __init__(
        self,
        id: str,
        version: str,
        path_language: str | None = None,
        models: Collection[str] = (STANDARD,),
        spoken: bool = False,
    ) -> None:
        self._id, self._version, self._path_language, self._models = id, version, path_language, models
        self._spoken, self._writer = spoken, Writer(Style(spoken=True))
        self._state = _State.WAITING
        self._config: SessionConfig | None = None
        self._seq_no = 0
        self._warned_late_audio = False
        self._speakers_at_end = False
        self._shown: Sequence[object] = ()  # the words of the last partial

    @property
    def over(self) -> bool:
        """Nothing more will be said."""
        return self._state is _State.OVER

    def receive(self, message: ClientMessage) -> list[Action]:
        """What to do about a message of the client."""
        try:
            match self._state:
                case _State.WAITING:
                    return self._waiting(message)
                case _State.RUNNING:
                    return self._running(message)
                case _State.ENDING:
                    return self._ending(message)
                case _State.OVER:
                    return []
        except MessageError as error:
            return self.fail(error)

    def fail(self, error: MessageError) -> list[Action]:
        """End the session with an error."""
        if self.over:
            return []
        self._state = _State.OVER
        code = close_code(error.type)
        return [
            Send(Error(error.type, error.reason, code=int(code), seq_no=self._seq_no or None)),
            # A close frame has room for 123 bytes, and each character may need four.
            Close(int(code), error.type),
        ]

    def report(self, report: Report) -> list[Action]:
        """What to do about news of the engine."""
        if self._config is None or self.over:
            return []
        if report.error is not None:
            return self.fail(report.error)
        actions = self._told_finals(report)
        actions += self._told_partials(report)
        if report.ended:
            if self._speakers_at_end:
                actions.append(Send(SpeakersResult()))
            actions += [Send(EndOfTranscript()), Close(int(CloseCode.NORMAL), "the transcript is complete")]
            self._state = _State.OVER
        return actions

    def _waiting(self, message: ClientMessage) -> list[Action]:
        if not isinstance(message, StartRecognition):
            name = _name(message)
            raise MessageError(ErrorType.PROTOCOL_ERROR, f"{name} came before StartRecognition; send that first")
        self._config, notices = read_start(message, self._path_language, self._models, self._spoken)
        self._writer = Writer(self._config.style)
        self._state = _State.RUNNING
        served = {"model": self._config.model}
        started = RecognitionStarted(self._id, self._version, LANGUAGE_PACK, extra=served)
        return [Open(self._config), Send(started), *(Send(notice) for notice in notices)]

    def _running(self, message: ClientMessage) -> list[Action]:
        match message:
            case AddAudio(data):
                self._seq_no += 1
                return [Feed(data), Send(AudioAdded(self._seq_no))]
            case EndOfStream():
                self._state = _State.ENDING
                return [Finish()]
            case ForceEndOfUtterance(timestamp=None):
                return [Flush(None)]
            case ForceEndOfUtterance(timestamp=timestamp):
                return [Flush(_samples(timestamp))]
            case SetRecognitionConfig() if self._config is not None:
                self._config, notices = read_change(message, self._config, self._models)
                return [Configure(self._config), *(Send(notice) for notice in notices)]
            case _:
                return self._anytime(message)

    def _ending(self, message: ClientMessage) -> list[Action]:
        match message:
            case AddAudio():
                if self._warned_late_audio:
                    return []
                self._warned_late_audio = True
                reason = "audio after EndOfStream was ignored"
                return [Send(Warning(WarningType.ADD_AUDIO_AFTER_EOS, reason, seq_no=self._seq_no))]
            case EndOfStream() | ForceEndOfUtterance() | SetRecognitionConfig():
                raise MessageError(ErrorType.PROTOCOL_ERROR, f"{_name(message)} came after EndOfStream")
            case _:
                return self._anytime(message)

    def _anytime(self, message: ClientMessage) -> list[Action]:
        match message:
            case GetSpeakers(final=True):
                self._speakers_at_end = True
                return []
            case GetSpeakers():
                return [Send(SpeakersResult())]
            case StartRecognition():
                raise MessageError(ErrorType.PROTOCOL_ERROR, "StartRecognition came twice; open a new connection")
        name = _name(message)
        if name in ("AddChannelAudio", "EndOfChannel"):
            raise MessageError(ErrorType.NOT_ALLOWED, f"{name}: this session has no channels; send binary AddAudio")
        raise MessageError(ErrorType.INVALID_MESSAGE, f"message {name[:60]!r} is unknown")

    def _told_finals(self, report: Report) -> list[Action]:
        forced = report.utterance_end is not None and report.utterance_end.forced
        actions: list[Action] = []
        items = self._written(report)
        if items or forced:
            actions.append(Send(transcripts.final(items, report.decoded, LANGUAGE, forced)))
        if report.utterance_end is not None:
            actions.append(Send(_utterance_end(report.utterance_end)))
        return actions

    def _written(self, report: Report) -> tuple[Item, ...]:
        if report.ended or report.utterance_end is not None:
            return self._writer.end(report.finals, report.decoded)
        if not report.finals:
            return ()
        return self._writer.step(report.finals, report.upcoming, report.decoded)

    def _told_partials(self, report: Report) -> list[Action]:
        assert self._config is not None
        # A final replaces what was shown, so the rest is shown again; otherwise only news is worth a message.
        unchanged = not report.finals and tuple(report.partials) == tuple(self._shown)
        nothing = not report.partials and not self._shown
        self._shown = report.partials
        if not self._config.enable_partials or unchanged or nothing or report.ended:
            return []
        items = self._writer.preview(report.partials, report.decoded)
        return [Send(transcripts.partial(items, report.decoded, LANGUAGE))]


def _utterance_end(end: UtteranceEnd) -> EndOfUtterance:
    at = transcripts.seconds(end.at)
    return EndOfUtterance(UtteranceMetadata(at, at), forced=True if end.forced else None)


def _samples(timestamp: float | None) -> int:
    if timestamp is None or not 0 <= timestamp <= 48 * 3600:
        raise MessageError(ErrorType.INVALID_MESSAGE, f"timestamp {timestamp!r} is not a time within a session")
    return round(timestamp * ENGINE_RATE)


def _name(message: ClientMessage) -> str:
    return getattr(message, "message", None) or type(message).__name__
