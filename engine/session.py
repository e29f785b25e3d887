"""The state machine of one session: messages and reports in, actions out, no I/O.

A session waits for StartRecognition, runs while audio comes, ends after EndOfStream once every word is final, and is
over after EndOfTranscript or any Error. The shell performs the actions strictly in order.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterable
from enum import Enum, auto

from engine.actions import Action, Close, Configure, Feed, Finish, Flush, Open, Send
from engine.audio.intake import ENGINE_RATE
from engine.protocol import (
    AddAudio,
    AddChannelAudio,
    AudioAdded,
    ChannelAudioAdded,
    ClientMessage,
    CloseCode,
    EndOfChannel,
    EndOfStream,
    EndOfTranscript,
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
    close_code,
)
from engine.report import Report
from engine.session_config import STANDARD, SessionConfig, read_change, read_start
from engine.session_stream import SessionStream
from engine.writing.writer import Writer

__all__ = ["LANGUAGE_PACK", "Action", "Close", "Configure", "Feed", "Finish", "Flush", "Open", "Send", "Session"]

LANGUAGE_PACK = {
    "adapted": False,
    "itn": True,
    "language_description": "English",
    "word_delimiter": " ",
    "writing_direction": "left-to-right",
}


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
        self._spoken = spoken
        self._state = _State.WAITING
        self._config: SessionConfig | None = None
        self._streams: dict[str | None, SessionStream] = {}
        self._last_seq_no = 0
        self._speakers_at_end = False

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
            Send(Error(error.type, error.reason, code=int(code), seq_no=self._last_seq_no or None)),
            # A close frame has room for 123 bytes, and each character may need four.
            Close(int(code), error.type),
        ]

    def report(self, report: Report, channel: str | None = None) -> list[Action]:
        """What to do about news of the engine about a stream."""
        if self._config is None or self.over:
            return []
        if report.error is not None:
            return self.fail(report.error)
        stream = self._streams[channel]
        actions = _sent(stream.told(report, self._config.enable_partials))
        if all(stream.over for stream in self._streams.values()):
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
        self._state = _State.RUNNING
        channels = self._config.channels
        self._streams = {label: SessionStream(label, Writer(self._config.style)) for label in channels or (None,)}
        served = {"model": self._config.model} | ({"channel_ids": list(channels)} if channels else {})
        started = RecognitionStarted(self._id, self._version, LANGUAGE_PACK, extra=served)
        return [Open(self._config), Send(started), *(Send(notice) for notice in notices)]

    def _running(self, message: ClientMessage) -> list[Action]:
        match message:
            case AddAudio(data):
                return [Feed(data), Send(AudioAdded(self._count(self._stream(None, message))))]
            case AddChannelAudio(channel, data):
                return self._add_channel_audio(message, channel, data)
            case EndOfChannel(channel):
                return self._finish(self._unfinished(channel, message))
            case EndOfStream():
                return self._finish([label for label, stream in self._streams.items() if not stream.finished])
            case ForceEndOfUtterance(timestamp=timestamp, channel=channel):
                until = None if timestamp is None else _samples(timestamp)
                labels = list(self._streams) if channel is None else self._unfinished(channel, message)
                return [Flush(until, label) for label in labels if not self._streams[label].finished]
            case SetRecognitionConfig() if self._config is not None:
                self._config, notices = read_change(message, self._config, self._models)
                return [Configure(self._config), *(Send(notice) for notice in notices)]
            case _:
                return self._anytime(message)

    def _ending(self, message: ClientMessage) -> list[Action]:
        match message:
            case AddAudio():
                return _sent(self._stream(None, message).late_audio("EndOfStream"))
            case AddChannelAudio(channel):
                return _sent(self._stream(channel, message).late_audio("EndOfStream"))
            case EndOfStream() if None not in self._streams:
                return []  # every channel has ended already: some clients end the stream as well
            case EndOfStream() | EndOfChannel() | ForceEndOfUtterance() | SetRecognitionConfig():
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
        raise MessageError(ErrorType.INVALID_MESSAGE, f"message {_name(message)[:60]!r} is unknown")

    def _add_channel_audio(self, message: ClientMessage, channel: str, data: str) -> list[Action]:
        stream = self._stream(channel, message)
        if stream.finished:
            return _sent(stream.late_audio("EndOfChannel"))
        try:
            audio = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            raise MessageError(ErrorType.INVALID_MESSAGE, "AddChannelAudio.data is not base64") from None
        return [Feed(audio, channel), Send(ChannelAudioAdded(channel, self._count(stream)))]

    def _finish(self, labels: Collection[str | None]) -> list[Action]:
        for label in labels:
            self._streams[label].finished = True
        if all(stream.finished for stream in self._streams.values()):
            self._state = _State.ENDING
        return [Finish(label) for label in labels]

    def _unfinished(self, channel: str, message: ClientMessage) -> list[str | None]:
        if self._stream(channel, message).finished:
            raise MessageError(ErrorType.PROTOCOL_ERROR, f"{_name(message)} came after the channel's end")
        return [channel]

    def _stream(self, channel: str | None, message: ClientMessage) -> SessionStream:
        """The stream that a message is about."""
        if channel in self._streams:
            return self._streams[channel]
        name = _name(message)
        if channel is None:
            raise MessageError(ErrorType.NOT_ALLOWED, f"{name}: this session has channels; send AddChannelAudio")
        if None in self._streams:
            raise MessageError(ErrorType.NOT_ALLOWED, f"{name}: this session has no channels; send binary AddAudio")
        known = ", ".join(str(label) for label in self._streams)
        raise MessageError(ErrorType.INVALID_MESSAGE, f"{name}.channel {channel[:100]!r} is none of {known}")

    def _count(self, stream: SessionStream) -> int:
        stream.seq_no += 1
        self._last_seq_no = stream.seq_no
        return stream.seq_no


def _sent(messages: Iterable[ServerMessage]) -> list[Action]:
    return [Send(message) for message in messages]


def _samples(timestamp: float | None) -> int:
    if timestamp is None or not 0 <= timestamp <= 48 * 3600:
        raise MessageError(ErrorType.INVALID_MESSAGE, f"timestamp {timestamp!r} is not a time within a session")
    return round(timestamp * ENGINE_RATE)


def _name(message: ClientMessage) -> str:
    return getattr(message, "message", None) or type(message).__name__
