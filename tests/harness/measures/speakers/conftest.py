"""Random diarisations, plain and with speakers who overlap themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from testsets.transcript import SpeakerTurn

Turns = tuple[SpeakerTurn, ...]


def _turns(rng: np.random.Generator, names: str, length: int, *, own_overlap: bool = False, most: int = 5) -> Turns:
    found: list[SpeakerTurn] = []
    for name in names:
        count = int(rng.integers(0, most))
        cuts = rng.choice(length, (count, 2), replace=False)
        ordered = np.sort(cuts, axis=1) if own_overlap else np.sort(cuts, axis=None).reshape(-1, 2)
        found += [SpeakerTurn(name, int(start), int(end)) for start, end in ordered]
    return tuple(found[i] for i in rng.permutation(len(found)))


@pytest.fixture(scope="session")
def random_turns() -> Callable[..., Turns]:
    return _turns
