"""Spans hide about the share asked for, inside the recordings, and leave the rest as it was."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from engine.training.masking import Spans, draw_spans, hide


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=5),
    share=st.floats(0.01, 0.9),
    tokens=st.integers(1, 15),
    seed=st.integers(0, 99),
)
def test_something_is_hidden_and_nothing_beyond_the_end(
    lengths: list[int], share: float, tokens: int, seed: int
) -> None:
    hidden = draw_spans(np.asarray(lengths), 64, Spans(share, tokens), np.random.default_rng(seed))
    assert hidden.shape == (len(lengths), 64)
    for row, length in zip(hidden, lengths, strict=True):
        assert row[:length].any()
        assert not row[length:].any()


@pytest.mark.parametrize(("share", "tokens"), [(0.4, 10), (0.6, 5), (0.2, 1)])
def test_the_share_is_as_asked_for_everywhere(share: float, tokens: int) -> None:
    hidden = draw_spans(np.full(3000, 50), 50, Spans(share, tokens), np.random.default_rng(1))
    # The standard error of a place over 3,000 recordings is below 0.01.
    assert np.abs(hidden.mean(axis=0) - share).max() <= 0.05
    assert abs(hidden.mean() - share) <= 0.015


def test_hidden_runs_are_whole_spans() -> None:
    hidden = draw_spans(np.full(400, 60), 60, Spans(0.3, 7), np.random.default_rng(1))
    edges = np.diff(np.pad(hidden[:, 1:-1], ((0, 0), (1, 1))).astype(int), axis=1)
    for row, change in zip(hidden, edges, strict=True):
        starts, ends = np.flatnonzero(change == 1) + 1, np.flatnonzero(change == -1) + 1
        whole = [(a, b) for a, b in zip(starts, ends, strict=True) if a > 1 and b < 59]
        assert all(b - a >= 7 for a, b in whole), row


def test_noise_takes_the_place_of_what_is_hidden() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(0, 5, (2, 400, 8)).astype(np.float32)
    hidden = draw_spans(np.asarray([100, 60]), 100, Spans(), rng)
    mean, deviation = np.arange(8, dtype=np.float32), np.full(8, 2.0, np.float32)
    covered = hide(features, hidden, mean, deviation, rng)
    frames = np.repeat(hidden, 4, axis=1)
    assert np.array_equal(covered[~frames], features[~frames])
    assert np.abs(covered[frames].mean(axis=0) - mean).max() <= 0.1
    assert np.abs(covered[frames].std(axis=0) - 0.2).max() <= 0.05
