"""Every entity of a sequence of spoken words, and which last words may still become part of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

from engine.writing.calendar import MONTHS, read_date, read_time
from engine.writing.cardinals import DIGITS, SCALES, TEENS, TENS, is_number_word
from engine.writing.entity import Entity, Reader
from engine.writing.ordinals import ORDINALS, read_fraction, read_ordinal
from engine.writing.quantities import (
    CURRENCIES,
    read_cardinal,
    read_decimal,
    read_measurement,
    read_money,
    read_percentage,
    read_span,
)
from engine.writing.strings import read_code, read_digits, read_electronic

# Longest wins; of equally long ones the first.
READERS: tuple[Reader, ...] = (
    read_electronic, read_span, read_money, read_percentage, read_measurement, read_time, read_date, read_digits,
    read_code, read_decimal, read_fraction, read_ordinal, read_cardinal,
)  # fmt: skip
_CLEAR = READERS[:7]  # what may follow a number that stays words
REACH = 48  # words that the longest entity may have
BREAK = 16_000  # samples of silence that end an entity: a second
LONGEST = 24  # words that are held together at most

_NUMBERS = (
    frozenset(DIGITS) | frozenset(TEENS) | frozenset(TENS) | frozenset(SCALES) | {"hundred"} | frozenset(ORDINALS)
)
_STARTS = (_NUMBERS - {"oh"}) | frozenset(MONTHS) | {"point", "half", "quarter", "double", "triple", "www"}
_INSIDE = (
    _STARTS | frozenset(CURRENCIES) | {"oh", "and", "a", "of", "the", "to", "past", "per", "dot", "at"}
)  # fmt: skip


class Placed(Protocol):
    """A spoken word and where it stands, in samples at 16 kHz."""

    @property
    def text(self) -> str:
        """The word."""

    @property
    def start(self) -> int:
        """Its first sample."""

    @property
    def end(self) -> int:
        """One past its last sample."""


Word = TypeVar("Word", bound=Placed)


def find_entities(words: Sequence[str]) -> tuple[Entity, ...]:
    """The entities of a sequence of lower-case words, in order, without overlap."""
    return tuple(_find(tuple(words)))


def open_from(words: Sequence[Placed], now: int) -> int:
    """The place from which the last words may still be part of an entity that goes on; the number of words if none.

    Args:
        words: what has been heard, best first guess, in order.
        now: samples heard so far; a second of silence ends every entity.
    """
    count = len(words)
    if not words or now - words[-1].end >= BREAK:
        return count
    first = count
    for place in range(count - 1, max(count - 1 - LONGEST, -1), -1):
        if place < count - 1 and words[place + 1].start - words[place].end >= BREAK:
            break
        if not _inside(words[place].text):
            break
        if _starts(words[place].text):
            first = place
    return first


def release(words: Sequence[Placed], until: int, now: int) -> int:
    """How far words may be made final without cutting an entity in two.

    Args:
        words: every word that is not final yet, the best guess.
        until: samples up to which words are due.
        now: samples heard so far.

    Returns:
        ``until``, or an earlier sample: the end of the last due word before an entity that reaches beyond.
    """
    due = sum(1 for word in words if word.end <= until)
    if due == 0:
        return until
    held = due
    if (began := open_from(words, now)) < due:
        held = began
    for entity in _segmented(words):
        if entity.first < held < entity.end:
            held = entity.first
    if held == due:
        return until
    return words[held - 1].end if held else min(words[0].end - 1, until)


def context(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The last words that may matter to an entity after them: three, and all that a number might reach back to."""
    first = len(words)
    while first > 0 and (len(words) - first < 3 or (_inside(words[first].text) and len(words) - first < 2 * LONGEST)):
        first -= 1
    return words[first:]


def _segmented(words: Sequence[Placed]) -> Iterator[Entity]:
    """The entities of words, none across a long silence."""
    start = 0
    for place in range(1, len(words) + 1):
        if place == len(words) or words[place].start - words[place - 1].end >= BREAK:
            for entity in find_entities([word.text for word in words[start:place]]):
                yield Entity(entity.kind, entity.first + start, entity.end + start, entity.written)
            start = place


def segmented_entities(words: Sequence[Placed]) -> tuple[Entity, ...]:
    """The entities of placed words; a second of silence parts what would be one."""
    return tuple(_segmented(words))


def _find(words: tuple[str, ...]) -> Iterator[Entity]:
    at = 0
    while at < len(words):
        best = _longest(words, at, READERS)
        if best is None:
            at = _past_unwritten(words, at)
        else:
            yield best
            at = best.end


def _longest(words: tuple[str, ...], at: int, readers: tuple[Reader, ...]) -> Entity | None:
    """The longest entity that begins at a word, of what a reader can reach from there."""
    first = max(at - 1, 0)
    nearby = words[first : at + REACH]
    if not _may_begin(nearby, at - first):
        return None
    found = _read(nearby, at - first, readers)
    if found is None or first == 0:
        return found
    return Entity(found.kind, found.first + first, found.end + first, found.written)


@lru_cache(maxsize=4_096)  # the same words are looked at for release, for finals and for partials
def _read(words: tuple[str, ...], at: int, readers: tuple[Reader, ...]) -> Entity | None:
    found = [entity for read in readers if (entity := read(words, at)) is not None]
    return max(found, key=lambda entity: entity.end, default=None)


def _past_unwritten(words: tuple[str, ...], at: int) -> int:
    """The next place to look; a number that stays words is passed over whole, so that its tail is not written."""
    end = at + 1
    if is_number_word(words[at]):
        while end < len(words) and (is_number_word(words[end]) or words[end] in ORDINALS):
            if _longest(words, end, _CLEAR) is not None:
                break
            end += 1
    return end


def _may_begin(words: Sequence[str], at: int) -> bool:
    """Whether it is worth asking the readers; an address may begin with any word."""
    word = words[at]
    if "dot" in words:
        return True
    if word in ("a", "i"):
        return at + 1 < len(words) and (words[at + 1] in _STARTS or len(words[at + 1].removesuffix(".")) == 1)
    return word in _STARTS or word == "oh" or len(word.removesuffix(".")) == 1


def _starts(word: str) -> bool:
    return word in _STARTS or (len(word.removesuffix(".")) == 1 and word not in ("a", "i", "o"))


def _inside(word: str) -> bool:
    return word in _INSIDE or len(word.removesuffix(".")) == 1
