"""The volume gate: measured as documented, silent below its threshold, the same however audio is cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.volume import KEPT, PIECE, VolumeGate

RNG = np.random.default_rng(3)
PCM = (RNG.normal(0, 0.1, 5_000) * np.repeat(RNG.uniform(0, 1, 50), 100)).astype(np.float32)


def gated(gate: VolumeGate, pieces: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([*(gate.step(piece) for piece in pieces), gate.end()])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5_000), max_size=8), st.sampled_from([0.0, 3.0, 10.0]))
def test_every_piece_of_ten_milliseconds_is_judged_alone(cuts: list[int], threshold: float) -> None:
    edges = [0, *sorted(cuts), len(PCM)]
    heard = gated(VolumeGate(threshold), [PCM[a:b] for a, b in pairwise(edges)])
    expected = PCM.copy()
    for at in range(0, len(PCM), PIECE):
        if 100 * np.sqrt(np.mean(np.square(PCM[at : at + PIECE], dtype=np.float64))) < threshold:
            expected[at : at + PIECE] = 0
    assert np.array_equal(heard, expected)


def test_a_full_scale_square_wave_is_a_hundred() -> None:
    gate = VolumeGate(0.0)
    gate.step(np.tile(np.asarray([1.0, -1.0], np.float32), PIECE))
    assert gate.volume(0, 2 * PIECE) == pytest.approx(100.0)


def test_loud_parts_of_a_word_count_most_and_what_is_unknown_has_no_volume() -> None:
    gate = VolumeGate(0.0)
    gate.step(np.repeat(np.asarray([0.5, 0.0, 0.0], np.float32), PIECE))
    assert gate.volume(0, 3 * PIECE) == pytest.approx(50.0)
    assert gate.volume(PIECE, 2 * PIECE) == 0.0
    assert gate.volume(4 * PIECE, 5 * PIECE) is None
    gate.step(np.zeros(PIECE * KEPT, np.float32))
    assert gate.volume(0, 3 * PIECE) is None
