"""Sessions of a store as cases to replay, and as the event logs of the recogniser that answered in production."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mirror.errors import StoreError
from mirror.store.dialogue import Dialogue, read_dialogue
from mirror.store.recorded import Session
from mirror.store.sealed import SealedSession
from mirror.store.sent_audio import write_exactly
from mirror.store.session import Kept
from testsets.audio import probe
from testsets.case import Case, Pacing, SentFrame
from testsets.events import Event, EventLog, Kind


def as_case(session: Kept, audio_out: Path) -> Case:
    """A case that replays a session; the same case whether the session was sealed or not.

    Args:
        session: a session of a store.
        audio_out: folder that takes the audio exactly as it was sent: FLAC, or WAV for true 32 bit floats.

    Raises:
        StoreError: the session holds nothing to replay, or the folder cannot be written.
    """
    where, stem = str(session.path), audio_out / session.id
    if isinstance(session, SealedSession):
        path, packets = session.audio_to(stem), tuple(sent_frames(session.log().events))
        config = session.config
    else:
        dialogue = read_dialogue(session)
        if not dialogue.audio.samples:
            raise StoreError(where, "the client sent no audio; nothing to replay")
        path, packets, config = write_exactly(dialogue.audio, stem, where), dialogue.packets, dialogue.config
    return Case(
        id=session.id,
        audio=probe(path),
        cluster=session.cluster or session.id,
        tags=dict(session.tags),
        config=dict(config),
        pacing=Pacing(frames=packets),
    )


def event_log(session: Kept) -> EventLog:
    """What production answered; wall times count from the begin of the session.

    Raises:
        StoreError: the session never started, or its audio cannot be decoded.
    """
    return session.log() if isinstance(session, SealedSession) else log_of(session, read_dialogue(session))


def config_of(session: Kept) -> Mapping[str, Any]:
    """The config of a session, as a case holds it.

    Raises:
        StoreError: the session never started, or its audio cannot be decoded.
    """
    return session.config if isinstance(session, SealedSession) else read_dialogue(session).config


def log_of(session: Session, dialogue: Dialogue) -> EventLog:
    """The event log of a session that was understood."""
    recogniser = f"captured:{session.upstream}"
    return EventLog(session.id, recogniser, dialogue.audio.rate, dialogue.events, _failure(session, dialogue))


def sent_frames(events: tuple[Event, ...]) -> Iterator[SentFrame]:
    """When each packet was sent since RecognitionStarted, and how much audio it held."""
    started = next(event.wall_ns for event in events if event.kind is Kind.STARTED)
    before = 0
    for event in events:
        if event.kind is Kind.AUDIO and event.samples is not None:
            yield SentFrame(max(0, event.wall_ns - started), event.samples - before)
            before = event.samples


def _failure(session: Session, dialogue: Dialogue) -> str | None:
    if session.problem is not None or dialogue.ended:
        return session.problem
    errors = [event.detail for event in dialogue.events if event.kind is Kind.ERROR]
    told = f": {errors[0].get('type')}: {errors[0].get('reason', '')}" if errors else ""
    return f"the recogniser never said that its transcript is complete{told}"
