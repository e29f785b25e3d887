"""The front end gives the same frames whatever the pieces."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acoustic.frontend import BINS, FLOOR, FRAME_LENGTH, FRAME_SHIFT, Frontend, features_of


def sound(seed: int, length: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, length).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 99), cuts=st.lists(st.integers(0, 4000), max_size=12), length=st.integers(0, 4000))
def test_pieces_equal_the_whole(seed: int, cuts: list[int], length: int) -> None:
    samples = sound(seed, length)
    frontend = Frontend()
    pieces = [frontend.step(piece) for piece in np.split(samples, sorted(min(cut, length) for cut in cuts))]
    np.testing.assert_array_equal(np.concatenate(pieces), features_of(samples))


def test_a_frame_leaves_with_its_last_sample() -> None:
    frontend = Frontend()
    assert frontend.step(sound(1, FRAME_LENGTH - 1)).shape == (0, BINS)
    assert frontend.step(sound(2, 1)).shape == (1, BINS)
    assert frontend.step(sound(3, FRAME_SHIFT)).shape == (1, BINS)


def test_digital_silence_is_the_floor() -> None:
    assert np.all(features_of(np.zeros(1600, np.float32)) == np.float32(FLOOR))


def test_a_frame_does_not_change_afterwards() -> None:
    frontend = Frontend()
    first = frontend.step(sound(4, 1600))
    kept = first.copy()
    for seed in range(20):
        frontend.step(sound(seed, 1600))
    np.testing.assert_array_equal(first, kept)
    assert np.isfinite(first).all()
