"""A tile multiplies exactly, and every processor gets its own instruction for it, whether it can run here or not."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llvmlite import binding
from numba import njit
from numpy.typing import NDArray

from kernels.conformer.layout import panels
from kernels.conformer.tiles import integer_tile


@njit("void(int64, int64, int64, int64, int64, int64, int64, int64, int64, int64)")
def four_rows(x, stride, levels, pairs, row_scales, scales, bias, out, out_stride, onto):  # type: ignore[no-untyped-def]
    integer_tile(4, x, stride, levels, pairs, row_scales, scales, bias, out, out_stride, onto)


def aligned(values: NDArray[np.generic]) -> NDArray[np.generic]:
    room = np.zeros(values.nbytes + 64, np.uint8)
    at = -room.ctypes.data % 64
    made = room[at : at + values.nbytes].view(values.dtype).reshape(values.shape)
    made[...] = values
    return made


@settings(max_examples=30, deadline=None)
@given(pairs=st.integers(1, 40), seed=st.integers(0, 999), extreme=st.booleans(), onto=st.booleans())
def test_four_rows_by_sixteen_outputs(pairs: int, seed: int, extreme: bool, onto: bool) -> None:
    rng = np.random.default_rng(seed)
    most = min(32_767, (2**31 - 1) // (127 * 2 * pairs))
    x = np.full((4, 2 * pairs), most) if extreme else rng.integers(-most, most + 1, (4, 2 * pairs))
    weights = np.full((2 * pairs, 16), -127) if extreme else rng.integers(-127, 128, (2 * pairs, 16))
    worth, scales, bias = (rng.uniform(0.1, 1, size).astype(np.float32) for size in (4, 16, 16))
    out = np.ones((4, 20), np.float32)
    held = [aligned(x.astype(np.int16)), aligned(panels(weights.astype(np.int8))), worth, scales, bias, out]
    rows, packed, *rest = (one.ctypes.data for one in held)
    four_rows(rows, 4 * pairs, packed, pairs, *rest, 80, int(onto))
    sums = (x @ weights).astype(float)
    expected = sums * worth[:, None] * scales + bias + onto
    # An integer to a float, two products, a sum or two: half a unit in the last place each, of the largest part.
    size = np.abs(sums) * worth[:, None] * scales + bias + onto
    assert (np.abs(out[:, :16] - expected) <= 2.5 * np.finfo(np.float32).eps * size).all()
    assert (out[:, 16:] == 1).all()


@pytest.mark.parametrize(
    ("processor", "instruction", "register"),
    [
        ("znver4", "vpdpwssd", "zmm"),
        ("icelake-server", "vpdpwssd", "zmm"),
        ("alderlake", "vpdpwssd", "ymm"),
        ("haswell", "vpmaddwd", "ymm"),
        ("znver3", "vpmaddwd", "ymm"),
        ("x86-64", "pmaddwd", "xmm"),
    ],
)
def test_every_processor_has_its_instruction(processor: str, instruction: str, register: str) -> None:
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    module = binding.parse_assembly(next(iter(four_rows.inspect_llvm().values())))
    target = binding.Target.from_triple("x86_64-unknown-linux-gnu")
    code = target.create_target_machine(cpu=processor, opt=3).emit_assembly(module)
    used = re.findall(rf"\t{instruction}\t[^\n]*%{register}", code)
    assert len(used) == 4 * 512 // {"xmm": 128, "ymm": 256, "zmm": 512}[register]
    assert not re.search(r"\tv?pmulld\t", code)
