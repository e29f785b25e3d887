"""Delays that a user sees, taken from an event log. Early guesses give negative delays; they are kept."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from harness.measures.counts import Delays, Pace
from harness.measures.normalisation.packs import PACKS
from harness.measures.times.clock import AudioClock
from testsets.events import Event, EventLog, Kind
from testsets.transcript import Word

_NEAR_MS = 300  # a partial may place a word this far from where its final does


def final_latency(log: EventLog, clock: AudioClock, expected_words: int | None = None) -> Delays | None:
    """Time from a word's end being spoken until its final arrives; None where finals carry no times.

    In a session that did not complete, the words that were shown or expected but never finalised are censored: they
    count as slower than any that arrived.

    Args:
        expected_words: words of the reference, where there is one.
    """
    finals = _finals(log)
    delays = [arrived - clock.spoken_ns(word.end) for word, arrived in finals if word.end is not None]
    censored = _never_finalised(log, len(finals), expected_words)
    return Delays.of(delays, censored) if delays or censored or not finals else None


def partial_latency(log: EventLog, clock: AudioClock) -> Delays | None:
    """Time from a final word's end being spoken until the word was first shown near its place, in a partial or final.

    Only words that came out as final count (others were wrong guesses); None where words carry no times.
    """
    finals = _finals(log)
    timed = [(word, arrived) for word, arrived in finals if word.end is not None]
    if finals and not timed:
        return None
    shown = _first_shown(log, timed)
    return Delays.of([at - clock.spoken_ns(word.end or 0) for (word, _), at in zip(timed, shown, strict=True)])


def first_partial(log: EventLog, clock: AudioClock) -> Delays | None:
    """Time from the start of the audio until any words arrive; None where none do."""
    first = next((e for e in log.events if e.kind in (Kind.PARTIAL, Kind.FINAL) and e.words), None)
    return None if first is None else Delays.of([first.wall_ns - clock.spoken_ns(0)])


def ack_lag(log: EventLog, clock: AudioClock) -> Delays | None:
    """Time from audio really leaving until the recogniser confirms it; None where it confirms nothing."""
    acks = [e for e in _of(log, Kind.ACK) if e.samples is not None]
    return Delays.of([e.wall_ns - clock.sent_at_ns(e.samples or 0) for e in acks]) if acks else None


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


def _of(log: EventLog, kind: Kind) -> Iterable[Event]:
    return (event for event in log.events if event.kind is kind)


def _never_finalised(log: EventLog, finals: int, expected_words: int | None) -> int:
    if log.failure is None and any(_of(log, Kind.ENDED)):
        return 0  # the recogniser said that it is done: a word it took back was a wrong guess
    last_final = max((i for i, e in enumerate(log.events) if e.kind is Kind.FINAL), default=-1)
    pending = [e for e in log.events[last_final + 1 :] if e.kind is Kind.PARTIAL]
    shown = len(pending[-1].words) if pending else 0
    return max(shown, (expected_words or 0) - finals, 0)


def _finals(log: EventLog) -> list[tuple[Word, int]]:
    """Final words and when they arrived; punctuation, which some wires send as words, is left out."""
    return [(word, e.wall_ns) for e in _of(log, Kind.FINAL) for word in e.words if _key(word.text)]


def _first_shown(log: EventLog, finals: list[tuple[Word, int]]) -> list[int]:
    """When each final word first stood in a partial or final: same word, nearest place."""
    near = _NEAR_MS * log.rate // 1000
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for i, (word, _) in enumerate(finals):
        places[_key(word.text)].append((_middle(word), i))
    for place in places.values():
        place.sort()
    shown = [arrived for _, arrived in finals]
    for event in _of(log, Kind.PARTIAL):
        for word in event.words:
            nearest = _nearest(word, places.get(_key(word.text), []))
            if nearest is not None and _gap(word, finals[nearest][0]) <= near:
                shown[nearest] = min(shown[nearest], event.wall_ns)
    return shown


def _nearest(word: Word, places: list[tuple[int, int]]) -> int | None:
    if word.start is None or not places:
        return None
    at = bisect_left(places, (_middle(word), 0))
    return min(places[max(at - 1, 0) : at + 1], key=lambda place: abs(place[0] - _middle(word)))[1]


def _middle(word: Word) -> int:
    return ((word.start or 0) + (word.end or 0)) // 2


def _gap(a: Word, b: Word) -> int:
    """Samples between two words; negative where they overlap."""
    return max(a.start or 0, b.start or 0) - min(a.end or 0, b.end or 0)


def _key(text: str) -> str:
    return " ".join(PACKS["basic"].split(text))
