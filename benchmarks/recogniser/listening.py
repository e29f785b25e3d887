"""Recordings to log-probabilities, chunk by chunk as a stream hears them; many together, and kept for the next run.

A stream's chunks do not depend on the streams stepped with it but for the last bits of float sums.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.recogniser.recordings import Recording
from engine.acoustic.body import GRAIN, Body, BodyState, LogProbs
from engine.acoustic.frontend import Features, features_of

_TOGETHER = 8  # streams of one step
_KEPT = 64  # recordings between two writings of the cache
_LONGEST = 6_000  # frames heard at once with full look-ahead; longer recordings are cut there


def log_probs_of(
    body: Body, recordings: Sequence[Recording], chunk_ms: int | None, cache: Path | None
) -> list[LogProbs]:
    """Log-probabilities (t, 40) of every recording, from the cache where they are known.

    Args:
        body: a loaded model.
        recordings: what to listen to.
        chunk_ms: look-ahead; None hears a whole recording at once.
        cache: folder; None keeps nothing.
    """
    if cache is None:
        return hear_all(body, [features_of(one.samples()) for one in recordings], chunk_ms)
    folder = cache / f"{body.digest[:16]}-{chunk_ms or 'whole'}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{_named(one)}.npy" for one in recordings]
    missing = [place for place, path in enumerate(paths) if not path.exists()]
    for at in range(0, len(missing), _KEPT):  # kept as it goes, for a run may be stopped
        group = missing[at : at + _KEPT]
        found = hear_all(body, [features_of(recordings[place].samples()) for place in group], chunk_ms)
        for place, rows in zip(group, found, strict=True):
            part = paths[place].with_suffix(".part.npy")
            np.save(part, rows)
            part.rename(paths[place])
    return [np.load(path) for path in paths]


def _named(recording: Recording) -> str:
    return hashlib.sha256(f"{recording.audio.resolve()} {recording.span}".encode()).hexdigest()[:24]


def hear_all(body: Body, features: Sequence[Features], chunk_ms: int | None) -> list[LogProbs]:
    """What the body makes of each recording's features; recordings of like length are stepped together."""
    if chunk_ms is None:
        return [_whole(body, one) for one in features]
    found: list[LogProbs] = [np.zeros((0, 0), np.float32)] * len(features)
    order = sorted(range(len(features)), key=lambda place: len(features[place]))
    bounds = [*range(0, len(order), _TOGETHER), len(order)]
    for begin, end in pairwise(bounds):
        group = order[begin:end]
        for place, rows in zip(group, _together(body, [features[place] for place in group], chunk_ms), strict=True):
            found[place] = rows
    return found


def _together(body: Body, features: Sequence[Features], chunk_ms: int) -> list[LogProbs]:
    """Streams in ascending order of length, so that those that still run are always the last ones."""
    size = chunk_ms // 10
    states = [body.begin(chunk_ms) for _ in features]
    heard: list[list[LogProbs]] = [[] for _ in features]
    for at in range(0, len(features[-1]), size):
        running = [place for place, one in enumerate(features) if len(one) >= at + size]
        if running:
            chunk = np.stack([features[place][at : at + size] for place in running])
            for place, rows in zip(running, body.step([states[place] for place in running], chunk), strict=True):
                heard[place].append(rows)
    return [
        np.concatenate([*rows, body.end(state, one[len(one) // size * size :])])
        for rows, state, one in zip(heard, states, features, strict=True)
    ]


def _whole(body: Body, features: Features) -> LogProbs:
    """One step hears it all: nothing is hidden from any frame but what lies beyond the limit of a very long one."""
    state: BodyState = body.begin(max(body.card.chunk_ms))
    cuts = range(0, max(len(features) - GRAIN, 1), _LONGEST)
    parts = [features[at : at + _LONGEST] for at in cuts]
    if len(parts) > 1 and len(parts[-1]) < _LONGEST // 2:
        parts[-2:] = [np.concatenate(parts[-2:])]
    heard = [body.step([state], part[None])[0] for part in parts[:-1]]
    return np.concatenate([*heard, body.end(state, parts[-1])])
