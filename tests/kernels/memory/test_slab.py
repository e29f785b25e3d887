"""Slabs: a clean record for every stream that joins, and a clear refusal of whatever is out of order."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kernels.memory import Arena, FullError, ReleaseError, Slab, record_bytes
from kernels.memory.gpu import DeviceArena

CHANNELS = {"keys": (np.float32, (3, 5)), "tail": (np.int16, (7,)), "heard": (np.int64, ())}


def test_channels_are_contiguous_and_aligned():
    slab = Slab(CHANNELS, 4)
    assert slab.view("keys").shape == (4, 3, 5)
    assert slab.view("heard").shape == (4,)
    for name in CHANNELS:
        assert slab.view(name).flags.c_contiguous
        assert slab.view(name).ctypes.data % 256 == 0


def test_channels_do_not_overlap():
    slab = Slab(CHANNELS, 3)
    for number, name in enumerate(CHANNELS, 1):
        slab.view(name)[...] = number
    assert [np.unique(slab.view(name)).tolist() for name in CHANNELS] == [[1], [2], [3]]


def test_a_slab_takes_exactly_its_records():
    arena = Arena(4 * record_bytes(CHANNELS))
    slab = Slab(CHANNELS, 4, DeviceArena(4 * record_bytes(CHANNELS), "cpu"))
    assert slab.record * 4 == slab.memory.bytes == 4 * 3 * 256
    assert arena.bytes >= 4 * slab.record
    with pytest.raises(ValueError, match="plan it first"):
        Slab(CHANNELS, 5, DeviceArena(4 * record_bytes(CHANNELS), "cpu"))


@pytest.mark.parametrize("memory", [None, DeviceArena(1 << 14, "cpu")], ids=["numpy", "torch"])
def test_a_stream_that_joins_finds_zeros(memory):
    slab = Slab(CHANNELS, 2, memory)
    first = slab.acquire()
    for name in CHANNELS:
        slab.view(name)[first] = 7
    slab.release(first)
    again = slab.acquire()
    assert again == first
    assert all(not slab.view(name)[again].any() for name in CHANNELS)


def test_over_capacity():
    slab = Slab(CHANNELS, 2)
    held = [slab.acquire(), slab.acquire()]
    with pytest.raises(FullError, match="all 2 slots are taken; refuse the stream"):
        slab.acquire()
    slab.release(held[0])
    assert slab.acquire() == held[0]


def test_streams_leave_in_any_order():
    slab = Slab(CHANNELS, 3)
    held = [slab.acquire() for _ in range(3)]
    for place in (1, 2, 0):
        slab.release(held[place])
    assert slab.free == 3


def test_double_release():
    slab = Slab(CHANNELS, 2)
    slot = slab.acquire()
    slab.release(slot)
    with pytest.raises(ReleaseError, match="slot 0 was released before"):
        slab.release(slot)


def test_a_late_release_does_not_take_the_slot_from_the_next_stream():
    slab = Slab(CHANNELS, 1)
    gone = slab.acquire()
    slab.release(gone)
    present = slab.acquire()
    with pytest.raises(ReleaseError, match="released before"):
        slab.release(gone)
    assert slab.free == 0
    slab.release(present)


@pytest.mark.parametrize("slot", [0, -1, 99, np.int64(0)])
def test_a_number_is_nobodys_slot(slot):
    slab = Slab(CHANNELS, 2)
    slab.acquire()
    with pytest.raises(ReleaseError, match="not acquired from this slab"):
        slab.release(slot)


def test_a_slot_of_another_slab():
    slab, other = Slab(CHANNELS, 2), Slab(CHANNELS, 2)
    slab.acquire()
    with pytest.raises(ReleaseError, match="not acquired from this slab"):
        slab.release(other.acquire())


@pytest.mark.parametrize(("channels", "slots"), [({}, 1), (CHANNELS, 0), (CHANNELS, -2)])
def test_a_slab_of_nothing_is_refused(channels, slots):
    with pytest.raises(ValueError, match="at least one of each"):
        Slab(channels, slots)


def test_a_hundred_thousand_streams_come_and_go():
    slab = Slab(CHANNELS, 16)
    rng = np.random.default_rng(7)
    joins = rng.random(100_000) < 0.5
    places = rng.random(100_000)
    held: list[int] = []
    for join, place in zip(joins.tolist(), places.tolist(), strict=True):
        if join and slab.free:
            held.append(slab.acquire())
        elif held:
            slab.release(held.pop(int(place * len(held))))
    assert slab.free + len(held) == 16
    assert len(set(held)) == len(held)


class Streams(RuleBasedStateMachine):
    """Streams join, write and leave at random; nobody ever sees what another one wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.slab = Slab(CHANNELS, 3)
        self.held: dict[int, int] = {}  # slot -> what its stream wrote
        self.gone: list[int] = []

    @precondition(lambda self: len(self.held) < 3)
    @rule()
    def join(self) -> None:
        slot = self.slab.acquire()
        assert slot not in self.held
        self.held[slot] = 0

    @precondition(lambda self: len(self.held) == 3)
    @rule()
    def join_in_vain(self) -> None:
        with pytest.raises(FullError):
            self.slab.acquire()

    @precondition(lambda self: self.held)
    @rule(data=st.data(), value=st.integers(1, 100))
    def write(self, data: st.DataObject, value: int) -> None:
        slot = data.draw(st.sampled_from(sorted(self.held)))
        for name in CHANNELS:
            self.slab.view(name)[slot] = value
        self.held[slot] = value

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        slot = data.draw(st.sampled_from(sorted(self.held)))
        del self.held[slot]
        self.slab.release(slot)
        self.gone.append(slot)

    @precondition(lambda self: self.gone)
    @rule(data=st.data())
    def leave_again(self, data: st.DataObject) -> None:
        with pytest.raises(ReleaseError):
            self.slab.release(data.draw(st.sampled_from(self.gone)))

    @invariant()
    def everybody_has_their_own(self) -> None:
        assert self.slab.free == 3 - len(self.held)
        for slot, value in self.held.items():
            assert all((self.slab.view(name)[slot] == value).all() for name in CHANNELS)


TestStreams = Streams.TestCase
TestStreams.settings = settings(max_examples=30, stateful_step_count=30)
