"""Attention over a ring: the reference against attention without one, every body against the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kernels.attention_ring import cpu, moved_bytes, reference

Array = NDArray[Any]
MODULE = "kernels.attention_ring.gpu"


class Case(NamedTuple):
    """The arguments, in order."""

    projected: Array
    slot: Array
    heard: Array
    keys: Array
    values: Array
    cosines: Array
    sines: Array
    heads: int


def case(
    streams: int,
    fresh: int,
    left: int,
    depth: int,
    heads: int,
    seed: int = 0,
    dtype: type = np.float32,
    loud: float = 1.0,
) -> Case:
    """Streams of all ages in slots in any order; what nobody has written or owns is no number."""
    rng, slots, width = np.random.default_rng(seed), streams + 2, depth * heads
    heard = rng.choice([0, 1, left - 1, left, left + 1, 3 * left + 2, 90_001], streams).astype(np.int32)
    slot = rng.permutation(slots)[:streams].astype(np.int32)
    rings = np.full((2, slots, left, width), np.nan, dtype)
    for b in range(streams):
        for place in range(left):
            if place < heard[b]:
                rings[:, slot[b], place] = loud * rng.normal(size=(2, width))
    turn = [table.astype(np.float32) for table in reference.rotation(left + fresh, depth)]
    projected = (loud * rng.normal(size=(streams, fresh, 3 * width))).astype(dtype)
    return Case(projected, slot, heard, rings[0], rings[1], turn[0], turn[1], heads)


def truth(given: Case) -> tuple[Array, Array, Array]:
    wide = [a.astype(np.float64) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in given]
    return reference.attend(*wide)


def poisoned(given: Case) -> Array:
    streams, fresh, width = given.projected.shape
    return np.full((streams, fresh, width // 3), np.nan, given.projected.dtype)


def bound(given: Case, kept: float, summed: float = 2.0**-24) -> float:
    """How far an output may lie from the truth.

    Queries and keys are rounded once when they are rotated, in a unit ``kept``, and a score sums D products in a unit
    ``summed``: its error is at most 3 kept + (D + 8) summed, times |q| |k|. A weight's relative error is twice that and
    its own rounding; mixing the values rounds each of L + n terms, and the result is rounded once. A unit is half the
    spacing of numbers at 1.
    """
    depth = given.projected.shape[2] // 3 // given.heads
    terms = given.keys.shape[1] + given.projected.shape[1]
    parts = np.nan_to_num(given.projected.astype(np.float64)).reshape(*given.projected.shape[:2], 3, -1, depth)
    norms = np.linalg.norm(parts, axis=-1)
    ring = np.linalg.norm(np.nan_to_num(given.keys.astype(np.float64)).reshape(-1, depth), axis=-1)
    score = norms[:, :, 0].max() * max(norms[:, :, 1].max(), ring.max()) / np.sqrt(depth)
    largest = max(np.abs(np.nan_to_num(given.values.astype(np.float64))).max(), np.abs(parts[:, :, 2]).max())
    exponent = 2 * (3 * kept + (depth + 8) * summed) * score
    return float(np.expm1(exponent) + 2 * kept + (terms + 8) * summed) * float(largest)


def check(given: Case, out: Array, keys: Array, values: Array, kept: float, summed: float = 2.0**-24) -> None:
    expected, all_keys, all_values = truth(given)
    assert (np.abs(out - expected) <= bound(given, kept, summed)).all()
    np.testing.assert_array_equal(keys, all_keys.astype(keys.dtype))
    np.testing.assert_array_equal(values, all_values.astype(values.dtype))


def run_cpu(given: Case) -> tuple[Array, Array, Array]:
    out, keys, values = poisoned(given), given.keys.copy(), given.values.copy()
    depth = given.keys.shape[2] // given.heads
    memory = cpu.scratch(given.keys.shape[1], given.projected.shape[1] + 3, depth)
    for array in (memory.weights, memory.powers.numbers):
        array[:] = np.nan
    cpu.attend(*given._replace(keys=keys, values=values), memory, out)
    return out, keys, values


def windows(whole: Array, chunk: int, left: int, heads: int) -> Array:
    """Attention of a whole recording at once, a row of a mask for each token."""
    count, width = whole.shape[0], whole.shape[1] // 3
    depth = width // heads
    cosines, sines = reference.rotation(count, depth)
    place = np.arange(count)
    begin = place // chunk * chunk
    seen = (place[None, :] < (begin + chunk)[:, None]) & (place[None, :] >= (begin - left)[:, None])
    out = np.empty((count, width))
    for h in range(heads):
        q, k, v = (whole[:, part * width + h * depth :][:, :depth] for part in range(3))
        scores = reference.rotated(q, cosines, sines) @ reference.rotated(k, cosines, sines).T / np.sqrt(depth)
        weights = np.where(seen, np.exp(scores), 0.0)
        out[:, h * depth : (h + 1) * depth] = weights / weights.sum(axis=1, keepdims=True) @ v
    return out


def by_reference(given: Case) -> tuple[Array, Array, Array]:
    return truth(given)


@pytest.mark.parametrize("body", [by_reference, run_cpu])
@pytest.mark.parametrize(("chunk", "left"), [(2, 6), (4, 6), (8, 5), (3, 1)])
def test_chunks_equal_the_whole(body: Callable[[Case], tuple[Array, Array, Array]], chunk: int, left: int) -> None:
    heads, depth, count = 2, 6, 24
    whole = np.random.default_rng(1).normal(size=(count, 3 * heads * depth))
    keys = values = np.full((1, left, heads * depth), np.nan, np.float32)
    cosines, sines = (table.astype(np.float32) for table in reference.rotation(left + chunk, depth))
    parts = []
    for at in range(0, count, chunk):
        projected = whole[None, at : at + chunk].astype(np.float32)
        slot, heard = np.zeros(1, np.int32), np.array([at], np.int32)
        given = Case(projected, slot, heard, keys, values, cosines, sines, heads)
        out, keys, values = body(given)
        parts.append(out[0])
    np.testing.assert_allclose(np.concatenate(parts), windows(whole, chunk, left, heads), atol=2e-5)


@settings(max_examples=40)
@given(
    st.integers(1, 4), st.integers(1, 12), st.integers(1, 9), st.sampled_from([2, 6, 48]), st.integers(1, 3),
    st.integers(0, 99), st.sampled_from([0.01, 1.0, 10.0]),
)  # fmt: skip
def test_cpu(streams: int, fresh: int, left: int, depth: int, heads: int, seed: int, loud: float) -> None:
    given = case(streams, fresh, left, depth, heads, seed, loud=loud)
    check(given, *run_cpu(given), 2.0**-24)


def test_a_streams_bits_do_not_depend_on_its_neighbours() -> None:
    together = case(5, 8, 48, 48, 4)
    out, _, _ = run_cpu(together)
    for b in range(5):
        alone = together._replace(
            projected=together.projected[b : b + 1], slot=together.slot[b : b + 1], heard=together.heard[b : b + 1]
        )
        np.testing.assert_array_equal(run_cpu(alone)[0][0], out[b])


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize(
    "sizes", [(3, 8, 48, 48, 2), (2, 4, 48, 48, 1), (2, 9, 5, 6, 2), (2, 3, 70, 32, 1), (3, 1, 1, 2, 1)]
)
def test_gpu_interpreted(interpreted: Any, sizes: tuple[int, int, int, int, int], dtype: type) -> None:
    given = case(*sizes, dtype=dtype)
    _, _, _, keys, values, *_, out = interpreted(MODULE, "attend", *given, poisoned(given))
    check(given, out, keys, values, 2.0 ** (-24 if dtype is np.float32 else -11))


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("fresh", [1, 2, 8, 16, 32, 64])
def test_gpu(on_gpu: Any, fresh: int, dtype: type) -> None:
    given = case(64, fresh, 48, 48, 4, dtype=dtype)
    _, _, _, keys, values, *_, out = on_gpu(MODULE, "attend", *given, poisoned(given))
    products = 2.0**-20  # what three products of TF32 leave
    check(given, out, keys, values, 2.0**-24 if dtype is np.float32 else 2.0**-11, products)


@pytest.mark.parametrize(
    ("dtype", "fresh", "registers"),
    [("fp16", 8, 128), ("bf16", 32, 255), pytest.param("fp32", 8, 255, marks=pytest.mark.slow)],
)
def test_gpu_compiles_without_spilling(ahead: Any, dtype: str, fresh: int, registers: int) -> None:
    from kernels.attention_ring import gpu

    floats = dict.fromkeys(("projected", "keys", "values", "out"), f"*{dtype}")
    types = {**floats, "slot": "*i32", "heard": "*i32", "cosines": "*fp32", "sines": "*fp32"}
    used = ahead(gpu._attend, types, gpu.sizes(fresh, 48, 192, 4, dtype == "fp32")._asdict(), gpu.WARPS)
    assert used.spilled == 0
    assert used.registers <= registers
    assert used.wide > 0


def test_bad_input_is_told_before_anything_runs(interpreted: Any) -> None:
    given = case(2, 4, 6, 4, 2)
    memory, out = cpu.scratch(6, 4, 4), poisoned(given)
    wrong = [
        ("n of at least 1", given._replace(projected=given.projected[:, :0])),
        ("keys have shape", given._replace(keys=given.keys[:, :, :6])),
        ("heads of an even width", given._replace(heads=3)),
        ("values has shape", given._replace(values=given.values[:, :5])),
        ("heard has shape", given._replace(heard=given.heard[:1])),
        ("cosines has shape", given._replace(cosines=given.cosines[:, :1])),
    ]
    for message, bad in wrong:
        with pytest.raises(ValueError, match=message):
            cpu.attend(*bad, memory, out)
        with pytest.raises(ValueError, match=message):
            interpreted(MODULE, "attend", *bad, out)
    with pytest.raises(ValueError, match="slot 9 of 4"):
        cpu.attend(*given._replace(slot=np.array([0, 9], np.int32)), memory, out)
    with pytest.raises(ValueError, match="hold one twice"):
        cpu.attend(*given._replace(slot=np.array([1, 1], np.int32)), memory, out)
    assert np.isnan(out).all()


def test_the_floor_counts_each_byte_once() -> None:
    ring, new_rows, queries, outputs = 2 * 48 * 192, 2 * 2 * 8 * 192, 8 * 192, 8 * 192
    assert moved_bytes(10, 8, 48, 192, 2) == 10 * 2 * (ring + new_rows + queries + outputs)
