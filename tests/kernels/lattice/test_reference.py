"""The plain truth against lattices counted by hand."""

import numpy as np
import pytest

from kernels.lattice.reference import arc_posteriors, paths, risk, sentences

SOURCE, TARGET = np.array([0, 0, 1, 1], np.int32), np.array([1, 1, 2, 2], np.int32)
LABEL, SCORE = np.array([1, 2, 3, 0], np.int32), np.log([1.0, 3.0, 1.0, 1.0])


def test_paths_and_posteriors():
    assert sorted(paths(SOURCE, TARGET, 3)) == [(0, 2), (0, 3), (1, 2), (1, 3)]
    assert arc_posteriors(SOURCE, TARGET, SCORE, 3).tolist() == pytest.approx([0.25, 0.75, 0.5, 0.5])


def test_sentences_and_risk():
    found = sentences(SOURCE, TARGET, LABEL, SCORE, 3)
    assert found == pytest.approx({(1, 3): 0.125, (1,): 0.125, (2, 3): 0.375, (2,): 0.375})
    assert risk((2,), found) == pytest.approx(0.125 * 2 + 0.125 + 0.375)
    assert risk((), found) == pytest.approx(1.5)
