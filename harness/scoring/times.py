"""The family of measures that needs to know when audio was sent and words arrived."""

from __future__ import annotations

from harness.measures.times.clock import AudioClock
from harness.measures.times.latency import ack_lag, final_latency, first_partial, pace, partial_latency
from harness.scoring.pair import Rules, Taken
from testsets.events import EventLog

MEASURES = ("final_latency", "partial_latency", "first_partial", "ack_lag", "pace")


def take_times(log: EventLog, rules: Rules, expected_words: int | None) -> Taken:
    """Every time measure of one session.

    Args:
        expected_words: words of the reference, where there is one.
    """
    taken, clock = Taken(), AudioClock.of(log)
    if clock is None:
        taken.skip(MEASURES, "no audio was streamed")
        return taken
    taken.measures["pace"] = pace(clock, rules.lateness_budget_ns)
    taken.add("final_latency", final_latency(log, clock, expected_words), "words have no times")
    taken.add("partial_latency", partial_latency(log, clock), "words have no times")
    taken.add("first_partial", first_partial(log, clock), "no words arrived")
    taken.add("ack_lag", ack_lag(log, clock), "no acknowledgements")
    return taken
