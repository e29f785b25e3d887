"""Interpolated modified Kneser-Ney estimation over a trie, and its pruning by relative entropy.

Source: Chen and Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling" (TR-10-98), section 3;
Stolcke, "Entropy-based Pruning of Backoff Language Models" (1998), histories weighted by how often they were seen.
The estimator of ``engine.ngram`` packs four words into a number; pronunciations want histories of six and more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.ngram.kneser_ney import NEVER, discounts
from engine.spelling.graphones import BEGIN, END
from engine.spelling.joint import Floats, JointModel, Numbers, Trie, grow


def count(words: list[Numbers], symbols: int, order: int) -> tuple[Trie, Numbers]:
    """List the n-grams of words between their marks, up to an order.

    Returns:
        The trie, and how often each of its nodes was seen.
    """
    stream = np.concatenate([np.concatenate([[BEGIN], word, [END]]) for word in words]).astype(np.int64)
    ends = np.flatnonzero(stream == END)
    left = np.repeat(ends, np.diff(ends, prepend=-1)) - np.arange(len(stream)) + 1  # symbols to the word's end
    node = np.zeros(len(stream), np.int64)  # the n-gram that begins here
    parents, last, seen, levels = [np.zeros(1, np.int64)], [np.zeros(1, np.int64)], [np.array([len(stream)])], [0, 1]
    for length in range(1, order + 1):
        begins = np.flatnonzero(left >= length)
        keys, inverse, counts = np.unique(
            node[begins] * symbols + stream[begins + length - 1], return_inverse=True, return_counts=True
        )
        node[begins] = inverse + levels[-1]
        parents.append(keys // symbols)
        last.append(keys % symbols)
        seen.append(counts)
        levels.append(levels[-1] + len(keys))
    trie = grow(np.concatenate(parents), np.concatenate(last), np.array(levels, np.int64), symbols)
    return trie, np.concatenate(seen)


def estimate(trie: Trie, seen: Numbers) -> JointModel:
    """Estimate a model from counts."""
    size = len(trie.parent)
    starts = _begins(trie)
    ways = np.bincount(trie.suffix[1:], minlength=size)  # in how many ways a node is preceded
    counts = np.where(starts, seen, ways)
    counts[trie.level(trie.order)] = seen[trie.level(trie.order)]
    counts[trie.levels[1] + BEGIN] = 0  # never predicted
    log_prob, backoff = np.zeros(size), np.zeros(size)
    for order in range(1, trie.order + 1):
        here, below = trie.level(order), trie.level(order - 1)
        parent = trie.parent[here] - trie.levels[order - 1]
        many = int(below.stop - below.start)
        totals = np.bincount(parent, counts[here], many)
        taken = discounts(counts[here])[np.minimum(counts[here], 3)]
        left = np.bincount(parent, taken, many) / np.maximum(totals, 1)
        shorter = np.exp(log_prob[trie.suffix[here]]) if order > 1 else np.full(len(parent), 1.0 / (len(parent) - 1))
        probability = (counts[here] - taken) / np.maximum(totals[parent], 1) + left[parent] * shorter
        log_prob[here] = np.log(np.maximum(probability, 1e-30))
        backoff[below] = np.where(left > 0, np.log(np.maximum(left, 1e-30)), 0.0)
    log_prob[trie.levels[1] + BEGIN] = NEVER
    return JointModel(trie, log_prob, backoff)


def prune(model: JointModel, seen: Numbers, threshold: float) -> JointModel:
    """Drop the n-grams that cost less relative entropy (nats a symbol) than a threshold, longest first."""
    trie, keep = model.trie, np.ones(len(model.trie.parent), np.bool_)
    cost = entropy_cost(model, seen)
    needed = np.zeros(len(keep), np.bool_)
    for order in range(trie.order, 1, -1):
        here = trie.level(order)
        keep[here] = (cost[here] >= threshold) | needed[here]
        nodes = np.flatnonzero(keep[here]) + here.start
        needed[trie.parent[nodes]] = True
        needed[trie.suffix[nodes]] = True
    smaller = trie.kept(keep)
    log_prob = model.log_prob[keep]
    return JointModel(smaller, log_prob, _weights(smaller, log_prob))


def entropy_cost(model: JointModel, seen: Numbers) -> Floats:
    """What dropping each n-gram alone would cost, in nats a symbol."""
    trie = model.trie
    own, shorter = np.exp(model.log_prob), np.exp(model.log_prob[trie.suffix])
    left = _left(trie, own)
    left_shorter = _left(trie, shorter)
    after = np.log(left[trie.parent] + own) - np.log(left_shorter[trie.parent] + shorter)
    before = np.log(left[trie.parent]) - np.log(left_shorter[trie.parent])
    change = own * (np.log(shorter) + after - model.log_prob) + left[trie.parent] * (after - before)
    cost: Floats = -seen[trie.parent] / seen[0] * change
    cost[: trie.levels[2]] = np.inf
    return cost


def _begins(trie: Trie) -> NDArray[np.bool_]:
    """Which n-grams begin a word."""
    starts = np.zeros(len(trie.parent), np.bool_)
    starts[trie.levels[1] + BEGIN] = True
    for order in range(2, trie.order + 1):
        here = trie.level(order)
        starts[here] = starts[trie.parent[here]]
    return starts


def _left(trie: Trie, probability: Floats) -> Floats:
    """The mass that every node's children leave, by the given probability of each."""
    spent = np.bincount(trie.parent[1:], probability[1:], len(trie.parent))
    left: Floats = np.maximum(1.0 - spent, 1e-9)
    return left


def _weights(trie: Trie, log_prob: Floats) -> Floats:
    """The back-off weights that make every history sum to one."""
    shorter = np.exp(log_prob[trie.suffix])
    weights: Floats = np.log(_left(trie, np.exp(log_prob))) - np.log(_left(trie, shorter))
    childless = np.bincount(trie.parent[1:], minlength=len(trie.parent)) == 0
    weights[childless] = 0.0
    weights[0] = 0.0
    return weights
