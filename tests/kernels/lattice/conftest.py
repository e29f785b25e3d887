"""Random small lattices."""

import numpy as np
import pytest


def random_lattice(rng: np.random.Generator, nodes: int, labels: int = 4):
    """Arcs in order of target; every node can be reached, and leads on."""
    pairs = [(int(rng.integers(0, node)), node) for node in range(1, nodes)]
    pairs += [(node, int(rng.integers(node + 1, nodes))) for node in range(nodes - 1)]
    pairs += [pairs[int(rng.integers(len(pairs)))] for _ in range(2)]
    pairs.sort(key=lambda pair: (pair[1], pair[0]))
    source, target = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    label = rng.integers(0, labels, len(source)).astype(np.int32)
    return source, target, label, rng.normal(size=len(source)) * 2


@pytest.fixture(scope="session")
def lattice_of():
    return random_lattice
