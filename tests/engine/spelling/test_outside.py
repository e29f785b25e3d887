"""Words outside a dictionary."""

from collections import Counter

from engine.phones import token_ids
from engine.spelling.outside import extra_words, missing_words
from engine.spelling.speller import Pronunciation

LEXICON = {"cat": (token_ids("K AE T"),)}


class Saying:
    """Says every word in three ways, of which one is unlikely."""

    def spell(self, word: str, n: int = 1) -> tuple[Pronunciation, ...]:
        if word == "?":
            raise ValueError("cannot be said")
        chances = (0.5, 0.4, 0.1)
        return tuple(Pronunciation((number,), chance) for number, chance in enumerate(chances, 1))[:n]


def test_missing_words_are_counted_and_quotes_forgiven() -> None:
    assert missing_words(["The cat's cat", "'cat' the"], LEXICON) == Counter({"the": 2, "cat's": 1})


def test_extra_words_are_those_unknown_with_their_likely_variants() -> None:
    assert extra_words(["cat", "dog", "?", "dog"], LEXICON, Saying(), 3) == {"dog": ((1,), (2,))}
    assert extra_words(["dog"], LEXICON, Saying(), 1) == {"dog": ((1,),)}
