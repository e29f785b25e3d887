"""Word lattices as values."""

import numpy as np
import pytest

from engine.decoder.lattice import WordLattice


def lattice(arcs, frames=(0, 5, 9), final=(-np.inf, -np.inf, 0.0)) -> WordLattice:
    source, target, word, acoustic, grammar = zip(*arcs, strict=True)
    i32, f32 = np.int32, np.float32
    return WordLattice(
        np.array(frames, i32), np.array(source, i32), np.array(target, i32), np.array(word, i32),
        np.array(acoustic, f32), np.array(grammar, f32), np.array(final, f32),
    )  # fmt: skip


def test_arcs_must_lead_on():
    with pytest.raises(ValueError, match="higher numbers"):
        lattice([(1, 0, 3, 0.0, 0.0)])
    with pytest.raises(ValueError, match="higher numbers"):
        lattice([(1, 3, 3, 0.0, 0.0)])
    with pytest.raises(ValueError, match="one each"):
        lattice([(0, 1, 3, 0.0, 0.0)], final=(0.0,))


def test_several_ends_become_one():
    found = lattice([(1, 2, 4, -1.0, -1.0), (0, 1, 3, -2.0, 0.0)], final=(-np.inf, -0.5, -1.0)).ended
    assert found.final.tolist()[-1] == 0.0
    assert not np.isfinite(found.final[:-1]).any()
    arcs = list(
        zip(found.source.tolist(), found.target.tolist(), found.word.tolist(), found.scores.tolist(), strict=True)
    )
    assert arcs == [(0, 1, 3, -2.0), (1, 2, 4, -2.0), (1, 3, 0, -0.5), (2, 3, 0, -1.0)]
    assert found.frames.tolist() == [0, 5, 9, 9]
    assert found.ended.frames.tolist() == found.frames.tolist()


def test_pruning_keeps_what_is_within_the_beam_and_numbers_the_rest_anew():
    whole = lattice(
        [(0, 1, 3, 0.0, 0.0), (0, 2, 7, -4.0, -4.0), (0, 3, 4, -1.0, 0.0), (1, 3, 5, 0.0, 0.0), (2, 3, 6, 0.0, 0.0)],
        frames=(0, 4, 5, 9),
        final=(-np.inf, -np.inf, -np.inf, 0.0),
    ).ended
    kept = whole.pruned(3.0)
    assert kept.frames.tolist() == [0, 4, 9]
    assert sorted(kept.word.tolist()) == [3, 4, 5]
    assert whole.pruned(0.5).word.tolist() == [3, 5]
