"""What stands between a speaker and a recogniser: level, generated noise, the telephone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from testsets.audio import resample
from testsets.encoding import decode, encode

Samples = NDArray[np.float32]  # shape (n,), full scale is 1

TELEPHONE_RATE = 8_000
TELEPHONE_BAND_HZ = (300.0, 3_400.0)
QUIET = 0.01  # of the peak: softer than this at an end counts as silence


def trim(samples: Samples, rate: int, keep_s: float) -> Samples:
    """Cut the silence at both ends down to ``keep_s`` seconds, adding silence where there is less."""
    loud = np.flatnonzero(np.abs(samples) > QUIET * np.abs(samples).max(initial=0.0))
    if loud.size == 0:
        return samples
    silence = np.zeros(round(keep_s * rate), np.float32)
    return np.concatenate([silence, samples[loud[0] : loud[-1] + 1], silence])


def at_level(samples: Samples, level_db: float, peak: float = 0.97) -> Samples:
    """Scale to an RMS level in dB of full scale, or as near below as the peak allows."""
    gain = 10 ** (level_db / 20) / max(_rms(samples), 1e-9)
    gain = min(gain, peak / max(float(np.abs(samples).max(initial=0.0)), 1e-9))
    return samples * np.float32(gain)


def pink_noise(size: int, rng: np.random.Generator) -> Samples:
    """Noise whose power falls with frequency as 1/f, RMS 1."""
    spectrum = np.fft.rfft(rng.standard_normal(size))
    shaped = spectrum / np.sqrt(np.maximum(np.arange(spectrum.size), 1))
    shaped[0] = 0
    noise: NDArray[np.float64] = np.fft.irfft(shaped, n=size)
    return (noise / _rms(noise)).astype(np.float32)


def babble(size: int, talkers: list[Samples], rng: np.random.Generator) -> Samples:
    """All talkers at once at one level, each repeated from a random start, RMS 1."""
    mixed: NDArray[np.float64] = np.zeros(size)
    for talker in talkers:
        start = int(rng.integers(talker.size))
        mixed += np.resize(np.roll(talker, -start), size) / _rms(talker)
    return (mixed / _rms(mixed)).astype(np.float32)


def mix(speech: Samples, noise: Samples, snr_db: float) -> Samples:
    """Speech with noise under it at a signal-to-noise ratio in dB; both have shape (n,)."""
    gain = _rms(speech) / (_rms(noise) * 10 ** (snr_db / 20))
    return (speech + np.float32(gain) * noise).astype(np.float32)


def telephone(samples: Samples, rate: int) -> Samples:
    """What a telephone line leaves: 300-3,400 Hz at 8,000 samples per second, through mu-law and back."""
    narrow = resample(samples, rate, TELEPHONE_RATE)
    spectrum = np.fft.rfft(narrow.astype(np.float64))
    frequency = np.fft.rfftfreq(narrow.size, 1 / TELEPHONE_RATE)
    low, high = TELEPHONE_BAND_HZ
    ramp = np.clip((frequency - low / 2) / (low / 2), 0, 1) * np.clip((high + 300 - frequency) / 300, 0, 1)
    line = np.fft.irfft(spectrum * ramp, n=narrow.size).astype(np.float32)
    return decode(encode(line, "mulaw"), "mulaw")


def _rms(samples: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if samples.size else 0.0
