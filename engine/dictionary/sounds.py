"""How entries are said: words of the lexicon as it says them, others by their spelling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice, product
from pathlib import Path

from engine.dictionary.entries import Entry
from engine.lexicon import Pronunciation, WordLexicon
from engine.spelling.speller import Speller

MOST_VARIANTS = 3  # of one word
MOST_WAYS = 8  # to say one spelling of an entry
MOST_IN_ALL = 16  # to say an entry
_UNLIKELY = 0.15  # a pronunciation so much less likely than the best is left out
_REMEMBERED = 1 << 14  # spelt words; names come again in other sessions
_EDGES = '.,;:!?"()'


@dataclass(frozen=True, slots=True)
class SaidWord:
    """A word of an entry with one of its pronunciations."""

    text: str  # as it is to be written
    phones: Pronunciation
    number: int = 0  # in the lexicon, if it is said as the lexicon says it


Way = tuple[SaidWord, ...]
Spell = Callable[[str], Sequence[Pronunciation]]  # likely pronunciations of a written word; none if it has no sound


@cache
def speller_of(folder: Path) -> Spell:
    """The letter-to-sound model of a folder, loaded once a process; it remembers what it spelt.

    Raises:
        ModelError: it is missing or damaged.
    """
    speller = Speller.load(folder)

    @lru_cache(_REMEMBERED)
    def spell(text: str) -> tuple[Pronunciation, ...]:
        try:
            said = speller.spell(text, MOST_VARIANTS)
        except ValueError:
            return ()
        return tuple(one.phones for one in said if one.probability >= _UNLIKELY * said[0].probability)

    return spell


def unspelt(text: str) -> tuple[Pronunciation, ...]:
    """Stands in where there is no letter-to-sound model."""
    return ()


class Sounds:
    """Says entries; safe for threads."""

    def __init__(self, lexicon: WordLexicon, spell: Spell = unspelt) -> None:
        """Hold a lexicon ready.

        Args:
            spell: says what the lexicon has not.
        """
        self._lexicon, self._spell = lexicon, spell
        self._numbers = {word: number for number, word in enumerate(lexicon.words) if number}

    def ways(self, entry: Entry) -> tuple[Way, ...]:
        """All ways to say an entry; none if nobody knows how it sounds."""
        words = entry.content.split()
        found = dict.fromkeys(islice(product(*(self._words(word) for word in words)), MOST_WAYS))
        for spelling in entry.sounds_like:
            found.update(dict.fromkeys(self._alike(words, spelling)))
        return tuple(islice(found, MOST_IN_ALL))

    def number(self, text: str) -> int:
        """The number in the lexicon of a word, however it is cased; 0 if it has none."""
        return self._numbers.get(_plain(text), 0)

    def _words(self, text: str) -> list[SaidWord]:
        number = self.number(text)
        return [SaidWord(text, phones, number) for phones in self._variants(text)]

    def _variants(self, text: str) -> Sequence[Pronunciation]:
        number = self.number(text)
        return self._lexicon.pronunciations[number][:MOST_VARIANTS] if number else self._spell(text)

    def _alike(self, words: Sequence[str], spelling: str) -> Iterable[Way]:
        """Ways to say words as another spelling sounds, its phones divided among them."""
        spelt = spelling.split()
        for said in islice(product(*(self._variants(word) for word in spelt)), MOST_WAYS):
            phones = tuple(phone for one in said for phone in one)
            if len(spelt) == len(words):
                parts = list(said)
            elif len(phones) >= len(words):
                parts = _divided(phones, [len(word) for word in words])
            else:
                continue
            yield tuple(SaidWord(text, part) for text, part in zip(words, parts, strict=True))


def _divided(phones: Pronunciation, letters: Sequence[int]) -> list[Pronunciation]:
    """Phones cut where the letters of the words suggest it, at least one for each word."""
    parts: list[Pronunciation] = []
    at, seen = 0, 0
    for place, count in enumerate(letters):
        seen += count
        left = len(letters) - 1 - place
        end = min(max(round(len(phones) * seen / sum(letters)), at + 1), len(phones) - left)
        parts.append(phones[at:end])
        at = end
    return parts


def _plain(text: str) -> str:
    return text.lower().replace("\u2019", "'").strip(_EDGES)
