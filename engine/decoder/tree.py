"""A lexicon as a tree of phones, which tells where a word may end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.lexicon import Pronunciation, WordLexicon
from kernels.token_passing.words import PhoneTree

T = TypeVar("T", bound=np.generic)


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


def grown_tree(tree: PhoneTree, more: Sequence[tuple[Pronunciation, ...]]) -> PhoneTree:
    """A copy of a tree with words behind its own.

    Args:
        more: the variants of each.
    """
    nodes, first = len(tree.offsets) - 1, len(tree.longer)
    children: dict[int, dict[int, int]] = {}  # new ones: phone and child by node
    ends: dict[int, list[int]] = {}
    for number, variants in enumerate(more, first):
        for variant in variants:
            node = 0
            for phone in variant:
                following = _child_of(tree, node, phone)
                if following is None:
                    following = children.setdefault(node, {}).setdefault(phone, nodes)
                    nodes += following == nodes
                node = following
            ends.setdefault(node, []).append(number)
    offsets, phones = _inserted(tree.offsets, tree.phone, {n: list(new) for n, new in children.items()}, nodes)
    _, child = _inserted(tree.offsets, tree.child, {n: list(new.values()) for n, new in children.items()}, nodes)
    word_ends, words = _inserted(tree.ends, tree.word, ends, nodes)
    longer = [any(a != b and a[: len(b)] == b for a in variants for b in variants) for variants in more]
    return PhoneTree(
        offsets, phones, child, word_ends, words, np.concatenate([tree.longer, np.array(longer, np.bool_)])
    )


def _child_of(tree: PhoneTree, node: int, phone: int) -> int | None:
    if node >= len(tree.offsets) - 1:
        return None
    begin = int(tree.offsets[node])
    found = np.flatnonzero(tree.phone[begin : tree.offsets[node + 1]] == phone)
    return int(tree.child[begin + int(found[0])]) if len(found) else None


def _inserted(
    offsets: NDArray[np.int32], values: NDArray[T], more: dict[int, list[int]], nodes: int
) -> tuple[NDArray[np.int32], NDArray[T]]:
    """Rows of values, by node, with more of them at the ends of some rows, and new rows at the end."""
    counts = np.zeros(nodes, np.int64)
    counts[: len(offsets) - 1] = np.diff(offsets)
    where = [int(offsets[min(node + 1, len(offsets) - 1)]) for node in sorted(more) for _ in more[node]]
    added = np.array([value for node in sorted(more) for value in more[node]], values.dtype)
    for node, row in more.items():
        counts[node] += len(row)
    longer = np.insert(values, np.array(where, np.int64), added)
    return _offsets(counts.tolist()), longer


def _offsets(counts: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
