"""Where a captured client reacted to what its recogniser said: a replay cannot know what it would have done elsewhere.

A replay sends the same audio at the same times whatever it hears, so a session with reactions is replayed up to a
point as it was and from there on as it would not have been. Such sessions are flagged, never dropped.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from testsets.events import Event, EventLog, Kind

SOON_NS = 400_000_000  # after an answer: about what it takes to see words and press a key, and all that a program needs
_ANSWERS = (Kind.PARTIAL, Kind.FINAL, Kind.UTTERANCE_END)
_COMMANDS = ("ForceEndOfUtterance", "SetRecognitionConfig", "GetSpeakers", "EndOfChannel", "Finalize")


@dataclass(frozen=True, slots=True)
class Reaction:
    """One thing that a client did after it had heard something."""

    at_ns: int  # since the session began
    what: str


def reactions(log: EventLog) -> tuple[Reaction, ...]:
    """The reactions in a captured session.

    Args:
        log: both sides of it; what its client said beside audio is OTHER with ``by`` and ``message`` in the detail.
    """
    found: list[Reaction] = []
    answer: Event | None = None
    audio: list[int] = []
    for event in log.events:
        if event.kind in _ANSWERS:
            answer = event
        elif event.kind is Kind.AUDIO:
            audio.append(event.wall_ns)
        elif event.kind is Kind.OTHER and event.detail.get("by") == "client" and answer is not None:
            if (name := event.detail.get("message")) in _COMMANDS:
                found.append(Reaction(event.wall_ns, f"{name} after an answer"))
        elif event.kind is Kind.SENT_END and answer is not None and _hung_up(event.wall_ns, answer.wall_ns, audio):
            found.append(Reaction(event.wall_ns, "the stream was ended by an answer and not by its last packet"))
    return tuple(found)


def _hung_up(end_ns: int, answer_ns: int, audio: list[int]) -> bool:
    """True when the end came soon after an answer that came after all audio, and not in the rhythm of the packets."""
    if not audio or answer_ns < audio[-1] or end_ns - answer_ns > SOON_NS:
        return False
    gaps = sorted(after - before for before, after in itertools.pairwise(audio))
    rhythm = gaps[len(gaps) // 2] if gaps else 0
    return end_ns - audio[-1] > 2 * rhythm
