"""CTC scores equal the sum over all alignments."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.pseudo.scoring import best_path_score, ctc_scores


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(token for token, _ in itertools.groupby(path) if token)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 5), st.lists(st.lists(st.integers(1, 2), max_size=3), max_size=4))
def test_every_alignment_counts(seed: int, frames: int, sequences: list[list[int]]) -> None:
    probs = np.random.default_rng(seed).dirichlet(np.ones(3), frames)
    totals = [0.0] * len(sequences)
    for path in itertools.product(range(3), repeat=frames):
        for place, sequence in enumerate(sequences):
            if collapsed(path) == tuple(sequence):
                totals[place] += float(np.prod(probs[np.arange(frames), path]))
    scores = ctc_scores(np.log(probs).astype(np.float32), sequences)
    assert np.allclose(np.exp(scores), totals, rtol=1e-4, atol=1e-12)


def test_the_best_path_is_the_likeliest_token_of_every_frame() -> None:
    log_probs = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]], np.float32))
    assert np.isclose(best_path_score(log_probs), np.log(0.4))
