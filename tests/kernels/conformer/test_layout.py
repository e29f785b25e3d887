"""Weights are packed as products read them; working memory is planned so that nothing that lives together overlaps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kernels.conformer.layout import INPUTS, PADDED, PROJECT, SCALE, pack, panels, rings, tape
from kernels.conformer.products import most_levels
from kernels.conformer.weights import Weights
from kernels.memory import plan


@given(pairs=st.integers(1, 20), outputs=st.integers(1, 40), seed=st.integers(0, 99))
def test_panels_hold_every_level_once_and_zeros(pairs: int, outputs: int, seed: int) -> None:
    levels = np.random.default_rng(seed).integers(-127, 128, (2 * pairs, outputs)).astype(np.int8)
    packed = panels(levels)
    assert packed.shape == (-(-outputs // 16), pairs, 16, 2)
    again = packed.transpose(1, 3, 0, 2).reshape(2 * pairs, -1)
    np.testing.assert_array_equal(again[:, :outputs], levels)
    assert not again[:, outputs:].any()


def test_tables_say_where_weights_lie(weights: Weights) -> None:
    packed = pack(weights)
    row = packed.blocks[1]
    assert (row[PROJECT + INPUTS], row[PROJECT + PADDED]) == (32, 96)
    at = int(row[PROJECT + SCALE]) - packed.arena.address
    np.testing.assert_array_equal(packed.arena.view(at, (96,), np.float32), weights.blocks[1].project.scale)


@given(rows=st.integers(4, 64).map(lambda half: 2 * half), most=st.integers(1, 16).map(lambda half: 2 * half))
def test_working_memory_is_planned_near_its_lower_bound(weights: Weights, rows: int, most: int) -> None:
    planned = plan(tape(weights, max(rows, most), most))
    assert planned.peak <= 1.05 * planned.lower_bound


@given(left=st.integers(1, 100), most=st.integers(1, 40).map(lambda half: 2 * half))
def test_rings_hold_the_past_and_a_chunk(left: int, most: int) -> None:
    fine, coarse = rings(left, most)
    assert left + most <= fine < left + most + 16
    assert left + most // 2 <= coarse < left + most // 2 + 16


@given(st.integers(1, 100_000))
def test_no_sum_of_a_product_can_overflow(inputs: int) -> None:
    most = int(most_levels.py_func(inputs))
    assert most * 127 * inputs <= 2**31 - 1
    assert most == 32_767 or (most + 2) * 127 * inputs > 2**31 - 1
