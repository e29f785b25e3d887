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
from engine.body import GRAIN, Body, BodyState, LogProbs
from engine.frontend import Features, features_of

_TOGETHER = 8  # streams of one step
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
    listed = "\n".join(f"{one.audio} {one.span}" for one in recordings)
    name = hashlib.sha256(f"{body.card.digest} {chunk_ms}\n{listed}".encode()).hexdigest()[:24]
    path = None if cache is None else cache / f"{name}.npz"
    if path is not None and path.exists():
        with np.load(path) as kept:
            return np.split(kept["log_probs"], np.cumsum(kept["lengths"])[:-1])
    found = hear_all(body, [features_of(one.samples()) for one in recordings], chunk_ms)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npz")
        np.savez(part, log_probs=np.concatenate(found), lengths=[len(one) for one in found])
        part.rename(path)
    return found


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
