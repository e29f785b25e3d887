"""Every time measure of one session by name, or why it could not be taken; what they share is computed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.measures.counts import Delays, Pace, Share
from harness.measures.times.arrivals import Arrivals
from harness.measures.times.clock import AudioClock
from harness.measures.times.deadlines import deadlines, promised_ns
from harness.measures.times.latency import (
    ack_lag,
    final_arrivals,
    first_shown,
    first_words,
    never_finalised,
    pace,
    settled,
)
from harness.measures.times.perceived import perceived_arrivals
from harness.measures.times.shown import showings
from harness.measures.times.speed import drain_factor, finish_latency, paced, partial_interval, real_time_factor
from harness.measures.times.stability import stability
from harness.measures.times.turns import (
    Spans,
    false_utterance_ends,
    pause_ns,
    recognised_speech,
    turn_arrivals,
    turns,
    utterance_end_latency,
)
from harness.measures.times.values import Deadlines, RealTimeFactor
from testsets.case import EMPTY, Case
from testsets.events import EventLog
from testsets.transcript import Transcript

TimeValue = Delays | Share | Deadlines | RealTimeFactor | Pace
Named = tuple[str, TimeValue | None, str]  # name, value, why there is none

NAMES = (
    *("final_latency", "final_audio", "final_compute", "partial_latency", "partial_audio", "partial_compute"),
    *("settled_latency", "perceived_latency", "emission_latency", "perceived_compute"),
    *("first_partial", "first_audio", "first_compute", "turn_latency", "turn_audio", "turn_compute"),
    *("utterance_end_latency", "false_utterance_ends", "finish_latency", "partial_interval", "ack_lag"),
    *("deadlines", "erasure", "unstable_words", "unstable_segments", "flicker"),
    *("real_time_factor", "drain_factor", "pace"),
)


_UNPACED = "audio was not paced"  # a promise about time spoken says nothing of audio that was never spoken


@dataclass(frozen=True, slots=True)
class Asked:
    """What a session was asked and what is known of its audio besides the log."""

    reference: Transcript | None = None
    speech: tuple[tuple[int, int], ...] = ()  # (start, end) of reference speech, samples at the log's rate
    expected_words: int | None = None  # words of the reference, where there is one
    config: Mapping[str, Any] = field(default_factory=lambda: EMPTY)  # of the session: max_delay, conversation_config
    lateness_budget_ns: int = 50_000_000

    @classmethod
    def of(cls, case: Case, log: EventLog, expected_words: int | None, lateness_budget_ns: int) -> Asked:
        """What a case tells; its speaker turns are its speech, else its reference's word times."""
        speech = [(t.start * log.rate // case.audio.rate, t.end * log.rate // case.audio.rate) for t in case.turns]
        if not speech and case.reference is not None:
            rate = case.reference.rate
            timed = [(w.start, w.end) for w in case.reference.words if w.start is not None and w.end is not None]
            speech = [(start * log.rate // rate, end * log.rate // rate) for start, end in timed]
        return cls(case.reference, tuple(speech), expected_words, case.config, lateness_budget_ns)


def session_times(log: EventLog, clock: AudioClock, asked: Asked) -> Iterator[Named]:
    """Every measure of ``NAMES``, in no particular order.

    Args:
        clock: the log's own; a log without one has no time measures at all.
        asked: what a case tells, see ``Asked.of``.
    """
    yield "pace", pace(clock, asked.lateness_budget_ns), ""
    yield "finish_latency", finish_latency(log, clock), ""
    yield "ack_lag", ack_lag(log, clock), "no acknowledgements"
    yield "partial_interval", partial_interval(log), "no partials with words"
    yield "real_time_factor", real_time_factor(log, clock), "audio was paced, or the session did not complete"
    yield "drain_factor", drain_factor(log, clock), "audio was not paced, or the session did not complete"
    yield from _of_words(log, clock, asked)
    yield from _of_turns(log, clock, asked)
    yield from _of_partials(log)


def _of_words(log: EventLog, clock: AudioClock, asked: Asked) -> Iterator[Named]:
    expected, untimed = asked.expected_words, "words have no times"
    found = showings(log)
    yield from _parts(("final_latency", "final_audio", "final_compute"), final_arrivals(log, expected), clock, untimed)
    censored = never_finalised(log, expected)
    shown, stood = first_shown(found, censored), settled(found, censored)
    yield from _parts(("partial_latency", "partial_audio", "partial_compute"), shown, clock, untimed)
    yield "settled_latency", None if stood is None else stood.delays(clock), untimed
    seen = None if asked.reference is None else perceived_arrivals(log, clock, asked.reference, found)
    names = ("perceived_latency", "emission_latency", "perceived_compute")
    yield from _parts(names, seen, clock, "no reference with word times")
    promised = promised_ns(asked.config)
    if promised is None or not paced(clock):
        yield "deadlines", None, "no max_delay was asked for" if promised is None else _UNPACED
    else:
        yield "deadlines", deadlines(log, clock, promised, expected), untimed


def _of_turns(log: EventLog, clock: AudioClock, asked: Asked) -> Iterator[Named]:
    pause = pause_ns(asked.config)
    spans: Spans = turns(asked.speech or recognised_speech(log), log.rate, pause)
    start = spans[0][0] if asked.speech else 0
    names = ("first_partial", "first_audio", "first_compute")
    yield from _parts(names, first_words(log, start), clock, "no words arrived")
    names = ("turn_latency", "turn_audio", "turn_compute")
    yield from _parts(names, turn_arrivals(log, spans), clock, "no speech with times")
    live = paced(clock)
    why = "no ends of utterances were sent" if live else _UNPACED
    yield "utterance_end_latency", utterance_end_latency(log, clock, spans, pause) if live else None, why
    yield "false_utterance_ends", false_utterance_ends(log, clock, spans) if live else None, why


def _of_partials(log: EventLog) -> Iterator[Named]:
    found, why = stability(log), "no partials with words"
    yield "erasure", None if found is None else found.erasure, why
    yield "unstable_words", None if found is None else found.unstable_words, why
    yield "unstable_segments", None if found is None else found.unstable_segment_share, why
    yield "flicker", None if found is None else found.flicker, why


def _parts(names: tuple[str, str, str], found: Arrivals | None, clock: AudioClock, why: str) -> Iterator[Named]:
    whole, algorithmic, computational = names
    yield whole, None if found is None else found.delays(clock), why
    yield algorithmic, None if found is None else found.algorithmic(clock), why
    yield computational, None if found is None else found.computational(clock), why
