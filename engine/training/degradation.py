"""What a telephone, a room and the people around do to clean speech, on samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr
from scipy.signal import butter, fftconvolve, sosfilt

SAMPLE_RATE = 16000
Samples = npt.NDArray[np.float32]


def change_speed(samples: Samples, factor: float) -> Samples:
    """Play faster by a factor (pitch moves too)."""
    if factor == 1.0:
        return samples
    return np.asarray(soxr.resample(samples, SAMPLE_RATE * factor, SAMPLE_RATE), np.float32)


def add_noise(speech: Samples, noise: Samples, snr_db: float) -> Samples:
    """Add noise at a signal-to-noise ratio over the whole recording."""
    power = float(np.mean(speech.astype(np.float64) ** 2)) + 1e-10
    level = float(np.mean(noise.astype(np.float64) ** 2)) + 1e-10
    return (speech + noise * np.float32(np.sqrt(power / level / 10 ** (snr_db / 10)))).astype(np.float32)


def fit(noise: Samples, length: int, rng: np.random.Generator) -> Samples:
    """Cut or repeat a noise to a length, from a random start."""
    start = int(rng.integers(len(noise)))
    return np.resize(np.roll(noise, -start), length).astype(np.float32)


def reverberate(speech: Samples, impulse: Samples) -> Samples:
    """Put speech into a room: convolve, keep the level and the timing of the direct sound."""
    start = int(np.argmax(np.abs(impulse)))
    wet = fftconvolve(speech, impulse[start:])[: len(speech)]
    scale = np.sqrt((np.mean(speech**2) + 1e-10) / (np.mean(wet**2) + 1e-10))
    return np.asarray(wet * scale, np.float32)


def telephone(samples: Samples) -> Samples:
    """Pass speech through a line of 300 to 3,400 Hz and 8 kHz mu-law, and back to 16 kHz.

    Source: ITU-T G.711 (the continuous mu-law curve, mu = 255, quantised to 8 bits).
    """
    band = butter(4, (300, 3400), "bandpass", fs=SAMPLE_RATE // 2, output="sos")
    narrow = np.clip(sosfilt(band, soxr.resample(samples, SAMPLE_RATE, SAMPLE_RATE // 2)), -1, 1)
    curve = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    curve = np.round(curve * 127) / 127
    narrow = np.sign(curve) * (256 ** np.abs(curve) - 1) / 255
    return np.asarray(soxr.resample(narrow.astype(np.float32), SAMPLE_RATE // 2, SAMPLE_RATE), np.float32)


def made_noises(rng: np.random.Generator, count: int = 24, seconds: float = 5.0) -> list[Samples]:
    """Make noises from white to brown that swell and fade, for who has no recorded ones."""
    length = int(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    made = []
    for _ in range(count):
        colour = (spectrum + 50.0) ** -rng.uniform(0, 1.2)
        noise = np.fft.irfft(np.fft.rfft(rng.normal(0, 1, length)) * colour, length)
        swell = 1 + rng.uniform(0, 0.9) * np.sin(2 * np.pi * (rng.uniform(0.2, 3) * np.arange(length) / SAMPLE_RATE))
        made.append((0.1 * noise / noise.std() * swell).clip(-1, 1).astype(np.float32))
    return made


def made_rooms(rng: np.random.Generator, count: int = 16) -> list[Samples]:
    """Make impulse responses of rooms that ring 0.15 to 0.8 s: a direct sound and decaying noise after it.

    Source: Polack's statistical model of late reverberation (Gaussian noise under an exponential).
    """
    rooms = []
    for _ in range(count):
        ring = rng.uniform(0.15, 0.8)  # seconds to fall by 60 dB
        time = np.arange(int(ring * SAMPLE_RATE)) / SAMPLE_RATE
        tail = rng.normal(0, 1, len(time)) * 10 ** (-3 * time / ring) * rng.uniform(0.02, 0.15)
        tail[: int(rng.uniform(0.001, 0.01) * SAMPLE_RATE)] = 0.0  # until the first wall answers
        tail[0] = 1.0
        rooms.append(tail.astype(np.float32))
    return rooms


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The noises, rooms and other talkers that speech is put among."""

    noises: Sequence[Samples]
    rooms: Sequence[Samples]
    talkers: Sequence[Samples]

    def disturb(self, speech: Samples, rng: np.random.Generator) -> Samples:
        """Degrade a recording at random: a room, noise or babble at 3 to 25 dB, and often a telephone line."""
        if rng.random() < 0.35:
            speech = reverberate(speech, self.rooms[int(rng.integers(len(self.rooms)))])
        if rng.random() < 0.7:
            snr = float(rng.uniform(3, 25))
            speech = add_noise(speech, self._noise(len(speech), rng), snr)
        peak = float(np.abs(speech).max()) + 1e-6
        speech = (speech * np.float32(min(1.0, 0.95 / peak))).astype(np.float32)
        return telephone(speech) if rng.random() < 0.5 else speech

    def _noise(self, length: int, rng: np.random.Generator) -> Samples:
        if rng.random() < 0.7:
            return fit(self.noises[int(rng.integers(len(self.noises)))], length, rng)
        voices = [fit(self.talkers[int(rng.integers(len(self.talkers)))], length, rng) for _ in range(6)]
        return np.asarray(np.sum([voice / (np.std(voice) + 1e-4) for voice in voices], axis=0), np.float32)
