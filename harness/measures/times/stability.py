"""How steadily partials grow into finals: what is shown and taken back again.

What a user sees is all finals so far and the latest partial behind them. Each new partial is compared only with what it
replaces, never the whole transcript with itself, so the cost is that of reading the log once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rapidfuzz.distance import LCSseq

from harness.measures.times.values import Stability
from testsets.events import Event, EventLog, Kind


def stability(log: EventLog, key: Callable[[str], str] = str) -> Stability | None:
    """Count how partials changed on their way to finals; None where no partial shows words.

    A segment ends with UTTERANCE_END where the recogniser sends any, else with each final that holds words. In a
    session that failed, words still pending at the end are neither kept nor taken back.

    Args:
        key: what two words are compared by; by default their text as shown, for case and punctuation flicker too.
            Words with an empty key do not count.
    """
    closes = Kind.UTTERANCE_END if any(e.kind is Kind.UTTERANCE_END for e in log.events) else Kind.FINAL
    tracker = StabilityTracker(closes, key)
    for event in log.events:
        tracker.step(event)
    if not any(e.kind is Kind.PARTIAL and e.words for e in log.events):
        return None
    return tracker.end(completed=log.failure is None)


class _Known(dict[str, str]):
    """Keys of words, each computed once."""

    def __init__(self, key: Callable[[str], str]) -> None:
        self._key = key

    def __missing__(self, text: str) -> str:
        self[text] = self._key(text)
        return self[text]


class StabilityTracker:
    """The counts of one session as its events come: step through them, then end.

    Args:
        closes: the kind of event that ends a segment, UTTERANCE_END or FINAL.
        key: see ``stability``.
    """

    def __init__(self, closes: Kind, key: Callable[[str], str] = str) -> None:
        self._closes, self._known = closes, _Known(key)
        self._pending: tuple[str, ...] = ()  # the latest partial
        self._finals: list[str] = []  # what became final since
        self._final = self._shown = self._erased = self._unstable = self._updates = self._revisions = 0
        self._segment = 0
        self._shown_in = 0  # the segment in which the latest partial was shown
        self._spoken: set[int] = set()  # segments with words
        self._revised: set[int] = set()  # segments with revisions

    def step(self, event: Event) -> None:
        """Take the next event."""
        if event.kind is Kind.PARTIAL:
            self._replace(self._words(event))
        elif event.kind is Kind.FINAL:
            words = self._words(event)
            self._finals += words
            self._final += len(words)
            self._note(words)
            if words and self._closes is Kind.FINAL:
                self._segment += 1
        elif event.kind is Kind.UTTERANCE_END and self._closes is Kind.UTTERANCE_END:
            self._segment += 1

    def end(self, *, completed: bool) -> Stability:
        """The counts; ``completed`` says that words still pending will never become final."""
        if completed:
            self._replace(())
        return Stability(
            self._final,
            self._shown,
            self._erased,
            self._unstable,
            self._updates,
            self._revisions,
            len(self._spoken),
            len(self._revised),
        )

    def _words(self, event: Event) -> tuple[str, ...]:
        known = self._known
        return tuple([key for word in event.words if (key := known[word.text])])

    def _replace(self, partial: tuple[str, ...]) -> None:
        """A new partial stands behind the finals that came since the last one: compare both with what was shown."""
        before, after = self._pending, (*self._finals, *partial)
        kept = _common_prefix(before, after)
        self._shown += len(after) - kept
        self._erased += len(before) - kept
        if before:
            changed = _changed(before[kept:], after[kept:])
            self._updates += 1
            self._unstable += changed
            if changed:
                self._revisions += 1
                self._revised.add(self._shown_in)
        self._pending, self._finals, self._shown_in = partial, [], self._segment
        self._note(partial)

    def _note(self, words: Sequence[str]) -> None:
        if words:
            self._spoken.add(self._segment)


def _common_prefix(a: Sequence[str], b: Sequence[str]) -> int:
    if b[: len(a)] == a:
        return len(a)  # nearly always: words were only added
    most = min(len(a), len(b))
    return next((i for i in range(most) if a[i] != b[i]), most)


def _changed(before: Sequence[str], after: Sequence[str]) -> int:
    """Words of ``before`` that cannot be kept in order: all but the longest common subsequence."""
    return len(before) - LCSseq.similarity(before, after) if before and after else len(before)
