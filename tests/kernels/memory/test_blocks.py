"""Blocks: full is an answer."""

import numpy as np
import pytest

from kernels.memory import Arena, Blocks, ReleaseError


def test_a_full_pool_says_so_and_nothing_else_happens():
    blocks = Blocks(2, 64)
    taken = [blocks.take(), blocks.take()]
    assert sorted(taken) == [0, 1]
    assert blocks.take() is None
    assert blocks.free == 0
    blocks.give(taken[0])
    assert blocks.take() == taken[0]


def test_blocks_lie_in_memory_as_numbered():
    arena = Arena(4096)
    blocks = Blocks(4, 128, arena, offset=256)
    blocks.view(np.float32)[2, :] = 3.0
    assert (arena.view(256 + 2 * 128, (32,), np.float32) == 3.0).all()
    assert not arena.view(256 + 3 * 128, (32,), np.float32).any()


def test_a_search_tightens_its_beam_where_blocks_end():
    """Keep the best tokens that there are blocks for, as a decoder does: fewer, never an error, never more memory."""
    blocks = Blocks(3, 64)
    room = blocks.view(np.float32)
    for frame in range(50):
        scores = sorted(np.random.default_rng(frame).random(8).tolist(), reverse=True)
        kept = []
        for score in scores:
            block = blocks.take()
            if block is None:
                break
            room[block, 0] = score
            kept.append(block)
        assert room[kept, 0].tolist() == np.float32(scores[:3]).tolist()
        for block in kept:
            blocks.give(block)
    assert blocks.free == 3


@pytest.mark.parametrize("block", [0, 1, 4, -1])
def test_what_is_not_taken_cannot_be_given(block):
    blocks = Blocks(4, 64)
    blocks.give(blocks.take())
    with pytest.raises(ReleaseError, match="not taken; give each block back once"):
        blocks.give(block)


@pytest.mark.parametrize(("count", "size"), [(0, 64), (1, 0), (1, 65), (-1, 64)])
def test_wrong_sizes(count, size):
    with pytest.raises(ValueError, match="multiple of 64 bytes"):
        Blocks(count, size)
