"""First embeddings from the company words keep, so that a short training need not find it out again.

Source: Levy and Goldberg, "Neural Word Embedding as Implicit Matrix Factorization" (NeurIPS 2014); Halko, Martinsson
and Tropp, "Finding Structure with Randomness" (SIAM Review 2011), algorithm 4.4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from engine.ngram.counts import BITS, count

ROUNDS = 3
SPARE = 8  # columns beyond the wanted ones


def embed(stream: NDArray[np.uint16], size: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Factorise the positive pointwise mutual information of neighbouring words.

    Args:
        stream: (N,) word numbers.
        size: of the vocabulary.
        width: of an embedding.
        rng: draws the first guess.

    Returns:
        (size, width), no row longer than 1 and the differences of length softened.
    """
    together = association(stream, size)
    guess = rng.standard_normal((size, width + SPARE))
    for _ in range(ROUNDS):
        basis, _ = np.linalg.qr(together @ guess)
        guess = together.T @ basis
    left, strength, _ = np.linalg.svd(guess, full_matrices=False)
    found = left[:, :width] * np.sqrt(strength[:width])
    length = np.linalg.norm(found, axis=1, keepdims=True)
    softened: NDArray[np.float32] = (found / np.sqrt(length * length.max() + 1e-9)).astype(np.float32)
    return softened


def association(stream: NDArray[np.uint16], size: int) -> csr_matrix:
    """Positive pointwise mutual information (size, size) of a word and its neighbour on either side."""
    pairs = count(stream, 2)
    first = (pairs.keys >> BITS).astype(np.int64)
    second = (pairs.keys & np.uint64(0xFFFF)).astype(np.int64)
    both = csr_matrix((pairs.counts.astype(np.float64), (first, second)), shape=(size, size))
    both = (both + both.T).tocoo()
    seen = np.maximum(np.asarray(both.sum(axis=0)).ravel(), 1.0)
    information = np.log(both.data * seen.sum() / (seen[both.row] * seen[both.col]))
    kept = information > 0
    return csr_matrix((information[kept], (both.row[kept], both.col[kept])), shape=(size, size))
