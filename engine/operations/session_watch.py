"""What is measured and logged of one session: moments and amounts, never what was said."""

from __future__ import annotations

import logging
from collections.abc import Callable

from engine.actions import Action, Configure, Open
from engine.operations.lateness import Arrivals
from engine.operations.log import fields
from engine.operations.meters import Meters
from engine.protocol import (
    AddAudio,
    AddChannelAudio,
    AddPartialTranscript,
    AddTranscript,
    AudioFormat,
    ClientMessage,
    EndOfChannel,
    EndOfStream,
    Error,
    ErrorType,
    RecognitionStarted,
    Result,
    ServerMessage,
)
from engine.session_config import MAX_CHANNELS, SessionConfig

LOG = logging.getLogger(__name__)
_NS = 1_000_000_000


class SessionWatch:
    """Watches one session.

    Args:
        meters: of the service.
        clock: nanoseconds of a monotonic clock.
        client: who it is, as an API key's id or a token's subject.
    """

    def __init__(self, meters: Meters, clock: Callable[[], int], client: str) -> None:
        self._meters, self._clock, self._client = meters, clock, client
        self._began = clock()
        self._id: str | None = None
        self._config: SessionConfig | None = None
        self._ending = False
        self._ended: set[str] = set()  # channels
        self._arrivals: dict[str | None, Arrivals] = {}  # of each channel
        self._bytes = 0
        self._finals = 0
        self._words = 0
        self._latest: float | None = None  # seconds, the worst lateness
        self._error: str | None = None

    def received(self, message: ClientMessage) -> None:
        """Note when audio arrived, and when it ended."""
        match message:
            case AddAudio(data):
                self._note_audio(None, len(data))
            case AddChannelAudio(channel, data):
                self._note_audio(channel, len(data) // 4 * 3 - data.count("=", -2))
            case EndOfChannel(channel) if channel in self._arrivals:
                self._ended.add(channel)
            case EndOfStream():
                self._ending = True

    def performing(self, action: Action) -> None:
        """Note how the session is set."""
        match action:
            case Open(config) | Configure(config):
                self._config = config

    def sent(self, message: ServerMessage) -> None:
        """Count what left, and how late it was."""
        match message:
            case RecognitionStarted(id):
                self._start(id)
            case AddTranscript(results=results, channel=channel, forced=forced):
                self._note_finals(results, channel, asked_for=bool(forced) or self._has_ended(channel))
            case AddPartialTranscript(results=results, channel=channel) if results:
                self._note_partial(results[-1], channel)
            case Error(type):
                self._note_error(type)

    def over(self) -> None:
        """Log the session's end."""
        LOG.info(
            "session ended",
            extra=fields(
                session=self._id,
                client=self._client,
                seconds=round((self._clock() - self._began) / _NS, 3),
                audio_bytes=self._bytes,
                finals=self._finals,
                words=self._words,
                latest_final=self._latest,
                error=self._error,
            ),
        )

    def _start(self, id: str | None) -> None:
        self._id = id
        self._meters.started.inc()
        config = self._config
        if config is None:
            return
        LOG.info(
            "session started",
            extra=fields(
                session=id,
                client=self._client,
                encoding=str(config.audio_format.type),
                sample_rate=config.audio_format.sample_rate,
                max_delay=config.max_delay,
                partials=config.enable_partials,
            ),
        )

    def _note_audio(self, channel: str | None, size: int) -> None:
        self._bytes += size
        if channel not in self._arrivals:
            rate = _bytes_per_second(self._config.audio_format) if self._config is not None else None
            # Of a file the place of a byte in time is not known here; and a stranger may name channels without end.
            if rate is None or len(self._arrivals) >= MAX_CHANNELS:
                return
            self._arrivals[channel] = Arrivals(rate)
        self._arrivals[channel].came(size, self._clock())

    def _note_finals(self, results: tuple[Result, ...], channel: str | None, asked_for: bool) -> None:
        self._finals += 1
        ends = [result.end_time for result in results if result.type != "punctuation"]
        self._words += len(ends)
        self._meters.words.inc(len(ends))
        arrivals = self._arrivals.get(channel)
        if arrivals is None or self._config is None or asked_for:
            return
        delay, now = self._config.max_delay * _NS // 16_000, self._clock()
        for end in ends:
            due = arrivals.due(round(end * _NS))
            if due is not None:
                late = (now - due - delay) / _NS
                self._meters.lateness.observe(late)
                self._latest = round(late if self._latest is None else max(late, self._latest), 3)

    def _has_ended(self, channel: str | None) -> bool:
        return self._ending or channel in self._ended

    def _note_partial(self, last: Result, channel: str | None) -> None:
        arrivals = self._arrivals.get(channel)
        due = arrivals.due(round(last.end_time * _NS)) if arrivals is not None else None
        if due is not None:
            self._meters.latency.observe((self._clock() - due) / _NS)

    def _note_error(self, type: str) -> None:
        self._error = str(type)
        self._meters.errors.labels(str(type)).inc()
        if type == ErrorType.QUOTA_EXCEEDED:
            self._meters.refused.labels(str(type)).inc()


def _bytes_per_second(audio_format: AudioFormat) -> int | None:
    width, rate = audio_format.bytes_per_sample, audio_format.sample_rate
    return None if width is None or rate is None else width * rate
