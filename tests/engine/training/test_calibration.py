"""Calibration is monotone, honest where it was learnt, and its error is computed by its definition."""

import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decoder.confidence import ConfidenceMap
from engine.training.calibration import Bin, expected_calibration_error, fit_calibration, reliability, table_of


def words(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Posteriors that are too sure: a word at p is right with p squared."""
    rng = np.random.default_rng(seed)
    posteriors = rng.uniform(0, 1, count)
    return posteriors, rng.uniform(0, 1, count) < posteriors**2


def test_overconfidence_is_taken_back():
    posteriors, right = words(1, 4000)
    found = fit_calibration(posteriors.tolist(), right.tolist())
    fresh, said = words(2, 4000)
    before = expected_calibration_error(reliability(fresh.tolist(), said.tolist()))
    after = expected_calibration_error(reliability([found(one) for one in fresh], said.tolist()))
    assert before is not None
    assert after is not None
    assert before > 0.12
    assert after < 0.04


@given(st.integers(0, 1000), st.integers(120, 400))
def test_the_map_never_falls_and_covers_0_to_1(seed, count):
    posteriors, right = words(seed, count)
    found = fit_calibration(posteriors.tolist(), right.tolist())
    assert found.posterior[0] == 0
    assert found.posterior[-1] == 1
    assert np.all(np.diff(found.posterior) > 0)
    assert np.all(np.diff(found.calibrated) >= 0)
    assert 0 <= found.calibrated[0] <= found.calibrated[-1] <= 1


def test_words_of_one_posterior_are_one_point():
    found = fit_calibration([1.0] * 300, [True] * 150 + [False] * 150)
    assert found.posterior == (0.0, 1.0)


def test_too_few_words_teach_nothing():
    with pytest.raises(ValueError, match="too few"):
        fit_calibration([0.5] * 10, [True] * 10)


@given(st.integers(0, 1000), st.integers(120, 400))
def test_the_engine_reads_the_table(seed, count):
    posteriors, right = words(seed, count)
    found = fit_calibration(posteriors.tolist(), right.tolist())
    assert ConfidenceMap.from_table(tomllib.loads(table_of(found)), "model.toml") == found


def test_bins_and_their_error():
    bins = reliability([0.05, 0.95, 1.0, 0.9], [False, True, True, False])
    assert bins[0] == Bin(1, pytest.approx(0.05), 0)
    assert bins[9] == Bin(3, pytest.approx(0.95), 2)
    assert bins[5].share is None
    assert expected_calibration_error(bins) == pytest.approx((0.05 + 3 * (0.95 - 2 / 3)) / 4)
    assert expected_calibration_error(reliability([], [])) is None
