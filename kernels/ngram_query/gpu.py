"""Queries of n-grams by Triton: one launch, one lane a word; see the package for the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import triton.language as tl

from kernels.launched import check_device, launched
from kernels.ngram_query import check

if TYPE_CHECKING:
    from torch import Tensor

BLOCK, WARPS = 128, 4


def query(
    first: Tensor,
    word: Tensor,
    log_prob: Tensor,
    backoff: Tensor,
    shorter: Tensor,
    deepest: int,
    state: Tensor,
    words: Tensor,
    score: Tensor,
    following: Tensor,
) -> None:
    """Look words up.

    Args:
        first, word, log_prob, backoff, shorter, state, words, score, following: see the package; contiguous and on one
            device; ``word`` may also be int32. That states and words are the model's is the caller's to know: asking
            the device would hold it up.
        deepest: the first node of the longest n-grams.

    Raises:
        ValueError: a shape does not fit, or the arrays lie on no GPU.
    """
    arrays = (first, word, log_prob, backoff, shorter, state, words, score, following)
    check(*[tuple(array.shape) for array in arrays])
    check_device("n-grams", words.device.type)
    count = words.numel()
    if count:
        grid = (-(-count // BLOCK),)
        _query[grid](*arrays, count, words.shape[1], deepest, BLOCK, num_warps=WARPS)


@launched
def _query(
    first: tl.tensor,
    word: tl.tensor,
    log_prob: tl.tensor,
    backoff: tl.tensor,
    shorter: tl.tensor,
    state: tl.tensor,
    words: tl.tensor,
    score: tl.tensor,
    following: tl.tensor,
    count: tl.tensor,
    each: tl.tensor,
    deepest: tl.tensor,
    BLOCK: tl.constexpr,
) -> None:
    lane = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    real = lane < count
    wanted = tl.load(words + lane, real, -1)
    asked = wanted >= 0
    told = tl.load(state + lane // each, real, -1)
    node, found, lost = tl.where(asked, told, -1), tl.full((BLOCK,), -1, tl.int32), tl.zeros((BLOCK,), tl.float32)

    while tl.max(node, 0) >= 0:  # until the last lane has found its word, or has no shorter history left
        searching = node >= 0
        low, high = tl.load(first + node, searching, 0), tl.load(first + node + 1, searching, 0)
        end = high
        while tl.max(high - low, 0) > 0:
            middle = (low + high) // 2
            open = low < high
            less = open & (tl.load(word + middle, open, 0).to(tl.int32) < wanted)
            high = tl.where(open & (less == 0), middle, high)
            low = tl.where(less, middle + 1, low)
        inside = searching & (low < end)
        hit = inside & (tl.load(word + low, inside, 0).to(tl.int32) == wanted)
        found = tl.where(hit, low, found)
        missed = searching & (hit == 0)
        lost += tl.load(backoff + node, missed, 0.0)
        node = tl.where(missed, tl.load(shorter + node, missed, -1), -1)

    found = tl.where(found < 0, wanted, found)
    score_of = lost + tl.load(log_prob + found, real & asked, 0.0)
    cut = asked & (found >= deepest)
    after = tl.where(cut, tl.load(shorter + found, real & cut, -1), found)
    tl.store(score + lane, tl.where(asked, score_of, float("-inf")), real)
    tl.store(following + lane, tl.where(asked, after, told), real)
