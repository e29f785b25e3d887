"""The plain search against paths counted by hand."""

import numpy as np
import pytest

from kernels.token_passing import Graph
from kernels.token_passing.reference import best_path


def line(*phones: int) -> Graph:
    """States in a row, one phone an arc, half a nat each; the last one ends."""
    count = len(phones)
    return Graph(
        np.array([*range(count + 1), count], np.int32),
        np.arange(1, count + 1, dtype=np.int32),
        np.array(phones, np.uint8),
        np.array([*[0] * (count - 1), 7], np.int32),
        np.full(count, 0.5, np.float32),
        np.array([np.inf] * count + [0.25], np.float32),
    )


def test_a_phone_may_be_held_and_followed_by_blanks():
    scores = np.array([[-9.0, -1.0], [-9.0, -2.0], [-3.0, -9.0]])
    path = best_path(line(1), scores)
    assert path.score == pytest.approx(-1 - 2 - 3 - 0.5 - 0.25)
    assert (path.phones, path.words) == (((1, 0),), (7,))


def test_the_same_phone_twice_needs_a_blank_between():
    scores = np.array([[-9.0, 0.0], [-5.0, 0.0], [-9.0, 0.0]])
    path = best_path(line(1, 1), scores)
    assert path.score == pytest.approx(-5 - 1.0 - 0.25)
    assert path.phones == ((1, 0), (1, 2))


def test_too_few_frames_reach_no_end():
    assert best_path(line(1, 2), np.zeros((1, 3))) is None
