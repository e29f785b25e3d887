"""Words that a dictionary lacks: which they are, and how they are probably said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from engine.phones import Lexicon, words_of
from engine.spelling.speller import Phones, Pronunciation

LIKELY = 0.3  # of the likeliest variant's probability; less is no variant


def missing_words(texts: Iterable[str], lexicon: Lexicon) -> Counter[str]:
    """Count the words of transcripts that a lexicon lacks."""
    counts = Counter(word for text in texts for word in words_of(text))
    for word in list(counts):
        if word in lexicon or word.strip("'") in lexicon:
            del counts[word]
    return counts


class Sayer(Protocol):
    """What pronounces words: a ``Speller``, best one that knows the lexicon for the sake of possessives."""

    def spell(self, word: str, n: int = 1) -> tuple[Pronunciation, ...]:
        """Give up to n pronunciations, the likeliest first."""


def extra_words(
    words: Iterable[str], lexicon: Lexicon, speller: Sayer, variants: int = 2
) -> dict[str, tuple[Phones, ...]]:
    """Pronounce the words that a lexicon lacks; words that cannot be said are left out.

    Args:
        variants: at most so many pronunciations a word, the likeliest first.
    """
    result: dict[str, tuple[Phones, ...]] = {}
    for word in dict.fromkeys(words):
        if word in lexicon:
            continue
        try:
            ways = speller.spell(word, variants)
        except ValueError:
            continue
        result[word] = tuple(way.phones for way in ways if way.probability >= LIKELY * ways[0].probability)
    return result
