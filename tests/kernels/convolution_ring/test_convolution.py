"""The middle of a convolution module: the reference against the whole recording, every body against the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kernels.convolution_ring import EPSILON, cpu, moved_bytes, reference
from kernels.exponential import HIGHEST

Array = NDArray[Any]
Body = Callable[["Case"], tuple[Array, Array]]
MODULE = "kernels.convolution_ring.gpu"


class Case(NamedTuple):
    """The arguments, in order."""

    entered: Array
    slot: Array
    heard: Array
    ring: Array
    taps: Array
    bias: Array
    scale: Array
    shift: Array


def case(
    streams: int, fresh: int, taps: int, width: int, seed: int = 0, dtype: type = np.float32, loud: float = 1.0
) -> Case:
    """Streams of all ages in slots in any order; what nobody has written or owns is no number."""
    rng, slots, kept = np.random.default_rng(seed), streams + 2, taps - 1
    heard = rng.choice([0, 1, kept - 1, kept, kept + 1, 3 * kept + 2, 90_001], streams).astype(np.int32)
    slot = rng.permutation(slots)[:streams].astype(np.int32)
    ring = np.full((slots, kept, width), np.nan, dtype)
    for b in range(streams):
        known = min(int(heard[b]), kept)
        ring[slot[b], :known] = loud * rng.normal(size=(known, width))
    entered = (loud * rng.normal(size=(streams, fresh, 2 * width))).astype(dtype)
    weights = [rng.normal(size=shape).astype(dtype) for shape in ((taps, width), width, width, width)]
    return Case(entered, slot, heard, ring, weights[0], weights[1], weights[2], weights[3])


def truth(given: Case) -> tuple[Array, Array]:
    return reference.convolve(*[a.astype(np.float64) if a.dtype.kind == "f" else a for a in given])


def poisoned(given: Case) -> Array:
    streams, fresh, double = given.entered.shape
    return np.full((streams, fresh, double // 2), np.nan, given.entered.dtype)


def check(given: Case, out: Array, ring: Array, kept: float, summed: float = 2.0**-24) -> None:
    """Hold a body's results to the truth.

    A gated token is a product, a quotient and an exponential: 8 units of itself. A sum of K taps is off by K + 9 units
    of the sum of its terms' sizes, at most ``large``. Taking the mean off and dividing by the deviation s multiplies
    that by at most 2 / s, once for the number and once for s itself, and adds W + 8 units of what comes out, which is
    at most sqrt(W); scale and SiLU (whose slope is below 1.1) come last. Results are rounded once to a unit ``kept``;
    inputs are as they are. Exponentials beyond exp(88) stay there.
    """
    expected, expected_ring = truth(given)
    taps, width = given.taps.shape
    wide = [np.nan_to_num(a.astype(np.float64)) for a in given]
    gated = max(np.abs(wide[0][:, :, :width]).max(), np.abs(wide[3]).max())
    sums = np.abs(wide[5]).max() + np.abs(wide[4]).sum(axis=0).max() * gated
    deviation = least_deviation(given)
    normed = 4 * (taps + 9) * summed * sums / deviation * np.sqrt(width) + (width + 8) * summed * np.sqrt(width)
    limit = 1.1 * normed * np.abs(wide[6]).max() + (kept + 16 * summed) * (np.abs(expected) + 1)
    assert (np.abs(out - expected) <= limit).all()
    changed = np.abs(np.nan_to_num(ring) - np.nan_to_num(expected_ring))
    least = float(np.finfo(ring.dtype).smallest_subnormal) + gated * np.exp(-float(HIGHEST))
    assert (changed <= (kept + 8 * summed) * np.abs(np.nan_to_num(expected_ring)) + least).all()
    np.testing.assert_array_equal(np.isnan(ring), np.isnan(expected_ring))


def least_deviation(given: Case) -> float:
    """The smallest deviation that a token is divided by."""
    wide = [a.astype(np.float64) if a.dtype.kind == "f" else a for a in given]
    streams, fresh, width = poisoned(given).shape
    kept, least = len(given.taps) - 1, np.inf
    for b in range(streams):
        order = [(int(given.heard[b]) - back) % kept for back in range(kept, 0, -1)]
        past = np.where(
            np.arange(kept, 0, -1)[:, None] <= given.heard[b], np.nan_to_num(wide[3][given.slot[b], order]), 0
        )
        gated = np.concatenate([past, wide[0][b, :, :width] * reference.logistic(wide[0][b, :, width:])])
        for token in range(fresh):
            total = wide[5] + (wide[4] * gated[token : token + kept + 1]).sum(axis=0)
            least = min(least, float(np.sqrt(total.var() + EPSILON)))
    return least


def run_cpu(given: Case) -> tuple[Array, Array]:
    out, ring = poisoned(given), given.ring.copy()
    memory = cpu.scratch(len(given.taps), given.entered.shape[1] + 3, len(given.bias))
    for part in (memory.gated, memory.exponentials, memory.powers.numbers):
        part[:] = np.nan
    cpu.convolve(*given._replace(ring=ring), memory, out)
    return out, ring


def by_reference(given: Case) -> tuple[Array, Array]:
    return truth(given)


@pytest.mark.parametrize("body", [by_reference, run_cpu])
@pytest.mark.parametrize(("chunk", "taps"), [(2, 9), (4, 9), (8, 9), (12, 4), (3, 2)])
def test_chunks_equal_the_whole(body: Body, chunk: int, taps: int) -> None:
    count, width = 24, 6
    whole = case(1, count, taps, width)._replace(heard=np.zeros(1, np.int32))
    ring, parts = whole.ring, []
    for at in range(0, count, chunk):
        given = whole._replace(entered=whole.entered[:, at : at + chunk], heard=np.array([at], np.int32), ring=ring)
        out, ring = body(given)
        parts.append(out)
    np.testing.assert_allclose(np.concatenate(parts, axis=1), truth(whole)[0], atol=1e-4)


def test_the_reference_is_torchs_module() -> None:
    torch = pytest.importorskip("torch", reason="the module is torch; install understudy[train]")
    given = case(2, 5, 9, 12)._replace(heard=np.full(2, 20, np.int32))
    values, gates = (torch.from_numpy(part.astype(np.float64)) for part in np.split(given.entered, 2, axis=2))
    order = [(20 - back) % 8 for back in range(8, 0, -1)]
    past = torch.from_numpy(given.ring[given.slot][:, order].astype(np.float64))
    x = torch.cat([past, values * torch.sigmoid(gates)], 1).transpose(1, 2)
    taps, bias, scale, shift = (torch.from_numpy(a.astype(np.float64)) for a in given[4:])
    y = torch.nn.functional.conv1d(x, taps.T[:, None], bias, groups=12).transpose(1, 2)
    y = torch.nn.functional.silu(torch.nn.functional.layer_norm(y, (12,), scale, shift, EPSILON))
    np.testing.assert_allclose(truth(given)[0], y.numpy(), rtol=1e-12, atol=1e-12)


@settings(max_examples=40)
@given(
    st.integers(1, 4), st.integers(1, 12), st.integers(2, 9), st.sampled_from([2, 7, 192]), st.integers(0, 99),
    st.sampled_from([0.01, 1.0, 30.0]),
)  # fmt: skip
def test_cpu(streams: int, fresh: int, taps: int, width: int, seed: int, loud: float) -> None:
    given = case(streams, fresh, taps, width, seed, loud=loud)
    check(given, *run_cpu(given), 2.0**-24)


def test_a_streams_bits_do_not_depend_on_its_neighbours() -> None:
    together = case(5, 8, 9, 192)
    out, _ = run_cpu(together)
    for b in range(5):
        one = slice(b, b + 1)
        alone = together._replace(entered=together.entered[one], slot=together.slot[one], heard=together.heard[one])
        np.testing.assert_array_equal(run_cpu(alone)[0][0], out[b])


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("sizes", [(3, 8, 9, 192), (2, 4, 9, 48), (2, 13, 5, 7), (3, 1, 2, 2)])
def test_gpu_interpreted(interpreted: Any, sizes: tuple[int, int, int, int], dtype: type) -> None:
    given = case(*sizes, dtype=dtype)
    _, _, _, ring, *_, out = interpreted(MODULE, "convolve", *given, poisoned(given))
    check(given, out, ring, 2.0 ** (-24 if dtype is np.float32 else -11))


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("fresh", [1, 2, 8, 16, 32, 64])
def test_gpu(on_gpu: Any, fresh: int, dtype: type) -> None:
    given = case(64, fresh, 9, 192, dtype=dtype)
    _, _, _, ring, *_, out = on_gpu(MODULE, "convolve", *given, poisoned(given))
    check(given, out, ring, 2.0 ** (-24 if dtype is np.float32 else -11))


@pytest.mark.parametrize(("dtype", "fresh"), [("fp16", 4), pytest.param("fp32", 32, marks=pytest.mark.slow)])
def test_gpu_compiles_without_spilling(ahead: Any, dtype: str, fresh: int) -> None:
    from kernels.convolution_ring import gpu

    names = ("entered", "ring", "taps", "bias", "scale", "shift", "out")
    types = {**dict.fromkeys(names, f"*{dtype}"), "slot": "*i32", "heard": "*i32"}
    used = ahead(gpu._convolve, types, gpu.sizes(fresh, 8, 192)._asdict(), gpu.WARPS)
    assert used.spilled == 0
    assert used.registers <= 128
    assert used.wide > 0


def test_bad_input_is_told_before_anything_runs(interpreted: Any) -> None:
    given = case(2, 4, 3, 6)
    memory, out = cpu.scratch(3, 4, 6), poisoned(given)
    wrong = [
        ("n of at least 1", given._replace(entered=given.entered[:, :0])),
        ("K of at least 2", given._replace(taps=given.taps[:1])),
        ("ring has shape", given._replace(ring=given.ring[:, :1])),
        ("bias has shape", given._replace(bias=given.bias[:5])),
        ("slot has shape", given._replace(slot=given.slot[:1])),
    ]
    for message, bad in wrong:
        with pytest.raises(ValueError, match=message):
            cpu.convolve(*bad, memory, out)
        with pytest.raises(ValueError, match=message):
            interpreted(MODULE, "convolve", *bad, out)
    with pytest.raises(ValueError, match="slot 9 of 4"):
        cpu.convolve(*given._replace(slot=np.array([0, 9], np.int32)), memory, out)
    with pytest.raises(ValueError, match="hold one twice"):
        cpu.convolve(*given._replace(slot=np.array([1, 1], np.int32)), memory, out)
    assert np.isnan(out).all()


def test_the_floor_counts_each_byte_once() -> None:
    entered, outputs, read, written = 2 * 4 * 192, 4 * 192, 8 * 192, 4 * 192
    assert moved_bytes(10, 4, 9, 192, 2) == 10 * 2 * (entered + outputs + read + written)
