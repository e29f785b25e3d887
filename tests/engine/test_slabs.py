"""Slots are lent to streams and come back: reserved ones first, zeros each time, never to two at once."""

import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.slabs import Slabs, Stay
from kernels.memory import Slab, Slot

Values = NDArray[np.int64]
CHANNELS = {"values": (np.int64, (100,))}


def values(slab: Slab, slot: Slot) -> Values:
    found: Values = slab.view("values")[slot]
    return found


def made(growth: int = 1) -> Slabs[Values]:
    return Slabs(CHANNELS, values, growth)


def test_nothing_is_taken_before_a_stream_joins() -> None:
    slabs = made(growth=3)
    assert (slabs.slots, slabs.record) == (0, 1024)
    stay = slabs.join()
    assert (slabs.slots, slabs.free) == (3, 2)
    assert not stay.kept.any()


def test_reserving_takes_what_is_missing_and_no_more() -> None:
    slabs = made()
    stay = slabs.join()
    for wanted, there in ((0, 1), (5, 5), (4, 5), (5, 5)):
        slabs.reserve(wanted)
        assert slabs.slots == there
    stays = [slabs.join() for _ in range(4)]
    assert (slabs.slots, slabs.free) == (5, 0)
    del stay, stays
    assert slabs.free == 5


@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=60), st.integers(0, 4), st.integers(1, 3))
def test_streams_share_no_slot_and_find_zeros(moves: list[int | None], reserved: int, growth: int) -> None:
    slabs = made(growth)
    slabs.reserve(reserved)
    stays: list[tuple[int, Stay[Values]]] = []
    most = 0
    for number, move in enumerate(moves, start=1):
        if move is None:
            stay = slabs.join()
            assert not stay.kept.any()
            stay.kept[:] = number
            stays.append((number, stay))
            del stay
        elif move < len(stays):
            del stays[move]
        most = max(most, len(stays))
        assert all((stay.kept == mark).all() for mark, stay in stays)
        assert slabs.slots - slabs.free == len(stays)
    assert slabs.slots <= max(reserved, most + growth - 1)


def test_a_stream_in_a_cycle_gives_its_slot_back_when_it_is_collected() -> None:
    slabs = made()
    cycle: list[object] = [slabs.join()]
    cycle.append(cycle)
    del cycle
    assert slabs.free == 0
    gc.collect()
    assert slabs.free == 1


def test_threads_may_join_and_leave_together() -> None:
    slabs = made()
    slabs.reserve(4)

    def stay_a_while(mark: int) -> bool:
        for _ in range(300):
            stay = slabs.join()
            clean = not stay.kept.any()
            stay.kept[:] = mark
            if not (clean and (stay.kept == mark).all()):
                return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(stay_a_while, range(1, 5)))
    assert slabs.free == slabs.slots <= 8  # each thread's next stream joins before its last one leaves


def test_ten_thousand_streams_take_no_further_slab() -> None:
    slabs = made(growth=16)
    slabs.reserve(3)
    there = [slabs.join() for _ in range(2)]
    for _ in range(10_000):
        slabs.join()
    assert (slabs.slots, slabs.free, len(there)) == (3, 1, 2)


def test_memory_that_the_system_has_not_is_refused_and_nothing_is_kept() -> None:
    slabs = Slabs({"values": (np.uint8, (1 << 30,))}, values)
    with pytest.raises(MemoryError):
        slabs.reserve(1 << 24)
    assert slabs.slots == 0
