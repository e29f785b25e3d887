"""Buckets, padding, slots and staging of the executor, on the CPU; its numbers against ONNX Runtime's."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acoustic.body import Body
from engine.acoustic.executors import Choice
from engine.gpu.choice import choose
from engine.gpu.executor import Executor, buckets
from engine.gpu.weights import read_body
from kernels.memory import FullError, ReleaseError

STREAMS = 6


@pytest.fixture(scope="module")
def body(folder: Path) -> Body:
    return Body.load(folder, Choice.ONNX_RUNTIME)


@pytest.fixture(scope="module")
def executor(folder: Path, body: Body) -> Executor:
    shape, weights = read_body(folder / "body.onnx", body.card)
    return Executor(shape, weights, "cpu", choose("cpu"), [16, 32], STREAMS, STREAMS)


def features(rng: np.random.Generator, streams: int, frames: int) -> np.ndarray:
    return rng.normal(10, 3, (streams, frames, 80)).astype(np.float32)


def test_buckets_are_powers_of_two_largest_first() -> None:
    assert buckets(1) == (1,)
    assert buckets(6) == (8, 4, 2, 1)
    assert buckets(1024) == tuple(2**power for power in range(10, -1, -1))
    for wrong in (0, 1025):
        with pytest.raises(ValueError, match="1 to 1024"):
            buckets(wrong)


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 999),
    plan=st.lists(
        st.tuples(st.sets(st.integers(0, STREAMS - 1), min_size=1), st.sampled_from([8, 16, 24, 32])), max_size=8
    ),
)
def test_streams_that_come_and_go_hear_what_onnx_runtime_hears(
    executor: Executor, body: Body, device: SimpleNamespace, seed: int, plan: list
) -> None:
    rng = np.random.default_rng(seed)
    slots = [executor.acquire() for _ in range(STREAMS)]
    states, heard = [body.begin(320) for _ in range(STREAMS)], [0] * STREAMS
    for chosen, frames in plan:
        order = rng.permutation(sorted(chosen)).tolist()
        chunk = features(rng, len(order), frames)
        found = executor.step([slots[i] for i in order], [heard[i] for i in order], chunk)
        truth = body.step([states[i] for i in order], chunk)
        assert found.shape == truth.shape
        assert np.abs(found - truth).max() <= device.tolerance
        for i in order:
            heard[i] += frames // 4
    for slot in rng.permutation(STREAMS):
        executor.release(slots[slot])


def test_what_memory_held_before_does_not_matter(executor: Executor) -> None:
    chunk = features(np.random.default_rng(1), 3, 32)

    def said(held: float) -> np.ndarray:
        slots = [executor.acquire() for _ in range(3)]
        for block in range(executor.shape.blocks):
            for name in ("keys", "values", "gates"):
                executor.slab.view(f"{name}.{block}").fill_(held)
        found = executor.step(slots, [0] * 3, chunk)
        for slot in slots:
            executor.release(slot)
        return found

    clean = said(0.0)
    executor._arena.poison()
    assert said(np.nan).tobytes() == clean.tobytes()


def test_streams_do_not_hear_their_neighbours(executor: Executor) -> None:
    """A bucket of another size may sum in another order, a neighbour of other audio in the same bucket may not."""
    chunk = features(np.random.default_rng(2), 4, 16)
    slots = [executor.acquire() for _ in range(4)]
    together = executor.step(slots, [0] * 4, chunk)
    for slot in slots:
        executor.release(slot)
    slots = [executor.acquire() for _ in range(4)]
    chunk[1:] = features(np.random.default_rng(3), 3, 16)
    assert executor.step(slots, [0] * 4, chunk)[0].tobytes() == together[0].tobytes()
    for slot in slots:
        executor.release(slot)


def test_slots_over_capacity_and_wrong_releases_are_refused(executor: Executor) -> None:
    slots = [executor.acquire() for _ in range(STREAMS)]
    with pytest.raises(FullError, match="refuse the stream"):
        executor.acquire()
    executor.release(slots[4])
    with pytest.raises(ReleaseError, match="released before"):
        executor.release(slots[4])
    chunk = features(np.random.default_rng(4), 1, 16)
    with pytest.raises(ValueError, match="not held"):
        executor.step([slots[4]], [0], chunk)
    again = executor.acquire()
    assert int(again) == int(slots[4])
    with pytest.raises(ValueError, match="not held"):
        executor.step([slots[4]], [0], chunk)  # the same place, another stream's stay
    with pytest.raises(ValueError, match="twice"):
        executor.step([again, again], [0, 0], np.concatenate([chunk, chunk]))
    for slot in (again, *slots[:4], slots[5]):
        executor.release(slot)


@pytest.mark.parametrize(
    ("shape", "what"),
    [
        ((1, 0, 80), "multiple of 8"),
        ((1, 12, 80), "multiple of 8"),
        ((1, 40, 80), "from 8 to 32"),
        ((1, 16, 79), "8 n, 80"),
        ((2, 16, 80), "1 streams"),
    ],
)
def test_chunks_that_do_not_fit_are_refused_before_anything_runs(
    executor: Executor, shape: tuple[int, ...], what: str
) -> None:
    slot = executor.acquire()
    with pytest.raises(ValueError, match=what):
        executor.step([slot], [0], np.zeros(shape, np.float32))
    executor.release(slot)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused_by_stream(executor: Executor, wrong: float) -> None:
    slots = [executor.acquire() for _ in range(2)]
    chunk = features(np.random.default_rng(4), 2, 16)
    chunk[1, 3, 7] = wrong
    with pytest.raises(ValueError, match="stream 1 are not finite"):
        executor.step(slots, [0, 0], chunk)
    for slot in slots:
        executor.release(slot)


def test_the_plan_is_near_its_lower_bound_and_one_arena_serves_all_buckets(executor: Executor) -> None:
    peaks = [plan.peak for plan in executor.plans.values()]
    assert executor.arena_bytes == max(peaks)
    assert all(plan.peak <= 1.05 * plan.lower_bound for plan in executor.plans.values())
    assert list(executor.plans) == sorted(executor.plans, key=lambda key: -key[0])


def test_joining_and_leaving_leaks_nothing(executor: Executor) -> None:
    rng = np.random.default_rng(6)
    held, free = [], executor.slab.free
    for _ in range(100_000):
        if held and (rng.random() < 0.5 or not executor.slab.free):
            executor.release(held.pop(int(rng.integers(len(held)))))
        else:
            held.append(executor.acquire())
    for slot in held:
        executor.release(slot)
    assert executor.slab.free == free
