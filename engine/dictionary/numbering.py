"""Which number each word of a dictionary has: that of the lexicon, or one behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.dictionary.sounds import SaidWord, Way
from engine.lexicon import Pronunciation, WordLexicon


@dataclass(frozen=True, slots=True)
class Numbering:
    """The words of one dictionary beside a lexicon.

    A single known word keeps its number, so that it comes out in the spelling that was asked for wherever it is heard.
    A known word that is cased another way within a phrase is a word of its own: it is only meant there.
    """

    first: int  # number of the first new word
    more: dict[str, tuple[Pronunciation, ...]]  # new words, in the order of their numbers, and how they are said
    written: dict[int, str]  # new spellings of words of the lexicon
    _places: dict[str, int]
    _lexicon: WordLexicon

    def number(self, word: SaidWord) -> int:
        """The number of a word of the dictionary."""
        if self._is_known(word):
            return word.number
        return self.first + self._places[word.text]

    def _is_known(self, word: SaidWord) -> bool:
        return bool(word.number) and word.text == self.written.get(word.number, self._lexicon.words[word.number])


def number_words(ways: Iterable[Way], lexicon: WordLexicon) -> Numbering:
    """Number the words of all ways to say a dictionary's entries."""
    all_ways = list(ways)
    written: dict[int, str] = {}
    for way in all_ways:
        if len(way) == 1 and way[0].number:
            written.setdefault(way[0].number, way[0].text)
    numbering = Numbering(len(lexicon.words), {}, written, {}, lexicon)
    for word in (word for way in all_ways for word in way):
        if not numbering._is_known(word):
            said = numbering.more.get(word.text, ())
            numbering._places.setdefault(word.text, len(numbering.more))
            if word.phones not in said:
                numbering.more[word.text] = (*said, word.phones)
    return numbering
