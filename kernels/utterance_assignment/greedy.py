"""A good choice without times: one utterance moves at a time while that saves errors, 64 words of a stream in a step.

A column of the edit distance matrix is held as the differences between neighbouring cells, one bit each for +1 and -1.
The forward column of a stream holds the utterances that came so far; columns that run backward from the end hold those
still to come. Where the two meet at the cheapest position, an utterance between them can be put in or taken out.

Source: Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances" (2003), in blocks of 64;
Hyyrö, "Bit-parallel LCS-length computation revisited" (2004), for columns in which a substitution costs two; the search
follows meeteval's greedy combination matching.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled, inner
from kernels.utterance_assignment import Parts

I64: TypeAlias = NDArray[np.int64]
U64: TypeAlias = NDArray[np.uint64]

SWEEPS = 50  # it settles after a few

_NONE, _ONE, _TOP, _ALL = np.uint64(0), np.uint64(1), np.uint64(63), np.uint64(0xFFFFFFFFFFFFFFFF)


class _Sides(NamedTuple):
    """What a sweep looks up, K streams of B blocks in all, V different words."""

    utterances: Parts
    sizes: I64  # (K,) words of each stream
    blocks: I64  # (K + 1,) stream k has the blocks blocks[k] to blocks[k + 1]
    ahead: U64  # (V, B) where each word stands in each stream, one bit a place
    behind: U64  # (V, B) likewise, each stream from its end


class _Columns(NamedTuple):
    """Columns end to end."""

    plus: U64
    minus: U64


def improve(utterances: Parts, streams: Parts, choice: I64) -> tuple[int, I64]:
    """The cost and the choice once no single move saves anything; never worse than ``choice``.

    A substitution first costs as much as a deletion and an insertion: words that merely stand in each other's way do
    not hold an utterance where it is.
    """
    sizes = np.diff(streams.bounds)
    blocks = np.concatenate([[0], np.cumsum(-(-sizes // 64))]).astype(np.int64)
    vocabulary = 1 + max(int(utterances.ids.max(initial=0)), int(streams.ids.max(initial=0)))
    ahead, behind = (_masks(streams, blocks, vocabulary, step) for step in (1, -1))
    sides = _Sides(utterances, sizes, blocks, ahead, behind)
    _, apart = _settle(sides, choice, True)
    cost, best = _settle(sides, apart, False)
    if cost > _sweep(sides, choice, False)[2]:
        cost, best = _settle(sides, choice, False)
    return cost, best


def _masks(streams: Parts, blocks: I64, vocabulary: int, step: int) -> U64:
    found = np.zeros((vocabulary, blocks[-1]), np.uint64)
    for k in range(streams.parts):
        words = streams.part(k).ids[::step]
        place = np.arange(len(words))
        bits = np.left_shift(np.uint64(1), (place % 64).astype(np.uint64))
        np.bitwise_or.at(found, (words, blocks[k] + place // 64), bits)
    return found


def _settle(sides: _Sides, choice: I64, apart: bool) -> tuple[int, I64]:
    cost = 0
    for _ in range(SWEEPS):
        moved, cost, _ = _sweep(sides, choice, apart)
        if np.array_equal(moved, choice):
            break
        choice = moved
    return int(cost), choice


@compiled
def _sweep(sides: _Sides, choice: I64, apart: bool) -> tuple[I64, int, int]:
    """Offer each utterance in turn every stream; the choice and its cost after all of them, and the cost before.

    Args:
        apart: a substitution costs two.
    """
    blocks, bounds = sides.blocks, sides.utterances.bounds
    streams = len(sides.sizes)
    rest, after = _backward(sides, choice, apart)
    done = _Columns(np.full(blocks[streams], _ALL), np.full(blocks[streams], _NONE))
    tried = _Columns(done.plus.copy(), done.minus.copy())
    begun = np.zeros(streams, np.int64)  # words of the reference that each stream holds so far
    left = np.zeros(streams, np.int64)  # and those still to come
    for u in range(len(choice)):
        left[choice[u]] += bounds[u + 1] - bounds[u]
    current = np.empty(streams, np.int64)  # the cost of each stream as things stand
    for k in range(streams):
        current[k] = _meet(sides, done, rest, k, after[k], left[k])
    before = current.sum()
    moved = choice.copy()
    for u in range(len(choice)):
        own, length = choice[u], bounds[u + 1] - bounds[u]
        left[own] -= length
        after[own] += blocks[own + 1] - blocks[own]
        without = _meet(sides, done, rest, own, after[own], begun[own] + left[own])
        best, with_best = own, current[own]
        for k in range(streams):
            if k == own or current[own] - without == -length:  # every word of it is right where it is
                continue
            low, high = blocks[k], blocks[k + 1]
            tried.plus[low:high] = done.plus[low:high]
            tried.minus[low:high] = done.minus[low:high]
            _advance(sides.utterances, u, sides.ahead, low, high, tried, low, 1, apart)
            cost = _meet(sides, tried, rest, k, after[k], begun[k] + length + left[k])
            if cost - current[k] < with_best - (without if best == own else current[best]):
                best, with_best = k, cost
        if best != own:
            current[own] = without
            current[best] = with_best
        moved[u] = best
        _advance(sides.utterances, u, sides.ahead, blocks[best], blocks[best + 1], done, blocks[best], 1, apart)
        begun[best] += length
    return moved, current.sum(), before


@inner
def _backward(sides: _Sides, choice: I64, apart: bool) -> tuple[_Columns, I64]:
    """The columns from the end, and where those of each stream begin: one for each of its utterances and an empty one.

    The first column of a stream holds all its utterances, the last none.
    """
    blocks = sides.blocks
    streams = len(sides.sizes)
    held = np.ones(streams, np.int64)
    for k in choice:
        held[k] += 1
    first = np.zeros(streams + 1, np.int64)
    place = np.zeros(streams, np.int64)
    for k in range(streams):
        width = blocks[k + 1] - blocks[k]
        first[k + 1] = first[k] + held[k] * width
        place[k] = first[k + 1] - width
    rest = _Columns(np.full(first[streams], _ALL), np.full(first[streams], _NONE))
    for u in range(len(choice) - 1, -1, -1):
        k = choice[u]
        width, old = blocks[k + 1] - blocks[k], place[k]
        rest.plus[old - width : old] = rest.plus[old : old + width]
        rest.minus[old - width : old] = rest.minus[old : old + width]
        _advance(sides.utterances, u, sides.behind, blocks[k], blocks[k + 1], rest, old - width, -1, apart)
        place[k] = old - width
    return rest, first


@inner
def _advance(
    utterances: Parts, u: int, masks: U64, low: int, high: int, columns: _Columns, column: int, step: int, apart: bool
) -> None:
    """Take the words of an utterance into the column that begins at ``column``, on the blocks ``low`` to ``high``."""
    begin, length = utterances.bounds[u], utterances.bounds[u + 1] - utterances.bounds[u]
    plus, minus = columns.plus[column : column + high - low], columns.minus[column : column + high - low]
    for i in range(length):
        mask = masks[utterances.ids[begin + (i if step > 0 else length - 1 - i)], low:high]
        if apart:
            _advance_apart(mask, plus, minus)
        else:
            _advance_edit(mask, plus, minus)


@inner
def _advance_edit(mask: U64, plus: U64, minus: U64) -> None:
    rises, falls = _ONE, _NONE  # the top row grows by one with each word of the reference
    for b in range(len(mask)):
        up, down, equal = plus[b], minus[b], mask[b]
        crossed = equal | down
        equal |= falls
        diagonal = (((equal & up) + up) ^ up) | equal
        right, wrong = down | ~(diagonal | up), up & diagonal
        above_rises, above_falls = rises, falls
        rises, falls = right >> _TOP, wrong >> _TOP
        right, wrong = (right << _ONE) | above_rises, (wrong << _ONE) | above_falls
        plus[b] = wrong | ~(crossed | right)
        minus[b] = right & crossed


@inner
def _advance_apart(mask: U64, plus: U64, minus: U64) -> None:
    carry = _NONE
    for b in range(len(mask)):
        up = plus[b]
        common = up & mask[b]
        partial = up + common
        total = partial + carry
        carry = _ONE if partial < up or total < partial else _NONE
        plus[b] = total | (up & ~mask[b])
        minus[b] = ~plus[b]


@inner
def _meet(sides: _Sides, done: _Columns, rest: _Columns, k: int, column: int, held: int) -> int:
    """The cost of one stream: the least sum of its forward column and a backward one over all positions.

    Args:
        column: where the backward column begins.
        held: words of the reference that both columns hold together.
    """
    size, low = sides.sizes[k], sides.blocks[k]
    cost = held  # nothing of the stream is behind: all before is deleted, and the rest is the whole backward column
    for j in range(size):
        cost += _step(rest, column, j)
    best = cost
    for j in range(size):
        cost += _step(done, low, j) - _step(rest, column, size - 1 - j)
        best = min(best, cost)
    return best


@inner
def _step(columns: _Columns, column: int, j: int) -> int:
    """The difference between two neighbouring cells."""
    block, bit = column + (j >> 6), np.uint64(j & 63)
    rise, fall = (columns.plus[block] >> bit) & _ONE, (columns.minus[block] >> bit) & _ONE
    difference: int = np.int64(rise) - np.int64(fall)  # type: ignore[assignment]
    return difference
