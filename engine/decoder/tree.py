"""A lexicon as a tree of phones, which tells where a word may end."""

from __future__ import annotations

import numpy as np

from engine.lexicon import WordLexicon
from kernels.token_passing.words import PhoneTree


def phone_tree(lexicon: WordLexicon) -> PhoneTree:
    """All pronunciations of a lexicon, from their first phones on."""
    children: list[dict[int, int]] = [{}]
    words: list[list[int]] = [[]]
    longer = np.zeros(len(lexicon.words), np.bool_)
    for number, variants in enumerate(lexicon.pronunciations):
        for variant in variants:
            node = 0
            for phone in variant:
                following = children[node].get(phone)
                if following is None:
                    following = children[node][phone] = len(children)
                    children.append({})
                    words.append([])
                node = following
            words[node].append(number)
        longer[number] = any(one != other and one[: len(other)] == other for one in variants for other in variants)
    return PhoneTree(
        offsets=_offsets([len(one) for one in children]),
        phone=np.array([phone for one in children for phone in one], np.uint8),
        child=np.array([child for one in children for child in one.values()], np.int32),
        ends=_offsets([len(one) for one in words]),
        word=np.array([word for one in words for word in one], np.int32),
        longer=longer,
    )


def _offsets(counts: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
