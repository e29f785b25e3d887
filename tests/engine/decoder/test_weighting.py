"""Settings turned into numbers."""

import numpy as np

from engine.decoder.options import DecodeOptions
from engine.decoder.weighting import score_shift, search_arrays


def test_the_blank_is_made_dearer_and_phones_lose_their_prior():
    prior = np.log(np.array([0.7, 0.2, 0.1], np.float32))
    shift = score_shift(DecodeOptions(acoustic_scale=0.5, blank_penalty=2.0, prior_scale=0.3), prior)
    np.testing.assert_allclose(shift, [-1.0, -0.15 * np.log(0.2), -0.15 * np.log(0.1)], rtol=1e-6)


def test_without_a_prior_only_the_blank_changes():
    shift = score_shift(DecodeOptions(acoustic_scale=1.0, blank_penalty=1.5), None)
    assert shift.tolist() == [-1.5] + [0.0] * 39


def test_every_word_costs_the_word_penalty(small_graph):
    plain, dear = (search_arrays(small_graph, DecodeOptions(word_penalty=cost)) for cost in (0.0, 2.0))
    np.testing.assert_allclose(dear.cost - plain.cost, np.where(small_graph.word != 0, 2.0, 0.0), atol=1e-5)
    np.testing.assert_array_equal(plain.dest, small_graph.dest)
