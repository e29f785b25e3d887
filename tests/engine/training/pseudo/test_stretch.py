"""Loose ends of a query and of a text are left out of their alignment."""

import numpy as np

from engine.training.pseudo.stretch import Stretch, best_stretch, greedy_frames


def test_loose_ends_are_left_out() -> None:
    query = np.array([9, 9, 9, 1, 2, 3, 4, 5, 6, 8, 8], np.uint8)
    text = np.array([7, 7, 1, 2, 3, 4, 4, 5, 6, 7], np.uint8)
    assert best_stretch(query, text) == Stretch(3, 9, 2, 9)


def test_half_wrong_still_aligns() -> None:
    rng = np.random.default_rng(0)
    text = rng.integers(1, 40, 200).astype(np.uint8)
    query = text[50:150].copy()
    wrong = rng.choice(100, 45, replace=False)
    query[wrong] = 40
    query[[0, -1]] = text[[50, 149]]
    found = best_stretch(query, text)
    assert abs(found.first - 50) <= 3
    assert abs(found.last - 150) <= 3


def test_nothing_in_common() -> None:
    found = best_stretch(np.array([1, 2], np.uint8), np.array([3, 4], np.uint8))
    assert found.query_first == found.query_last


def test_greedy_phones_and_their_frames() -> None:
    best = [0, 3, 3, 0, 3, 4, 4, 0]
    log_probs = np.full((8, 5), -5.0, np.float32)
    log_probs[np.arange(8), best] = -0.1
    phones, frames = greedy_frames(log_probs)
    assert (phones.tolist(), frames.tolist()) == ([3, 3, 4], [1, 4, 5])
