"""The words that one stream may say: those of the lexicon, or more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, overload

from engine.lexicon import Pronunciation, WordLexicon
from kernels.token_passing.words import PhoneTree

T = TypeVar("T")


class SpokenWords(Protocol):
    """Words by number; number 0 is no word."""

    @property
    def words(self) -> Sequence[str]:
        """As they are written."""

    @property
    def pronunciations(self) -> Sequence[tuple[Pronunciation, ...]]:
        """For each word its variants."""


class Continued(Sequence[T]):
    """A long row that is shared, with a few places changed and a few more at its end."""

    def __init__(self, shared: Sequence[T], more: Sequence[T], changed: Mapping[int, T] | None = None) -> None:
        self._shared, self._more, self._changed = shared, more, changed or {}

    def __len__(self) -> int:
        return len(self._shared) + len(self._more)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        if place < 0:
            place += len(self)
        if place < len(self._shared):
            return self._changed[place] if place in self._changed else self._shared[place]
        return self._more[place - len(self._shared)]


@dataclass(frozen=True, slots=True, eq=False)
class LongerLexicon:
    """A shared lexicon with words of one session behind it, and some of its own written in another way."""

    words: Sequence[str]
    pronunciations: Sequence[tuple[Pronunciation, ...]]

    @classmethod
    def of(
        cls, shared: WordLexicon, more: Mapping[str, tuple[Pronunciation, ...]], written: Mapping[int, str]
    ) -> LongerLexicon:
        """Continue a lexicon.

        Args:
            more: pronunciations of the new words; their numbers follow those of the lexicon.
            written: spellings, by number, that replace the lexicon's.
        """
        return cls(
            Continued(shared.words, tuple(more), written), Continued(shared.pronunciations, tuple(more.values()))
        )


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class SessionWords:
    """What a stream says beyond the shared graph; it holds its place in the graph as long as it lives."""

    lexicon: SpokenWords
    tree: PhoneTree
    hub: int  # state of the shared graph where the extension is entered
    door: int  # first state of the extension, 0 = none
