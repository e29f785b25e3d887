"""The compiled step is the float64 one, up to the rounding of rows; a stream never feels its neighbours."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kernels.conformer import reference
from kernels.conformer.cpu import ChunkStep
from kernels.conformer.weights import Weights
from kernels.memory import Slab

F32 = NDArray[np.float32]
CHUNKS = st.lists(st.integers(1, 4), min_size=1, max_size=6)  # pairs of tokens


def some_features(seed: int, streams: int, frames: int) -> F32:
    rng = np.random.default_rng(seed)
    loud = rng.normal(10, 3, (streams, frames, 10))
    loud[rng.random(loud.shape) < 0.02] *= 20  # outliers
    return loud.astype(np.float32)


def run(step: ChunkStep, slab: Slab, slots: Sequence[int], features: F32) -> F32:
    """One step, with working memory and result full of NaN before."""
    step._arena.poison()
    out = np.full((len(slots), features.shape[1] // 4, 20), np.nan, np.float32)
    step([step.record(slab, slot) for slot in slots], np.ascontiguousarray(features), out)
    return out


def levels(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows rounded as the compiled step rounds them."""
    most = min(32_767, (2**31 - 1) // (127 * rows.shape[1]))
    worth = np.abs(rows).max(axis=1, keepdims=True) / most
    return np.asarray(np.round(rows / np.where(worth, worth, 1)) * worth)


def moved(rows: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Rows with each value moved by up to half a level: as much as rounding may move it."""
    most = min(32_767, (2**31 - 1) // (127 * rows.shape[1]))
    return np.asarray(rows + rng.uniform(-0.5, 0.5, rows.shape) * np.abs(rows).max(axis=1, keepdims=True) / most)


def bound(weights: Weights, features: F32, cuts: Sequence[int]) -> float:
    """Four times the most that such moves of every product's rows change the float64 results, of five draws."""
    rng = np.random.default_rng(0)
    plain = whole(weights, features, cuts, lambda rows: rows)
    changes = [whole(weights, features, cuts, lambda rows: moved(rows, rng)) - plain for _ in range(5)]
    return 4 * max(float(np.abs(change).max()) for change in changes)


def whole(weights: Weights, features: F32, cuts: Sequence[int], read: reference.Read) -> NDArray[np.float64]:
    state = reference.begin(weights)
    return np.concatenate([reference.step(weights, state, part, read) for part in np.split(features, cuts)])


@settings(max_examples=15, deadline=None)
@given(pairs=CHUNKS, streams=st.integers(1, 5), seed=st.integers(0, 99))
def test_every_chunk_is_the_reference(
    weights: Weights, step: ChunkStep, pairs: list[int], streams: int, seed: int
) -> None:
    features = some_features(seed, streams, 8 * sum(pairs))
    cuts = np.cumsum(pairs)[:-1] * 8
    slab = Slab(step.channels, streams)
    slots = [slab.acquire() for _ in range(streams)]
    found = np.concatenate([run(step, slab, slots, part) for part in np.split(features, cuts, axis=1)], axis=1)
    for stream in range(streams):
        expected = whole(weights, features[stream], cuts, lambda rows: rows)
        assert np.abs(found[stream] - expected).max() <= bound(weights, features[stream], cuts)


def test_the_rounding_of_rows_is_all_that_differs(weights: Weights, step: ChunkStep) -> None:
    features, cuts = some_features(3, 1, 160)[0], [32, 64, 96, 128]
    slab = Slab(step.channels, 1)
    slot = slab.acquire()
    found = np.concatenate([run(step, slab, [slot], part[None])[0] for part in np.split(features, cuts)])
    plain, rounded = (whole(weights, features, cuts, read) for read in (lambda rows: rows, levels))
    # float32 moves a value over the edge between two levels now and then, never more than a few.
    assert np.median(np.abs(found - rounded)) <= np.median(np.abs(found - plain))
    assert np.abs(found - rounded).max() <= bound(weights, features, cuts)


def test_streams_are_the_same_to_the_last_bit_in_any_batch(step: ChunkStep) -> None:
    features = some_features(5, 7, 96)
    alone = []
    for row in features:
        slab = Slab(step.channels, 1)
        slot = slab.acquire()
        alone.append([run(step, slab, [slot], row[None, at : at + 32])[0] for at in (0, 32, 64)])
    slab = Slab(step.channels, 9)
    slots = [slab.acquire() for _ in range(7)]
    for turn, order in enumerate(([0, 1, 2, 3, 4, 5, 6], [6, 3, 1, 0, 2, 5, 4], [2, 0, 4, 5, 6, 3, 1])):
        part = features[order, 32 * turn : 32 * turn + 32]
        found = run(step, slab, [slots[stream] for stream in order], part)
        for place, stream in enumerate(order):
            np.testing.assert_array_equal(found[place], alone[stream][turn])


def test_what_is_not_finite_stays_in_its_stream(step: ChunkStep) -> None:
    features = some_features(7, 3, 64)
    broken = features.copy()
    broken[1, 20, 4] = np.nan
    found = []
    for given_features in (features, broken):
        slab = Slab(step.channels, 3)
        slots = [slab.acquire() for _ in range(3)]
        found.append([run(step, slab, slots, given_features[:, at : at + 32]) for at in (0, 32)])
    for sound, other in zip(*found, strict=True):
        np.testing.assert_array_equal(sound[[0, 2]], other[[0, 2]])
    assert np.isnan(found[1][1][1]).all()


def test_a_slot_that_is_taken_again_has_heard_nothing(step: ChunkStep) -> None:
    features = some_features(9, 1, 64)
    slab = Slab(step.channels, 1)
    slot = slab.acquire()
    first = run(step, slab, [slot], features[:, :32])
    run(step, slab, [slot], np.full((1, 32, 10), np.nan, np.float32))
    slab.release(slot)
    np.testing.assert_array_equal(run(step, slab, [slab.acquire()], features[:, :32]), first)


def test_hours_of_audio_keep_their_precision(weights: Weights, step: ChunkStep) -> None:
    """Positions are absolute in the rings; a stream that has heard ten hours hears as one that has heard a second."""
    features = some_features(1, 1, 64)
    found = []
    for heard in (32, 900_000 + 32):  # both multiples of the rings' lengths' common multiple plus 32
        slab = Slab(step.channels, 1)
        slot = slab.acquire()
        slab.view("heard")[slot] = heard
        for at in (0, 32):
            found.append(run(step, slab, [slot], features[:, at : at + 32]))
    assert np.abs(found[3] - found[1]).max() <= bound(weights, features[0], [32])


@pytest.mark.parametrize(
    ("streams", "features", "out", "said"),
    [
        (1, (1, 0, 10), (1, 0, 20), "8 n"),
        (1, (1, 12, 10), (1, 3, 20), "8 n"),
        (1, (1, 72, 10), (1, 18, 20), "at most 32 frames"),
        (2, (1, 32, 10), (1, 8, 20), "2 streams"),
        (1, (1, 32, 9), (1, 8, 20), "10"),
        (1, (1, 32, 10), (1, 8, 21), "out"),
        (0, (0, 32, 10), (0, 8, 20), "no streams"),
    ],
)
def test_wrong_shapes_are_refused(
    step: ChunkStep, streams: int, features: tuple[int, ...], out: tuple[int, ...], said: str
) -> None:
    slab = Slab(step.channels, 2)
    given_streams = [step.record(slab, slab.acquire()) for _ in range(streams)]
    with pytest.raises(ValueError, match=said):
        step(given_streams, np.zeros(features, np.float32), np.zeros(out, np.float32))


def test_a_body_of_another_width_is_refused(weights: Weights) -> None:
    from dataclasses import replace

    with pytest.raises(ValueError, match="multiples of 16"):
        ChunkStep(replace(weights, rates=weights.rates[:5]))
