"""Plans: no two live buffers overlap, nothing leaves the arena, and the peak is near what cannot be avoided."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.memory import Spec, lower_bound, plan
from kernels.memory.reference import least_peak


@st.composite
def tapes(draw: st.DrawFn, most: int = 24) -> list[Spec]:
    """Buffers of random lives, sizes over four orders of magnitude, and mixed alignments."""
    count = draw(st.integers(1, most))
    ops = draw(st.integers(1, 2 * most))
    specs = []
    for number in range(count):
        first = draw(st.integers(0, ops))
        last = first + draw(st.one_of(st.integers(0, 3), st.integers(0, ops)))
        size = draw(st.one_of(st.integers(1, 300), st.integers(1, 1 << 14)))
        specs.append(Spec(f"b{number}", size, first, last, draw(st.sampled_from([1, 64, 256]))))
    return specs


fewer = settings(max_examples=50)


def test_buffers_that_never_meet_share_bytes():
    specs = [Spec("a", 100, 0, 1), Spec("b", 100, 1, 2), Spec("c", 100, 2, 3)]
    planned = plan(specs)
    assert planned.peak == planned.lower_bound == 256
    assert planned.offsets["a"] == planned.offsets["c"]


def test_both_ends_of_a_life_are_included():
    assert plan([Spec("a", 64, 0, 1), Spec("b", 64, 1, 2)]).peak == 128
    assert plan([Spec("a", 64, 0, 0), Spec("b", 64, 1, 2)]).peak == 64


def test_a_tape_without_buffers_needs_nothing():
    planned = plan([])
    assert (planned.peak, planned.lower_bound, dict(planned.offsets)) == (0, 0, {})


@fewer
@given(tapes())
def test_no_two_live_buffers_overlap(specs):
    offsets = plan(specs).offsets
    for one, other in combinations(specs, 2):
        apart = (
            offsets[one.name] + one.bytes <= offsets[other.name]
            or offsets[other.name] + other.bytes <= offsets[one.name]
        )
        assert apart or not one.meets(other), (one, other)


@fewer
@given(tapes())
def test_every_buffer_is_aligned_and_inside(specs):
    planned = plan(specs)
    assert set(planned.offsets) == {spec.name for spec in specs}
    for spec in specs:
        assert planned.offsets[spec.name] % spec.align == 0
        assert 0 <= planned.offsets[spec.name] <= planned.peak - spec.bytes


@fewer
@given(tapes(), st.randoms(use_true_random=False))
def test_a_plan_depends_on_the_buffers_only(specs, random):
    shuffled = specs[:]
    random.shuffle(shuffled)
    assert plan(shuffled) == plan(specs)


@fewer
@given(tapes())
def test_the_bound_is_the_most_that_is_alive_in_one_op(specs):
    ops = range(max(spec.last for spec in specs) + 1)
    assert lower_bound(specs) == max(sum(s.room for s in specs if s.first <= op <= s.last) for op in ops)
    assert lower_bound(specs) <= plan(specs).peak <= sum(spec.room for spec in specs) + sum(s.align for s in specs)


@settings(max_examples=50, derandomize=True)
@given(tapes(most=6))
def test_small_tapes_are_planned_within_half_of_the_best(specs):
    best = least_peak(specs)
    assert lower_bound(specs) <= best <= plan(specs).peak <= 1.5 * best


@pytest.mark.parametrize("seed", range(8))
def test_larger_random_tapes_are_planned_within_a_fifth_of_the_bound(seed):
    """Lives and sizes without any order, unlike those of networks: the worst of 150 such tapes was 16 % above."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 200, 100)
    last = first + np.where(rng.random(100) < 0.5, rng.integers(0, 4, 100), rng.integers(0, 200, 100))
    size = np.where(rng.random(100) < 0.5, rng.integers(1, 300, 100), rng.integers(1, 1 << 14, 100))
    rows = zip(size.tolist(), first.tolist(), last.tolist(), strict=True)
    planned = plan([Spec(f"b{number}", *row) for number, row in enumerate(rows)])
    assert planned.peak <= 1.2 * planned.lower_bound


def test_the_reference_finds_what_no_greedy_order_needs_to():
    # Two long buffers that never meet, and two short ones that meet one of them each: sharing is all there is to gain.
    specs = [Spec("a", 64, 0, 4), Spec("b", 128, 5, 9), Spec("c", 128, 0, 2), Spec("d", 64, 7, 9)]
    assert least_peak(specs) == lower_bound(specs) == 192


@pytest.mark.parametrize(
    ("numbers", "what"),
    [
        ((0, 0, 1), "of 0 bytes; leave out"),
        ((-5, 0, 1), "of -5 bytes"),
        ((8, 3, 2), "from op 3 to op 2"),
        ((8, -1, 2), "from op -1"),
        ((8, 0, 1, 48), "aligned to 48; give a power of two"),
        ((8, 0, 1, 0), "aligned to 0"),
    ],
)
def test_a_wrong_buffer_says_what_is_wrong(numbers, what):
    with pytest.raises(ValueError, match=what):
        Spec("x", *numbers)


def test_names_are_unique():
    with pytest.raises(ValueError, match="share a name: x; name each buffer of a tape once"):
        plan([Spec("x", 8, 0, 1), Spec("x", 8, 2, 3), Spec("y", 8, 2, 3)])
