"""When each final word was first shown, and since when it stood there unchanged: one pass over the partials."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from harness.measures.normalisation.packs import PACKS
from testsets.events import EventLog, Kind
from testsets.transcript import Word

_NEAR_MS = 300  # a partial may place a word this far from where its final does
_AHEAD = 2  # final words beyond a partial's own number that it is compared with, where words carry no times


@dataclass(frozen=True, slots=True)
class Showing:
    """One final word as a user saw it come."""

    word: Word
    first_ns: int  # first shown near its place, in a partial or final
    settled_ns: int  # since then every partial held it, until its final
    final_ns: int


class Keys(dict[str, str]):
    """Words as they are compared, each text normalised once; empty for punctuation, which some wires send as words."""

    def __missing__(self, text: str) -> str:
        self[text] = " ".join(PACKS["basic"].split(text))
        return self[text]


def final_words(log: EventLog, keys: Keys | None = None) -> list[tuple[Word, int]]:
    """Final words in order of arrival, each with when it arrived; punctuation is left out."""
    key = Keys() if keys is None else keys
    return [(word, e.wall_ns) for e in log.events if e.kind is Kind.FINAL for word in e.words if key[word.text]]


def showings(log: EventLog) -> tuple[Showing, ...]:
    """Every final word with when it was first shown and since when it stood.

    A word of a partial is the final word of the same text whose place is nearest, at most 300 ms apart; where partials
    carry no times, the partial is aligned with the final words that follow it. Each partial is looked at once.
    """
    tracker = _Tracker(log)
    for event in log.events:
        if event.kind is Kind.PARTIAL:
            tracker.partial(event.words, event.wall_ns)
        elif event.kind is Kind.FINAL:
            tracker.final(event.words)
    return tracker.end()


class _Tracker:
    """Which final words each partial holds; the finals are known beforehand."""

    def __init__(self, log: EventLog) -> None:
        self._keys = Keys()
        self._finals = final_words(log, self._keys)
        self._texts = [self._keys[word.text] for word, _ in self._finals]
        self._found = _Found([word for word, _ in self._finals], self._keys, _NEAR_MS * log.rate // 1000)
        self._first = [arrived for _, arrived in self._finals]
        self._since = list(self._first)
        self._held = [-1] * len(self._finals)  # number of the last partial that held the word
        self._partial = -1  # number of the latest partial
        self._arrived = 0  # final words so far

    def partial(self, words: Sequence[Word], wall_ns: int) -> None:
        self._partial += 1
        held = self._held
        for i in self._indices(words):
            if i < self._arrived:
                continue  # a wire that repeats what is already final
            if held[i] < 0:
                self._first[i] = wall_ns
            if held[i] < 0 or held[i] < self._partial - 1:
                self._since[i] = wall_ns
            held[i] = self._partial

    def final(self, words: Sequence[Word]) -> None:
        for _ in filter(None, (self._keys[word.text] for word in words)):
            if self._held[self._arrived] != self._partial:  # the latest partial had lost the word again
                self._since[self._arrived] = self._finals[self._arrived][1]
            self._arrived += 1

    def end(self) -> tuple[Showing, ...]:
        rows = zip(self._finals, self._first, self._since, strict=True)
        return tuple(Showing(word, first, since, at) for (word, at), first, since in rows)

    def _indices(self, words: Sequence[Word]) -> list[int]:
        if words and words[0].start is None:
            return self._in_order(words)
        found = self._found
        return [i for word in words if (i := found[word.text, word.start, word.end]) is not None]

    def _in_order(self, words: Sequence[Word]) -> list[int]:
        said = [key for word in words if (key := self._keys[word.text])]
        ahead = self._texts[self._arrived : self._arrived + len(said) + _AHEAD]
        blocks = (code for code in Levenshtein.opcodes(said, ahead) if code.tag == "equal")
        return [self._arrived + i for code in blocks for i in range(code.dest_start, code.dest_end)]


class _Found(dict[tuple[str, int | None, int | None], int | None]):
    """Which final word a timed word of a partial is; each word and place is looked up once.

    Args:
        finals: the final words.
        keys: what texts are compared by.
        near: samples that the two may be apart.
    """

    def __init__(self, finals: Sequence[Word], keys: Keys, near: int) -> None:
        self._finals, self._keys, self._near = finals, keys, near
        self._places: dict[str, list[tuple[int, int]]] = defaultdict(list)  # of each text (middle, index), ascending
        for i, word in enumerate(finals):
            if word.start is not None:
                self._places[keys[word.text]].append((_middle(word), i))
        for places in self._places.values():
            places.sort()

    def __missing__(self, known: tuple[str, int | None, int | None]) -> int | None:
        word = Word(*known)
        places = self._places.get(self._keys[word.text], []) if word.start is not None else []
        nearest = _nearest(_middle(word), places)
        near = nearest is not None and _gap(word, self._finals[nearest]) <= self._near
        self[known] = nearest if near else None
        return self[known]


def _nearest(middle: int, places: Sequence[tuple[int, int]]) -> int | None:
    at = bisect_left(places, (middle, 0))
    around = places[max(at - 1, 0) : at + 1]
    return min(around, key=lambda place: abs(place[0] - middle))[1] if around else None


def _middle(word: Word) -> int:
    return ((word.start or 0) + (word.end or 0)) // 2


def _gap(a: Word, b: Word) -> int:
    """Samples between two words; negative where they overlap."""
    return max(a.start or 0, b.start or 0) - min(a.end or 0, b.end or 0)
