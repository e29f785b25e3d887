"""Arenas: one mapping, views inside it, and what the system granted."""

import mmap
import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.memory import Arena
from kernels.memory.arena import HUGE_PAGE


def test_an_arena_is_whole_pages_of_zeros():
    arena = Arena(100)
    assert arena.bytes == mmap.PAGESIZE
    assert arena.address % mmap.PAGESIZE == 0
    assert not arena.view(0, (arena.bytes,), np.uint8).any()


def test_views_share_the_arena_and_keep_it_alive():
    arena = Arena(4096)
    floats, raw = arena.view(64, (2, 3), np.float32), arena.view(64, (24,), np.uint8)
    floats[1, 2] = 1.0
    assert raw[20:].tobytes() == np.float32(1.0).tobytes()
    assert floats.flags.c_contiguous
    assert floats.ctypes.data == arena.address + 64
    del arena
    assert floats[1, 2] == 1.0


def test_views_of_structures():
    token = np.dtype([("state", np.int32), ("score", np.float64)], align=True)
    arena = Arena(4096)
    arena.view(0, (4,), token)["score"][3] = 2.5
    assert arena.view(3 * token.itemsize + 8, (), np.float64) == 2.5


@given(st.integers(-10, 5000), st.integers(0, 5000), st.sampled_from([np.uint8, np.int16, np.float32, np.float64]))
def test_a_view_is_inside_and_aligned_or_refused(offset, count, dtype):
    arena = Arena(4096, lock=False)
    size = np.dtype(dtype).itemsize
    if offset >= 0 and offset + count * size <= 4096 and offset % size == 0:
        assert arena.view(offset, (count,), dtype).shape == (count,)
    else:
        with pytest.raises(ValueError, match=r"plan it first|raise the buffer's alignment"):
            arena.view(offset, (count,), dtype)


def test_poison_reads_as_nan_in_every_float():
    arena = Arena(4096)
    arena.poison()
    for dtype in (np.float16, np.float32, np.float64):
        assert np.isnan(arena.view(0, (512,), dtype)).all()


def test_a_large_arena_begins_where_huge_pages_do():
    arena = Arena(3 * HUGE_PAGE)
    assert arena.address % HUGE_PAGE == 0
    assert 0 <= arena.huge_bytes() <= arena.bytes
    assert arena.huge or arena.huge_bytes() in (0, arena.bytes)


def test_huge_pages_are_possible_where_the_system_gives_them():
    """Not that they are given: that depends on how scattered free memory is."""
    enabled = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if not enabled.exists() or "[never]" in enabled.read_text():
        pytest.skip("this system gives no transparent huge pages")
    arena = Arena(2 * HUGE_PAGE)
    eligible, inside = None, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        first = line.split(maxsplit=1)[0]
        if not first.endswith(":"):
            low, high = (int(part, 16) for part in first.split("-"))
            inside = low <= arena.address < high
        elif inside and first == "THPeligible:":
            eligible = int(line.split()[1])
    assert eligible == 1


def test_a_forked_child_has_its_own():
    arena = Arena(4096)
    seen = arena.view(0, (1,), np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child does nothing but write and end
        child = os.fork()
    if child == 0:
        seen[0] = 7
        os._exit(0)
    os.waitpid(child, 0)
    assert seen[0] == 0


def test_a_locked_arena_is_counted_as_locked():
    def locked() -> int:
        status = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in status if line.startswith("VmLck:"))

    before = locked()
    arena = Arena(1 << 16)
    assert locked() - before == (64 if arena.locked else 0)


def test_all_of_an_arena_is_resident_before_the_first_step():
    def resident() -> int:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * mmap.PAGESIZE

    before = resident()
    arena = Arena(16 << 20, lock=False)
    assert resident() - before >= 15 << 20
    assert arena.bytes == 16 << 20


@pytest.mark.parametrize("size", [0, -1])
def test_an_arena_of_nothing_is_refused(size):
    with pytest.raises(ValueError, match="an arena of"):
        Arena(size)


def test_more_than_the_machine_has_is_said():
    with pytest.raises(MemoryError, match="lower the limit"):
        Arena(1 << 60)
