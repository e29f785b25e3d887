"""Compiled posteriors and risks against every path."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.lattice import reference
from kernels.lattice.cpu import arc_losses, arc_posteriors, place_counts

seeds = st.integers(0, 2**32 - 1)
few = settings(deadline=None, max_examples=40)


@few
@given(seeds, st.integers(2, 7))
def test_posteriors_are_those_of_all_paths(lattice_of, seed, nodes):
    source, target, _, score = lattice_of(np.random.default_rng(seed), nodes)
    truth = reference.arc_posteriors(source, target, score, nodes)
    np.testing.assert_allclose(arc_posteriors(source, target, score, nodes), truth, rtol=1e-9)


@few
@given(seeds, st.integers(2, 7))
def test_losses_are_those_of_the_best_path_over_each_arc(lattice_of, seed, nodes):
    source, target, _, score = lattice_of(np.random.default_rng(seed), nodes)
    every = [(score[list(path)].sum(), path) for path in reference.paths(source, target, nodes)]
    best = max(total for total, _ in every)
    truth = [best - max(total for total, path in every if arc in path) for arc in range(len(source))]
    np.testing.assert_allclose(arc_losses(source, target, score, nodes), truth, atol=1e-9)


def test_an_arc_that_leads_nowhere_is_lost():
    source, target = np.array([0, 0, 1], np.int32), np.array([1, 2, 3], np.int32)
    assert arc_losses(source, target, np.zeros(3), 4).tolist() == [0.0, np.inf, 0.0]


@few
@given(seeds, st.integers(2, 6), st.integers(0, 4))
def test_the_expected_distance_is_bounded_from_below_by_the_true_one(lattice_of, seed, nodes, length):
    rng = np.random.default_rng(seed)
    source, target, label, score = lattice_of(rng, nodes)
    hypothesis = rng.integers(0, 4, length).astype(np.int32)
    risk, counts = place_counts(source, target, label, score, nodes, hypothesis, 4)
    posteriors = reference.sentences(source, target, label, score, nodes)
    truth = reference.risk([int(word) for word in hypothesis if word], posteriors)
    # The recursion shares one alignment among all paths to a node, and a spurious word costs 1e-5 more.
    assert truth - 1e-9 <= risk <= truth + 1.0
    np.testing.assert_allclose(counts.sum(1), 1.0, rtol=1e-9)


def test_the_expected_distance_is_nearly_the_true_one(lattice_of):
    gaps = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        source, target, label, score = lattice_of(rng, 5)
        hypothesis = rng.integers(0, 4, 3).astype(np.int32)
        risk, _ = place_counts(source, target, label, score, 5, hypothesis, 4)
        posteriors = reference.sentences(source, target, label, score, 5)
        gaps.append(risk - reference.risk([int(word) for word in hypothesis if word], posteriors))
    assert np.mean(gaps) < 0.02


def test_counts_of_a_lattice_by_hand():
    # two sentences: 1 2 (weight 3) and 1 3 (weight 1)
    source, target = np.array([0, 1, 1], np.int32), np.array([1, 2, 2], np.int32)
    label, score = np.array([1, 2, 3], np.int32), np.log([1.0, 3.0, 1.0])
    risk, counts = place_counts(source, target, label, score, 3, np.array([0, 1, 0, 2, 0], np.int32), 4)
    assert risk == pytest.approx(0.25)
    assert counts[1].tolist() == pytest.approx([0, 1, 0, 0])
    assert counts[3].tolist() == pytest.approx([0, 0, 0.75, 0.25])
