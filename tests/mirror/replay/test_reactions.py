"""Which captured clients reacted to what they heard."""

from __future__ import annotations

import pytest

from mirror.replay import reactions
from testsets.events import Event, EventLog, Kind

MS = 1_000_000


def session(*script: tuple[int, Kind] | tuple[int, Kind, str]) -> list[str]:
    events = [
        Event(kind, at * MS, detail={"by": "client", "message": name[0]} if name else {}) for at, kind, *name in script
    ]
    return [found.what for found in reactions(EventLog("a", "r", 16_000, tuple(events)))]


AUDIO = [(at, Kind.AUDIO) for at in (100, 200, 300, 400)]
HUNG_UP = "the stream was ended by an answer and not by its last packet"


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ([*AUDIO, (401, Kind.SENT_END)], []),
        ([*AUDIO[:3], (350, Kind.PARTIAL), AUDIO[3], (401, Kind.SENT_END)], []),
        ([*AUDIO, (410, Kind.FINAL), (420, Kind.SENT_END)], []),  # in the rhythm of its packets
        ([*AUDIO, (900, Kind.FINAL), (1_000, Kind.SENT_END)], [HUNG_UP]),
        ([*AUDIO, (900, Kind.FINAL), (9_000, Kind.SENT_END)], []),
        ([*AUDIO, (2_000, Kind.SENT_END)], []),
        ([(50, Kind.OTHER, "ForceEndOfUtterance"), *AUDIO], []),
        (
            [*AUDIO, (450, Kind.PARTIAL), (500, Kind.OTHER, "ForceEndOfUtterance")],
            ["ForceEndOfUtterance after an answer"],
        ),
        ([*AUDIO, (450, Kind.PARTIAL), (500, Kind.OTHER, "something")], []),
        ([(1, Kind.FINAL), (2, Kind.SENT_END)], []),
    ],
)
def test_reactions(script: list[tuple[int, Kind]], found: list[str]) -> None:
    assert session(*script) == found
