"""What an entity is: spoken words that have a conventional written form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """One written word and how many spoken words it stands for."""

    text: str
    spoken: int


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity in a sequence of spoken words; its written words share its spoken words out, in order."""

    kind: str  # the protocol's entity_class
    first: int
    end: int  # one past its last word
    written: tuple[Written, ...]

    @property
    def text(self) -> str:
        """All of it, as written."""
        return " ".join(word.text for word in self.written)


# Finds the entity of its kind that begins at a word of a sequence, if one does.
Reader = Callable[[Sequence[str], int], Entity | None]


def single(kind: str, first: int, end: int, text: str) -> Entity:
    """An entity written as one word."""
    return Entity(kind, first, end, (Written(text, end - first),))


def has(words: Sequence[str], at: int, *following: str) -> bool:
    """Whether these words stand at a place."""
    return tuple(words[at : at + len(following)]) == following
