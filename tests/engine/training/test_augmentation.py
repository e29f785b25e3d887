"""Augmented features stay features."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acoustic.frontend import FLOOR
from engine.training.augmentation import Augmentation, augment, babble, mix, narrow_band, steady_noise, warp_bins


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), frames=st.integers(5, 200))
def test_finite_floored_and_repeatable(seed: int, frames: int) -> None:
    plain = np.random.default_rng(seed).normal(12, 3, (frames, 80)).astype(np.float32)
    kept = plain.copy()
    noise = steady_noise(30, 80, np.random.default_rng(seed)) if seed % 2 else None
    drawn = [augment(plain, noise, Augmentation(), np.random.default_rng(seed)) for _ in "ab"]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    np.testing.assert_array_equal(plain, kept)
    assert drawn[0].dtype == np.float32
    assert drawn[0].shape[1] == 80
    assert len(drawn[0]) >= frames
    assert drawn[0].min() >= FLOOR


def test_no_warp_changes_nothing() -> None:
    plain = np.random.default_rng(3).normal(12, 3, (20, 80)).astype(np.float32)
    np.testing.assert_allclose(warp_bins(plain, 1.0)[:, :-1], plain[:, :-1], atol=1e-5)


def test_noise_only_adds_energy_and_faint_noise_none() -> None:
    speech = np.random.default_rng(4).normal(12, 3, (50, 80)).astype(np.float32)
    noise = np.random.default_rng(5).normal(10, 1, (70, 80)).astype(np.float32)
    assert np.all(mix(speech, noise, 10.0) >= speech)
    np.testing.assert_allclose(mix(speech, noise, 120.0), speech, atol=1e-2)


def test_babble_is_louder_than_each_voice_and_lasts_as_long_as_the_longest() -> None:
    rng = np.random.default_rng(6)
    voices = [rng.normal(12, 3, (frames, 80)).astype(np.float32) for frames in (30, 50)]
    mixed = babble(voices)
    assert mixed.shape == (50, 80)
    assert np.all(mixed >= voices[1])


def test_a_telephone_line_stops_high_and_low_bins() -> None:
    speech = np.full((40, 80), 15, np.float32)
    line = narrow_band(speech, np.random.default_rng(7))
    np.testing.assert_allclose(line[:, 20:50], 15, atol=0.2)
    assert line[:, 70:].max() < 12
    assert line[:, 0].max() < 14
