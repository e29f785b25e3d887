"""The trie of n-grams."""

import numpy as np

from engine.spelling.joint import Trie, grow

#        root, then 0 1 2, then 0-1 1-2 2-2, then 0-1-2
PARENT, SYMBOL = np.array([0, 0, 0, 0, 1, 2, 3, 4]), np.array([0, 0, 1, 2, 1, 2, 2, 2])
LEVELS = np.array([0, 1, 4, 7, 8])


def test_a_suffix_is_the_ngram_without_its_first_symbol() -> None:
    trie = grow(PARENT, SYMBOL, LEVELS, 3)
    assert trie.suffix.tolist() == [0, 0, 0, 0, 2, 3, 3, 5]
    assert trie.order == 3


def test_children_follow_one_another() -> None:
    first = grow(PARENT, SYMBOL, LEVELS, 3).first_child()
    assert [list(range(first[node], first[node + 1])) for node in range(len(PARENT))] == [
        [1, 2, 3], [4], [5], [6], [7], [], [], []
    ]  # fmt: skip


def test_keeping_some_nodes_keeps_their_relations() -> None:
    keep = np.array([True, True, True, True, False, True, False, False])
    trie = grow(PARENT, SYMBOL, LEVELS, 3).kept(keep)
    assert isinstance(trie, Trie)
    assert trie.parent.tolist() == [0, 0, 0, 0, 2]
    assert trie.suffix.tolist() == [0, 0, 0, 0, 3]
    assert trie.levels.tolist() == [0, 1, 4, 5]
    assert trie.order == 2
