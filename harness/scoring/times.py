"""The family of measures that needs to know when audio was sent and words arrived."""

from __future__ import annotations

from harness.measures.times.clock import AudioClock
from harness.measures.times.session import NAMES, Asked, session_times
from harness.scoring.pair import Rules, Taken
from testsets.case import Case
from testsets.events import EventLog


def take_times(case: Case, log: EventLog, rules: Rules, expected_words: int | None) -> Taken:
    """Every time measure of one session.

    Args:
        expected_words: words of the reference, where there is one.
    """
    taken, clock = Taken(), AudioClock.of(log)
    if clock is None:
        taken.skip(NAMES, "no audio was streamed")
        return taken
    asked = Asked.of(case, log, expected_words, rules.lateness_budget_ns)
    for name, value, why in session_times(log, clock, asked):
        taken.add(name, value, why)
    return taken
