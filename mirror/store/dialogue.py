"""What was said in a captured session: the config, the audio as sent, and everything that was answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mirror.codecs import Codec, Said, What, confirmed
from mirror.codecs.spoken import Spoken, wire_spoken
from mirror.errors import StoreError
from mirror.store.format import Side
from mirror.store.frames import Message
from mirror.store.recorded import Session
from mirror.store.sent_audio import SentAudio, understand_packets
from testsets.case import SentFrame
from testsets.events import Event, Kind


@dataclass(frozen=True, slots=True, eq=False)
class Dialogue:
    """A session in the words of this project."""

    config: Mapping[str, Any]  # as a case holds it
    audio: SentAudio
    packets: tuple[SentFrame, ...]  # since the recogniser was ready
    events: tuple[Event, ...]  # both sides in order; wall times since the session began

    @property
    def ended(self) -> bool:
        """True when the recogniser said that its transcript is complete."""
        return any(event.kind is Kind.ENDED for event in self.events)


def read_dialogue(session: Session) -> Dialogue:
    """Understand a session, whichever wire it spoke.

    Raises:
        StoreError: it never started, or its audio cannot be decoded.
    """
    where = str(session.path)
    spoken = _spoken(session)
    codec = spoken.codec(1)  # what a client says needs no rate
    said = [(message, codec.said(message.content)) for message in session.messages if message.side is Side.CLIENT]
    asked = next((item.config for _, item in said if item.what is What.START), None)
    if asked is None and not spoken.config:
        raise StoreError(where, f"the client never began a session ({spoken.name} wire); nothing to replay")
    config = {**spoken.config, **(asked or {})}
    sent = [(message, item) for message, item in said if item.what is What.AUDIO]
    audio = understand_packets(config, [item.audio for _, item in sent], where)
    events = tuple(_events(session, spoken.codec(audio.rate), audio.counts))
    started = next((event.wall_ns for event in events if event.kind is Kind.STARTED), None)
    if started is None:
        raise StoreError(where, f"the recogniser never said that it is ready ({spoken.name} wire); nothing to replay")
    return Dialogue(config, audio, _packets(sent, audio.counts, started), events)


def _packets(sent: list[tuple[Message, Said]], counts: tuple[int, ...], started_ns: int) -> tuple[SentFrame, ...]:
    before = (0, *counts)[: len(counts)]
    return tuple(
        SentFrame(max(0, message.at_ns - started_ns), count - last)
        for (message, _), count, last in zip(sent, counts, before, strict=True)
    )


def _spoken(session: Session) -> Spoken:
    first = next((message.content for message in session.messages if message.side is Side.CLIENT), None)
    return wire_spoken(session.request.target, first)


def _events(session: Session, codec: Codec, counts: tuple[int, ...]) -> Iterator[Event]:
    yield Event(Kind.OPENED, 0)
    if not codec.traits.greets:
        yield Event(Kind.STARTED, 0)
    sent = 0
    for message in session.messages:
        if message.side is Side.SERVER:
            yield from confirmed(codec.heard(message.content, message.at_ns), counts)
            continue
        item = codec.said(message.content)
        if item.what is What.AUDIO:
            yield Event(Kind.AUDIO, message.at_ns, samples=counts[sent])
            sent += 1
        elif item.what is What.END and sent == len(counts):
            codec.end(sent)  # it waits for what ends the transcript, as in a replay
            yield Event(Kind.SENT_END, message.at_ns)
        elif item.what in (What.END, What.OTHER):
            # On some wires what ends the stream may come amid it as well, between two utterances.
            yield Event(Kind.OTHER, message.at_ns, detail={"by": "client", **item.detail})
    for closing in session.closings[:1]:
        detail = {"code": closing.code, "reason": closing.reason, "by": str(closing.side)}
        yield Event(Kind.CLOSED, closing.at_ns, detail=detail)
