"""Words made up where nothing is said: noises of the pack, and silence, hum, tones and noise made here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.recogniser.bench import Bench
from benchmarks.recogniser.deciding import search
from benchmarks.recogniser.findings import Findings
from benchmarks.recogniser.listening import hear_all
from benchmarks.recogniser.recordings import RATE
from engine.acoustic.frontend import features_of

_SECONDS = 30
_SEED = 11
_SCALE = (0, 4, 7, 12, 7, 4, 5, 9, 12, 9, 7, 11)  # semitones above A3, one every 250 ms

Samples = np.ndarray


def made_sounds() -> dict[str, Samples]:
    """Half a minute of each sound, (n,) float32 at 16 kHz."""
    rng = np.random.default_rng(_SEED)
    time = np.arange(_SECONDS * RATE) / RATE
    makers: Mapping[str, Callable[[], Any]] = {
        "digital silence": lambda: np.zeros(len(time)),
        "a constant (0.5)": lambda: np.full(len(time), 0.5),
        "quiet white noise": lambda: rng.normal(0, 0.003, len(time)),
        "loud white noise": lambda: rng.normal(0, 0.1, len(time)),
        "mains hum": lambda: sum(0.05 / n * np.sin(2 * np.pi * 50 * n * time) for n in (1, 2, 3, 5)),
        "tone of 440 Hz": lambda: 0.2 * np.sin(2 * np.pi * 440 * time),
        "tones like music": lambda: _melody(time),
        "dialling tones": lambda: _dialling(time),
        "clicks": lambda: (rng.random(len(time)) < 2 / RATE) * 0.8,
    }
    return {name: np.asarray(make(), np.float32) for name, make in makers.items()}


def _melody(time: np.ndarray) -> Any:
    """Notes with overtones that die away, over a low drone."""
    note = (time / 0.25).astype(int)
    pitch = 220 * 2 ** (np.array(_SCALE)[note % len(_SCALE)] / 12)
    swell = np.exp(-4 * (time % 0.25))
    tune = sum(np.sin(2 * np.pi * n * np.cumsum(pitch) / RATE) / n for n in (1, 2, 3, 4))
    return 0.1 * swell * tune + 0.05 * np.sin(2 * np.pi * 110 * time)


def _dialling(time: np.ndarray) -> Any:
    """Pairs of tones, 100 ms on and 100 ms off."""
    low, high = np.array([697, 770, 852, 941]), np.array([1209, 1336, 1477])
    key = (time / 0.2).astype(int)
    pair = np.sin(2 * np.pi * low[key % 4] * time) + np.sin(2 * np.pi * high[key % 3] * time)
    return 0.15 * pair * (time % 0.2 < 0.1)


def words_a_minute(bench: Bench) -> Findings:
    """Words that the first arm makes of sounds without speech."""
    minutes: dict[str, float] = {}
    words: dict[str, list[str]] = {}
    for heard in bench.heard(bench.arm, "noise"):
        name = f"recorded noises, {heard.recording.stratum}"
        minutes[name] = minutes.get(name, 0.0) + heard.frames * 0.04 / 60
        words.setdefault(name, []).extend(word.text for word in heard.words)
    sounds = made_sounds()
    with bench.arm.recogniser() as recogniser:
        log_probs = hear_all(recogniser.body, [features_of(one) for one in sounds.values()], bench.arm.chunk_ms)
        for name, one in zip(sounds, log_probs, strict=True):
            minutes[name] = len(one) * 0.04 / 60
            words[name] = [word.text for word in search(recogniser.begin_words(), one, bench.arm)]
    rows = tuple((name, f"{minutes[name]:.1f}", str(len(words[name])), f"{len(words[name]) / minutes[name]:.1f}")
                 for name in words)  # fmt: skip
    return Findings(
        "noise",
        f"Words that {bench.arm.name} makes up",
        ("sound", "minutes", "words", "words a minute"),
        rows,
        ("Noises of noise_train were heard in training; those of noise_test never were.",),
        data={"words": words},
    )
