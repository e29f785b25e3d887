"""Captured sessions as cases to replay, and as the event logs of the recogniser that answered in production."""

from __future__ import annotations

from pathlib import Path

from mirror.errors import StoreError
from mirror.store.dialogue import Dialogue, read_dialogue
from mirror.store.sent_audio import write_exactly
from mirror.store.session import Session
from testsets.audio import probe
from testsets.case import Case, Pacing
from testsets.events import EventLog, Kind


def as_case(session: Session, audio_out: Path) -> Case:
    """A case that replays a session.

    Args:
        session: a session of a store.
        audio_out: folder that takes the audio exactly as it was sent: FLAC, or WAV for true 32 bit floats.

    Raises:
        StoreError: the session holds nothing to replay, or the folder cannot be written.
    """
    where = str(session.path)
    dialogue = read_dialogue(session)
    if not len(dialogue.audio.samples):
        raise StoreError(where, "the client sent no audio; nothing to replay")
    path = write_exactly(dialogue.audio, audio_out / session.id, where)
    return Case(
        id=session.id,
        audio=probe(path),
        cluster=session.cluster or session.id,
        tags=dict(session.tags),
        config=dict(dialogue.config),
        pacing=Pacing(frames=dialogue.packets),
    )


def event_log(session: Session) -> EventLog:
    """What production answered; wall times count from the begin of the session.

    Raises:
        StoreError: the session never started, or its audio cannot be decoded.
    """
    dialogue = read_dialogue(session)
    recogniser = f"captured:{session.upstream}"
    return EventLog(session.id, recogniser, dialogue.audio.rate, dialogue.events, _failure(session, dialogue))


def _failure(session: Session, dialogue: Dialogue) -> str | None:
    if session.problem is not None or dialogue.ended:
        return session.problem
    errors = [event.detail for event in dialogue.events if event.kind is Kind.ERROR]
    told = f": {errors[0].get('type')}: {errors[0].get('reason', '')}" if errors else ""
    return f"the recogniser never said that its transcript is complete{told}"
