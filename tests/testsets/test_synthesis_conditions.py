import numpy as np
import pytest

from testsets.synthesis import conditions


def rms_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


def test_trimming_leaves_exactly_the_edges_wanted() -> None:
    speech = np.concatenate([np.zeros(300), np.ones(100), np.zeros(5)]).astype(np.float32)
    trimmed = conditions.trim(speech, rate=1_000, keep_s=0.05)
    assert trimmed.tolist() == [0.0] * 50 + [1.0] * 100 + [0.0] * 50
    silence = np.zeros(10, np.float32)
    assert conditions.trim(silence, 1_000, 0.05) is silence


def test_levels_are_met_unless_the_peak_forbids() -> None:
    samples = np.random.default_rng(1).standard_normal(10_000).astype(np.float32)
    assert rms_db(conditions.at_level(samples, -30)) == pytest.approx(-30, abs=0.01)
    assert np.abs(conditions.at_level(samples, 10)).max() == pytest.approx(0.97, abs=1e-3)


def test_pink_noise_loses_three_decibels_an_octave() -> None:
    noise = conditions.pink_noise(1 << 16, np.random.default_rng(1))
    power = np.abs(np.fft.rfft(noise)) ** 2
    octaves = [10 * np.log10(power[1 << k : 2 << k].mean()) for k in range(8, 15)]
    assert np.diff(octaves) == pytest.approx([-3.01] * 6, abs=0.7)


def test_mixing_keeps_the_ratio() -> None:
    rng = np.random.default_rng(1)
    speech = conditions.at_level(rng.standard_normal(20_000).astype(np.float32), -30)
    mixed = conditions.mix(speech, conditions.pink_noise(20_000, rng), snr_db=12)
    assert rms_db(speech) - rms_db(mixed - speech) == pytest.approx(12, abs=0.05)


def test_babble_holds_every_talker_at_one_level() -> None:
    rng = np.random.default_rng(1)
    quiet, loud = (np.sin(np.arange(8_000) * f).astype(np.float32) * g for f, g in ((0.1, 0.01), (0.5, 1.0)))
    spectrum = np.abs(np.fft.rfft(conditions.babble(16_000, [quiet, loud], rng)))
    assert spectrum[round(0.1 * 16_000 / (2 * np.pi))] == pytest.approx(
        spectrum[round(0.5 * 16_000 / (2 * np.pi))], rel=0.3
    )


def test_the_telephone_keeps_its_band_only() -> None:
    time = np.arange(16_000) / 16_000
    heard = {
        hz: conditions.telephone(np.sin(2 * np.pi * hz * time).astype(np.float32) / 4, 16_000) for hz in (60, 1_000)
    }
    assert heard[1_000].size == 8_000
    assert rms_db(heard[1_000]) == pytest.approx(rms_db(np.sin(np.arange(999)) / 4), abs=0.3)
    assert np.abs(heard[60][100:-100]).max() < 0.001
