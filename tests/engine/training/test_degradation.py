"""What is done to speech keeps its length and does what it says."""

import numpy as np
import pytest

from engine.training.degradation import (
    Surroundings,
    add_noise,
    change_speed,
    made_noises,
    made_rooms,
    reverberate,
    telephone,
)

RATE = 16000


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


def power(samples: np.ndarray) -> float:
    return float(np.mean(samples.astype(np.float64) ** 2))


@pytest.mark.parametrize("snr", [0.0, 10.0, 25.0])
def test_noise_has_the_asked_level(snr: float) -> None:
    speech, noise = tone(400), np.random.default_rng(1).normal(0, 0.05, RATE).astype(np.float32)
    added = add_noise(speech, noise, snr) - speech
    assert 10 * np.log10(power(speech) / power(added)) == pytest.approx(snr, abs=0.1)


def test_speed_changes_the_length() -> None:
    assert len(change_speed(tone(400), 1.1)) == pytest.approx(RATE / 1.1, abs=2)
    assert len(change_speed(tone(400), 0.9)) == pytest.approx(RATE / 0.9, abs=2)


def test_a_telephone_passes_low_and_stops_high() -> None:
    assert power(telephone(tone(1000))) == pytest.approx(power(tone(1000)), rel=0.05)
    assert power(telephone(tone(6000))) < 0.01 * power(tone(6000))


def test_a_room_keeps_level_and_onset() -> None:
    impulse = np.zeros(800, np.float32)
    impulse[[100, 400]] = 1.0, 0.5
    speech = np.concatenate([np.zeros(1600, np.float32), tone(500)])
    wet = reverberate(speech, impulse)
    assert len(wet) == len(speech)
    assert power(wet) == pytest.approx(power(speech), rel=0.01)
    assert np.flatnonzero(np.abs(wet) > 0.01)[0] >= 1600


def test_the_same_draw_disturbs_the_same() -> None:
    rng = np.random.default_rng(2)
    noises = [rng.normal(0, 0.1, RATE).astype(np.float32)]
    around = Surroundings(noises, [np.array([0, 1, 0.3], np.float32)], [tone(200), tone(300)])
    first, second = (around.disturb(tone(600), np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert len(first) == pytest.approx(RATE, abs=2)


def test_made_noises_and_rooms_are_drawn_by_seed_and_of_use() -> None:
    for make in (made_noises, made_rooms):
        first, second, other = (make(np.random.default_rng(seed), 4) for seed in (1, 1, 2))
        assert all(np.array_equal(one, two) for one, two in zip(first, second, strict=True))
        assert not np.array_equal(first[0], other[0])
    for noise in made_noises(np.random.default_rng(3), 8):
        assert 0.05 < np.sqrt(power(noise)) < 0.2
        assert np.abs(noise).max() <= 1.0
    for room in made_rooms(np.random.default_rng(3), 8):
        assert np.argmax(np.abs(room)) == 0
        early, late = power(room[: len(room) // 4]), power(room[-len(room) // 4 :])
        assert late < early / 100, "it rings off"
        assert len(reverberate(tone(400), room)) == RATE
