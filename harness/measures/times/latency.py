"""Delays of words and acknowledgements, taken from an event log. Early guesses give negative delays; they are kept.

Places are the recogniser's own word ends: every word counts, and no reference is needed. ``perceived`` has the same
against the reference's word ends.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.measures.counts import Delays, Pace
from harness.measures.times.arrivals import Arrivals
from harness.measures.times.clock import AudioClock
from harness.measures.times.shown import Showing, final_words, showings
from testsets.events import EventLog, Kind


def final_latency(log: EventLog, clock: AudioClock, expected_words: int | None = None) -> Delays | None:
    """Time from a word's end being spoken until its final arrives; None where finals carry no times.

    In a session that did not complete, the words that were shown or expected but never finalised are censored: they
    count as slower than any that arrived.

    Args:
        expected_words: words of the reference, where there is one.
    """
    arrivals = final_arrivals(log, expected_words)
    return None if arrivals is None else arrivals.delays(clock)


def partial_latency(log: EventLog, clock: AudioClock, expected_words: int | None = None) -> Delays | None:
    """Time from a final word's end being spoken until the word was first shown near its place, in a partial or final.

    Only words that came out as final count (others were wrong guesses); None where words carry no times. Censored like
    ``final_latency``: nobody knows whether a word that was shown and never finalised was right.

    Args:
        expected_words: words of the reference, where there is one.
    """
    arrivals = first_shown(showings(log), never_finalised(log, expected_words))
    return None if arrivals is None else arrivals.delays(clock)


def settled_latency(log: EventLog, clock: AudioClock, expected_words: int | None = None) -> Delays | None:
    """Time from a final word's end being spoken until it stood there for good: every later partial held it.

    A recogniser that guesses early and changes its mind gains nothing here. Censored like ``final_latency``.

    Args:
        expected_words: words of the reference, where there is one.
    """
    arrivals = settled(showings(log), never_finalised(log, expected_words))
    return None if arrivals is None else arrivals.delays(clock)


def first_partial(log: EventLog, clock: AudioClock, speech_start: int = 0) -> Delays | None:
    """Time from the start of the audio, or of the speech in it, until any words arrive; None where none do.

    Args:
        speech_start: sample at which speech begins; 0 counts from the start of the audio, silence included.
    """
    arrivals = first_words(log, speech_start)
    return None if arrivals is None else arrivals.delays(clock)


def ack_lag(log: EventLog, clock: AudioClock) -> Delays | None:
    """Time from audio really leaving until the recogniser confirms it; None where it confirms nothing."""
    acks = [(e.samples, e.wall_ns) for e in log.events if e.kind is Kind.ACK and e.samples is not None]
    return Delays.of([wall - clock.sent_at_ns(samples) for samples, wall in acks]) if acks else None


def pace(clock: AudioClock, budget_ns: int) -> Pace:
    """How punctually the audio left.

    Args:
        budget_ns: a packet later than this is late.
    """
    lateness = [sent - due for sent, due in zip(clock.sent_ns, clock.due_ns, strict=True)]
    return Pace(
        packets=len(lateness),
        late=sum(late > budget_ns for late in lateness),
        worst_ns=max(lateness),
        audio_ns=(clock.samples[-1] - clock.samples[0]) * 1_000_000_000 // clock.rate,
        span_ns=clock.sent_ns[-1] - clock.sent_ns[0],
    )


def final_arrivals(log: EventLog, expected_words: int | None = None) -> Arrivals | None:
    """Recognised word ends and when the words became final; None where finals carry no times."""
    finals = final_words(log)
    timed = [(word.end, arrived) for word, arrived in finals if word.end is not None]
    censored = never_finalised(log, expected_words)
    return Arrivals.of(timed, censored) if timed or censored or not finals else None


def first_shown(found: Sequence[Showing], censored: int = 0) -> Arrivals | None:
    """Recognised word ends and when the words were first shown; None where words carry no times."""
    return _of_ends([(one.word.end, one.first_ns) for one in found], censored)


def settled(found: Sequence[Showing], censored: int = 0) -> Arrivals | None:
    """Recognised word ends and since when the words stood; None where words carry no times."""
    return _of_ends([(one.word.end, one.settled_ns) for one in found], censored)


def first_words(log: EventLog, speech_start: int = 0) -> Arrivals | None:
    """The start of the audio, or of speech, and when the first words came; None where none came."""
    came = next((e.wall_ns for e in log.events if e.kind in (Kind.PARTIAL, Kind.FINAL) and e.words), None)
    return None if came is None else Arrivals.of([(speech_start, came)])


def never_finalised(log: EventLog, expected_words: int | None = None) -> int:
    """Words that were shown or expected and never became final; 0 in a session that completed.

    There a word that was taken back was a wrong guess, and a word that is missing is an error and not a delay.
    """
    if completed(log):
        return 0
    return max(_pending(log), (expected_words or 0) - len(final_words(log)), 0)


def completed(log: EventLog) -> bool:
    """Whether the recogniser said that its transcript is complete, and nothing failed."""
    return log.failure is None and any(event.kind is Kind.ENDED for event in reversed(log.events))


def _pending(log: EventLog) -> int:
    """Words of the last partial, where no final came after it."""
    last = next((e for e in reversed(log.events) if e.kind in (Kind.PARTIAL, Kind.FINAL)), None)
    return len(last.words) if last is not None and last.kind is Kind.PARTIAL else 0


def _of_ends(pairs: Sequence[tuple[int | None, int]], censored: int) -> Arrivals | None:
    timed = [(end, came) for end, came in pairs if end is not None]
    return Arrivals.of(timed, censored) if timed or censored or not pairs else None
