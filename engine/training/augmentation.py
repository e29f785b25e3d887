"""What changes on the fly, on log-mel features: loudness, spectrum, vocal tract, noise, silence, masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.acoustic.frontend import FLOOR

# The mel scale's values at the middle of the front end's first and last bin, which span 20 to 8,000 Hz.
MEL_LOW, MEL_HIGH = 66.0, 2806.0

Features = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How often and how strongly features change; the defaults suit a few hours of speech."""

    noisy: float = 0.35
    narrow: float = 0.12
    padded: float = 0.3
    masks: int = 2
    warp: float = 0.08
    gain: float = 1.2
    tilt: float = 0.8


def warp_bins(features: Features, factor: float) -> Features:
    """Stretch the mel axis by a factor, as a longer or shorter vocal tract would."""
    bins = features.shape[1]
    where = np.clip(np.arange(bins) * factor, 0, bins - 1.001)
    low = where.astype(np.int64)
    share = (where - low).astype(np.float32)
    return np.asarray(features[:, low] * (1 - share) + features[:, low + 1] * share, np.float32)


def colour(features: Features, settings: Augmentation, rng: np.random.Generator) -> Features:
    """Make speech louder or softer, and brighter or duller (natural log units)."""
    line = np.linspace(-1, 1, features.shape[1], dtype=np.float32)
    return np.asarray(
        features + np.float32(rng.normal(0, settings.gain)) + line * np.float32(rng.normal(0, settings.tilt)),
        np.float32,
    )


def mix(features: Features, noise: Features, snr_db: float) -> Features:
    """Add the energies of noise at a signal-to-noise ratio over the whole recording; phases are ignored."""
    start = np.resize(noise, features.shape)
    gap = np.log(np.exp(features).mean()) - np.log(np.exp(start).mean() + 1e-6) - snr_db * np.log(10) / 10
    return np.asarray(np.logaddexp(features, start + np.float32(gap)), np.float32)


def babble(voices: Sequence[Features]) -> Features:
    """Let several people talk at once, for as long as the longest; phases are ignored."""
    longest = max(len(voice) for voice in voices)
    fitted = [np.resize(voice, (longest, voice.shape[1])) for voice in voices]
    return np.asarray(np.logaddexp.reduce(fitted), np.float32)


def steady_noise(frames: int, bins: int, rng: np.random.Generator) -> Features:
    """Make steady noise of a random colour, white to brown: a high bin averages more of it and so varies less."""
    line = np.linspace(1, -1, bins) * rng.uniform(-1, 3)
    spread = np.linspace(1, 6, bins)
    return np.asarray(line + np.log(rng.gamma(spread, 1 / spread, (frames, bins)) + 1e-6), np.float32)


def narrow_band(features: Features, rng: np.random.Generator) -> Features:
    """Keep about 300 to 3,400 Hz, as a telephone line does; what it stops falls to the line's own faint noise."""
    hertz = 700 * (np.exp(np.linspace(MEL_LOW, MEL_HIGH, features.shape[1]) / 1127) - 1)
    low, high = rng.uniform(200, 350), rng.uniform(3300, 3800)
    octaves = np.maximum(np.log2(low / hertz), 0) * rng.uniform(12, 24) + np.maximum(np.log2(hertz / high), 0) * 150
    stopped = features - (np.log(10) / 10 * octaves).astype(np.float32)
    line = rng.normal(rng.uniform(FLOOR - 2, FLOOR + 3), 0.7, features.shape)
    return np.asarray(np.logaddexp(stopped, line), np.float32)


def pad_silence(features: Features, rng: np.random.Generator) -> Features:
    """Put up to 0.8 s (less around a short word) of silence, digital or the recording's own, on either side."""
    quiet = np.percentile(features, 3, axis=0) if rng.random() < 0.7 else np.full(features.shape[1], FLOOR)
    before, after = (int(count) for count in rng.integers(0, min(80, 10 + len(features) // 3), 2))
    jitter = rng.normal(0, 0.8, (before + after, features.shape[1]))
    silence = np.maximum(quiet + jitter, FLOOR).astype(np.float32)
    return np.concatenate([silence[:before], features, silence[before:]])


def mask(features: Features, count: int, rng: np.random.Generator) -> Features:
    """Hide up to ``count`` bands of bins and stretches of time behind the mean of the recording.

    Source: Park et al., "SpecAugment" (arXiv 1904.08779), lighter.
    """
    features, mean = features.copy(), features.mean()
    for _ in range(count):
        wide = int(rng.integers(0, 14))
        low = int(rng.integers(0, features.shape[1] - wide))
        features[:, low : low + wide] = mean
        long = int(rng.integers(0, max(1, min(20, len(features) // 10))))
        first = int(rng.integers(0, len(features) - long))
        features[first : first + long] = mean
    return features


def augment(features: Features, noise: Features | None, settings: Augmentation, rng: np.random.Generator) -> Features:
    """Change one recording at random.

    Args:
        features: (T, 80) log-mel energies.
        noise: (n, 80) what to mix in, from a random start on, at 5 to 25 dB.
        settings: how often and how strongly.
        rng: decides everything.
    """
    features = warp_bins(features, float(rng.uniform(1 - settings.warp, 1 + settings.warp)))
    if rng.random() < settings.padded:
        features = pad_silence(features, rng)
    if noise is not None:
        noise = np.roll(noise, int(rng.integers(len(noise))), axis=0)
        features = mix(features, noise, float(rng.uniform(5, 25)))
    if rng.random() < settings.narrow:
        features = narrow_band(features, rng)
    features = np.maximum(colour(features, settings, rng), np.float32(FLOOR))
    return mask(features, settings.masks, rng)
