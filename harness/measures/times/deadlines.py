"""Finals against the delay that was asked for: early, in time, or late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.measures.times.clock import AudioClock
from harness.measures.times.latency import final_arrivals
from harness.measures.times.values import Deadlines
from testsets.events import EventLog, Kind

EARLY_NS = 500_000_000  # a final this long before its deadline breaks a steady rhythm


def promised_ns(config: Mapping[str, Any]) -> int | None:
    """The max_delay that a session's config asks for, in nanoseconds; None where it asks for none.

    Args:
        config: a case's config, or one that holds it under ``transcription_config``.
    """
    inner = config.get("transcription_config")
    asked = (inner if isinstance(inner, Mapping) else config).get("max_delay")
    if isinstance(asked, bool) or not isinstance(asked, int | float) or not 0 < asked < float("inf"):
        return None
    return round(asked * 1_000_000_000)


def deadlines(
    log: EventLog,
    clock: AudioClock,
    max_delay_ns: int,
    expected_words: int | None = None,
    *,
    early_ns: int = EARLY_NS,
    grace_ns: int = 0,
) -> Deadlines | None:
    """Finals by their deadline; None where finals carry no times.

    The deadline is ``max_delay`` after the word's end was spoken. Late: after it and the grace, and after as much audio
    behind the word was due (a client that stalls cannot make a recogniser late); words that were never finalised are
    late. Early: more than ``early_ns`` before it while audio still flowed; what is finalised because the stream ended
    is in time, however soon.

    Source: the ``max_delay`` of Speechmatics real-time; with ``max_delay_mode`` flexible a wire may exceed it for
    entities, and such words are late here.

    Args:
        max_delay_ns: see ``promised_ns``.
        expected_words: words of the reference, where there is one.
        early_ns: how long before its deadline a final is early.
        grace_ns: for a network that is not the recogniser's own.
    """
    arrivals = final_arrivals(log, expected_words)
    if arrivals is None:
        return None
    end_ns = next((e.wall_ns for e in log.events if e.kind is Kind.SENT_END), None)
    wait = max_delay_ns * clock.rate // 1_000_000_000
    early = late = 0
    for place, came in zip(arrivals.places, arrivals.came_ns, strict=True):
        deadline_ns = clock.spoken_ns(place) + max_delay_ns
        late += came > max(deadline_ns, clock.due_by_ns(place + wait)) + grace_ns
        early += came < deadline_ns - early_ns and (end_ns is None or came < end_ns)
    in_time = len(arrivals.places) - early - late
    return Deadlines(early, in_time, late + arrivals.censored)
