"""The ratio of labels at equal error rate, on curves whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from benchmarks.label_efficiency.cells import Finished
from benchmarks.label_efficiency.curve import Counted, count, labels_for, labels_ratio, saving, spread
from benchmarks.label_efficiency.recipe import ARMS, Cell

MINUTES = np.asarray([3.0, 10.0, 30.0, 100.0, 280.0])


def line(minutes: np.ndarray, factor: float = 1.0) -> np.ndarray:
    return np.asarray(0.9 - 0.1 * np.log(minutes * factor))


def finished(seed: int, minutes: int, arm: str, errors: int) -> Finished:
    return Finished(Cell(minutes, arm, seed), float(minutes), {"a": [errors, 100, errors, 200], "b": [1, 50, 2, 70]})


def test_labels_by_hand() -> None:
    minutes = np.asarray([1.0, 10.0, 100.0])
    found = labels_for(np.asarray([0.8, 0.6]), minutes, np.asarray([0.9, 0.7, 0.5]))
    assert found.tolist() == pytest.approx([10**0.5, 10**1.5])
    flat = labels_for(np.asarray([0.899999, 0.700001]), minutes, np.asarray([0.9, 0.9, 0.7]))
    assert flat.tolist() == pytest.approx([10.0, 100.0], rel=1e-4)


@settings(max_examples=30, deadline=None)
@given(factor=st.floats(0.2, 8.0))
def test_a_shifted_curve_saves_that_factor(factor: float) -> None:
    ratio = labels_ratio(MINUTES, np.stack([line(MINUTES), line(MINUTES, factor)]))
    assert ratio == pytest.approx(factor, rel=1e-6)


def test_curves_that_never_meet_have_no_ratio() -> None:
    assert labels_ratio(MINUTES, np.stack([line(MINUTES) + 1, line(MINUTES)])) is None


def test_a_rise_by_noise_is_evened_out() -> None:
    bumpy = line(MINUTES).copy()
    bumpy[[2, 3]] = bumpy[[3, 2]]
    ratio = labels_ratio(MINUTES, np.stack([bumpy, bumpy]))
    assert ratio == pytest.approx(1.0)


def counted(factor: float, speakers: int = 12, seeds: int = 3) -> Counted:
    rng = np.random.default_rng(1)
    totals = np.full((2, 5, seeds, speakers), 1000.0)
    rates = np.stack([line(MINUTES), line(MINUTES, factor)])[:, :, None, None]
    noise = rng.normal(0, 0.02, (1, 1, 1, speakers)) + rng.normal(0, 0.004, (2, 5, seeds, 1))
    return Counted(MINUTES, tuple(range(seeds)), totals * (rates + noise), totals)


@pytest.mark.parametrize("factor", [0.7, 1.0, 2.5])
def test_the_interval_holds_the_truth(factor: float) -> None:
    found = saving(counted(factor), np.random.default_rng(2), draws=200)
    assert found.ratio is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < factor < found.high
    assert found.low <= found.ratio <= found.high
    assert found.high / found.low < 1.5
    assert found.undefined == 0


def test_points_have_intervals_and_differences() -> None:
    table = counted(2.0)
    inference = table.interval(0, 1)
    assert inference is not None
    assert inference.lower(0.025) < table.rates()[0, 1] < inference.upper(0.025)
    difference = table.difference(1, np.random.default_rng(1))
    assert difference is not None
    assert difference.estimate == pytest.approx(float(table.rates()[1, 1] - table.rates()[0, 1]))


def test_whole_seeds_are_counted() -> None:
    cells = [finished(seed, minutes, arm, 10) for seed in (1, 2) for minutes in (3, 10) for arm in ARMS]
    table = count(cells[:-1], words=True)
    assert table is not None
    assert table.seeds == (1,)
    assert table.errors.shape == (2, 2, 1, 2)
    assert table.totals[0, 0, 0].tolist() == [100, 50]
    table = count(cells, words=False)
    assert table is not None
    assert table.seeds == (1, 2)
    assert table.totals[0, 0, 0].tolist() == [200, 70]


def test_before_a_seed_is_whole_its_pairs_are_counted() -> None:
    cells = [finished(1, minutes, arm, 10) for minutes in (3, 10) for arm in ARMS]
    table = count(cells[:3], words=True)
    assert table is not None
    assert table.minutes.tolist() == [3.0]
    assert count(cells[:1], words=True) is None
    assert count([], words=True) is None


def test_the_spread_of_one_seed_is_unknown() -> None:
    assert spread([0.5]) is None
    assert spread([0.4, 0.6]) == pytest.approx(0.2 / 2**0.5)
