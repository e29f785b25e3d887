"""The lexicon of a search graph: which words there are and how each is pronounced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.phones import token_ids

Pronunciation = tuple[int, ...]  # phones as token numbers
_S, _Z, _VOWEL = token_ids("S Z IH")
_VOICELESS = set(token_ids("P T K F TH"))
_HISSING = set(token_ids("S Z SH ZH CH JH"))


@dataclass(frozen=True)
class WordLexicon:
    """Words by number; number 0 is no word."""

    words: tuple[str, ...]  # words[0] is ""
    pronunciations: tuple[tuple[Pronunciation, ...], ...]  # for each word its variants

    def pack(self) -> dict[str, NDArray[np.uint8]]:
        """Flat arrays: words as lines of text; phones with 0 after a variant and a second 0 after a word."""
        text = "\n".join(self.words[1:]).encode()
        flat: list[int] = []
        for variants in self.pronunciations[1:]:
            for variant in variants:
                flat.extend((*variant, 0))
            flat.append(0)
        return {"words": np.frombuffer(text, np.uint8), "phones": np.array(flat, np.uint8)}

    @classmethod
    def unpack(cls, words: NDArray[np.uint8], phones: NDArray[np.uint8]) -> WordLexicon:
        """Read what ``pack`` wrote."""
        spelt = phones.tobytes().removesuffix(b"\0\0").split(b"\0\0")
        variants = tuple(tuple(tuple(one) for one in word.split(b"\0")) for word in spelt)
        return cls(("", *words.tobytes().decode().split("\n")), ((), *variants))


def with_possessives(
    lexicon: Mapping[str, tuple[Pronunciation, ...]], words: Iterable[str]
) -> dict[str, tuple[Pronunciation, ...]]:
    """Add the pronunciations of possessives ('s and s') whose owner the lexicon knows."""
    result = dict(lexicon)
    for word in words:
        owner = word.removesuffix("'s").removesuffix("'")
        if word in result or owner == word or owner not in lexicon:
            continue
        if word.endswith("s'"):
            result[word] = lexicon[owner]
        elif word.endswith("'s"):
            result[word] = tuple(possessive(one) for one in lexicon[owner])
    return result


def possessive(owner: Pronunciation) -> Pronunciation:
    """Say the possessive, or the plural, of a pronounced word."""
    if owner[-1] in _HISSING:
        return (*owner, _VOWEL, _Z)
    return (*owner, _S if owner[-1] in _VOICELESS else _Z)


def choose_words(
    counts: Counter[str], lexicon: Mapping[str, tuple[Pronunciation, ...]], size: int, always: Iterable[str]
) -> list[str]:
    """The most frequent pronounceable words of a text, and the wanted ones whatever their count; alphabetical."""
    wanted = {word for word in always if word in lexicon}
    for word, _ in counts.most_common():
        if len(wanted) >= size:
            break
        if word in lexicon:
            wanted.add(word)
    return sorted(wanted)
