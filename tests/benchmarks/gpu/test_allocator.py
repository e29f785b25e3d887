"""The allocator experiment: the trace, the work of an arm, and what a CPU can run of it."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="the experiment is torch; install understudy[train]")

from benchmarks.gpu.allocator.__main__ import ARMS, main  # noqa: E402
from benchmarks.gpu.allocator.arms import Looking, Planned, Work, script_of  # noqa: E402
from benchmarks.gpu.allocator.measure import split  # noqa: E402
from benchmarks.gpu.allocator.trace import CHUNKS, TAILS, TICK_MS, Tick, arrivals, growth  # noqa: E402
from benchmarks.kernels.allocations import NoCounterError, counter_library  # noqa: E402
from kernels.memory import Spec, lower_bound  # noqa: E402


@settings(max_examples=25)
@given(st.integers(0, 99), st.integers(1, 120), st.floats(0.5, 20), st.integers(1, 12))
def test_streams_join_step_and_leave_in_order(seed, ticks, mean, slots):
    trace = arrivals(np.random.default_rng(seed), ticks, mean, slots, stay=10)
    assert trace == arrivals(np.random.default_rng(seed), ticks, mean, slots, stay=10)
    active: set[int] = set()
    for tick in trace.ticks:
        assert not active & set(tick.joins)
        active |= set(tick.joins)
        assert len(active) <= slots
        stepped = [stream for _, streams in tick.batches for stream in streams]
        assert len(stepped) == len(set(stepped))
        assert set(tick.leaves) <= set(stepped) <= active
        assert {ms for ms, _ in tick.batches} <= {*CHUNKS, *TAILS}
        active -= set(tick.leaves)


def test_growth_only_ends_when_it_has_grown():
    trace = growth(20, 8)
    active: set[int] = set()
    for tick in trace.ticks:
        active |= set(tick.joins)
        assert sorted(stream for _, streams in tick.batches for stream in streams) == sorted(active)
        assert all(ms == TICK_MS and len(streams) <= 8 for ms, streams in tick.batches)
        active -= set(tick.leaves)
    assert len(active) >= 19


def test_batches_are_split():
    tick = Tick(batches=[(320, (1, 2, 3, 4, 5)), (640, (6,))])
    assert split(tick, 2) == [(320, (1, 2)), (320, (3, 4)), (320, (5,)), (640, (6,))]


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 20), st.integers(0, 10)), min_size=1, max_size=20),
)
def test_a_script_keeps_buffers_exactly_as_long_as_they_live(rows):
    specs = [Spec(str(n), size, first, first + life, 1) for n, (size, first, life) in enumerate(rows)]
    alive: dict[int, int] = {}
    most = 0
    for place, (size, ends) in enumerate(script_of(specs)):
        alive[place] = size
        most = max(most, sum(alive.values()))
        for end in ends:
            del alive[end]
    assert not alive
    assert most == lower_bound(specs)


@pytest.fixture(scope="module")
def work():
    return Work()


def test_planned_steps_write_the_slots_of_their_streams_and_no_others(work):
    arm = Planned(work, "cpu", slots=4, batch=4, chunks=[80])
    for stream in range(3):
        arm.join(stream)
    arm.step(80, [0, 2])
    keys = arm._slab.view("keys")
    assert [int(keys[arm._slots[stream]].max()) for stream in range(3)] == [2, 0, 2]
    arm.leave(2)
    arm.join(7)
    assert int(keys[arm._slots[7]].max()) == 0


def test_what_a_graph_captures_is_what_a_cpu_runs(work):
    written = []
    for run in ("direct", "graph"):
        arm = Planned(work, "cpu", slots=3, batch=2, chunks=[80])
        for stream in range(3):
            arm.join(stream)
        bucket, slots = arm._buckets[80, 2], [arm._slots[0], arm._slots[2]]
        if run == "direct":
            bucket.run(slots)
        else:
            bucket._rows[:] = torch.tensor(slots)
            bucket.graph_work()
        written.append(arm._slab.memory.tensor.clone())
    assert torch.equal(*written)


def test_a_stream_without_an_arena_keeps_its_row(work):
    arm = Looking(work, "cpu")
    for stream in range(2):
        arm.join(stream)
    arm.step(80, [1])
    assert [int(arm._kept[stream]["keys"].max()) for stream in range(2)] == [0, 2]
    assert arm._kept[0]["records"].nbytes == arm._kept[1]["records"].nbytes == 36_000 * 40


def test_the_arms_of_a_gpu_are_told_apart():
    assert list(ARMS["cuda"]) == ["caching", "expandable segments", "cudaMallocAsync", "arena"]


@pytest.mark.slow
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU: the experiment would take it")
def test_on_a_cpu_it_says_that_gpus_have_not_been_run(tmp_path, capsys):
    try:
        counter_library()
    except NoCounterError as why:
        pytest.skip(str(why))
    line = ["--ticks", "45", "--mean", "2", "--slots", "2", "--rounds", "1", "--budget", "24", "--out"]
    main([*line, str(tmp_path), "--plot", str(tmp_path / "plot.svg")])
    told = capsys.readouterr().out
    assert "the GPU arms (caching, expandable segments, cudaMallocAsync, arena) have not been run" in told
    (file,) = tmp_path.glob("allocator-*.json")
    found = json.loads(file.read_text())
    assert found["kind"] == "cpu"
    assert found["arms"]["arena"]["admitted"] == found["arms"]["arena"]["predicted"] > 0
    assert found["arms"]["arena"]["calls"]["of 4 KiB or more"] == 0
    assert found["arms"]["glibc malloc"]["calls"]["to libc"] > 1000
    assert len(ElementTree.parse(tmp_path / "plot.svg").getroot().findall("{http://www.w3.org/2000/svg}path")) == 6


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_a_gpu_every_arm_runs(tmp_path):
    main(
        [*["--ticks", "45", "--mean", "8", "--slots", "8", "--rounds", "1", "--budget", "512", "--out"], str(tmp_path)]
    )
    (file,) = tmp_path.glob("allocator-*.json")
    found = json.loads(file.read_text())
    assert set(found["arms"]) == set(ARMS["cuda"])
    assert found["arms"]["arena"]["busiest"]["to the driver"] == 0
