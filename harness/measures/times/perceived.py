"""User-perceived latency: from the speaker finishing a word, by the reference, until the word is on the screen.

Against the reference's word ends a recogniser cannot look fast by placing its words late. Its algorithmic part is the
word emission latency (symbol delay) of the literature: how much audio after the word's end had left.

Sources: user-perceived latency, Shangguan et al. 2021 (arXiv 2104.02207); emission delay of correct words, as icefall's
``write_error_stats_with_timestamps`` has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Levenshtein

from harness.measures.counts import Delays
from harness.measures.times.arrivals import Arrivals
from harness.measures.times.clock import AudioClock
from harness.measures.times.latency import completed
from harness.measures.times.shown import Keys, Showing, showings
from testsets.events import EventLog, Kind
from testsets.transcript import Transcript, Word


def perceived_latency(
    log: EventLog, clock: AudioClock, reference: Transcript, *, correct_only: bool = True
) -> Delays | None:
    """Time from a reference word's end being spoken until the word was first shown; None without reference times.

    Words are paired by the cheapest edit script. In a session that did not complete, reference words behind the last
    one that was answered are censored.

    Args:
        correct_only: leave out words that were recognised as another word; inserted words never count.
    """
    arrivals = perceived_arrivals(log, clock, reference, showings(log), correct_only=correct_only)
    return None if arrivals is None else arrivals.delays(clock)


def emission_latency(
    log: EventLog, clock: AudioClock, reference: Transcript, *, correct_only: bool = True
) -> Delays | None:
    """The algorithmic part of ``perceived_latency``: audio after a word's end that had left when the word was shown.

    Args:
        correct_only: leave out words that were recognised as another word; inserted words never count.
    """
    arrivals = perceived_arrivals(log, clock, reference, showings(log), correct_only=correct_only)
    return None if arrivals is None else arrivals.algorithmic(clock)


def perceived_arrivals(
    log: EventLog,
    clock: AudioClock,
    reference: Transcript,
    found: Sequence[Showing],
    *,
    correct_only: bool = True,
) -> Arrivals | None:
    """Reference word ends, samples at the log's rate, and when the words were first shown."""
    keys = Keys()
    said = [word for word in reference.words if keys[word.text]]
    if not said or any(word.end is None for word in said):
        return None
    ends = [(word.end or 0) * log.rate // reference.rate for word in said]
    done = completed(log)
    # A session that died is compared with what had been spoken by then: its last words must not pair with later ones.
    reach = len(said) if done else _spoken(said, reference.rate, clock, log)
    pairs = list(_pairs([keys[w.text] for w in said[:reach]], [keys[s.word.text] for s in found], correct_only))
    answered = max((r for r, _ in pairs), default=-1)
    return Arrivals.of(((ends[r], found[h].first_ns) for r, h in pairs), 0 if done else len(said) - 1 - answered)


def _spoken(said: Sequence[Word], rate: int, clock: AudioClock, log: EventLog) -> int:
    """How many words had begun when the last final came."""
    last_ns = max((e.wall_ns for e in log.events if e.kind is Kind.FINAL), default=None)
    if last_ns is None:
        return 0
    return sum(clock.spoken_ns((word.start or 0) * log.rate // rate) <= last_ns for word in said)


def _pairs(reference: Sequence[str], hypothesis: Sequence[str], correct_only: bool) -> Iterator[tuple[int, int]]:
    wanted = ("equal",) if correct_only else ("equal", "replace")
    for code in Levenshtein.opcodes(reference, hypothesis):
        if code.tag in wanted:
            yield from zip(range(code.src_start, code.src_end), range(code.dest_start, code.dest_end), strict=True)
