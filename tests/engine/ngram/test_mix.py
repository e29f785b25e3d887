"""Mixtures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ngram.kneser_ney import estimate
from engine.ngram.mix import interpolate
from engine.ngram.vocabulary import Vocabulary

texts = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "zz"]), max_size=6), min_size=1, max_size=12)


@settings(deadline=None, max_examples=25)
@given(texts, texts, st.floats(0.05, 0.95))
def test_a_mixture_is_the_weighted_mean_where_listed_and_sums_to_one(small, one, other, share):
    models = [estimate(small.vocabulary.encode(text), small.vocabulary, 3, (1, 1, 1)) for text in (one, other)]
    mixed = interpolate(models, [share, 1 - share])
    small.sums_to_one(mixed)
    keys = mixed.orders[2].keys
    expected = share * np.exp(models[0].log_prob(keys, 3)) + (1 - share) * np.exp(models[1].log_prob(keys, 3))
    np.testing.assert_allclose(np.exp(mixed.log_prob(keys, 3)), expected, rtol=1e-9)


def test_mixing_needs_one_vocabulary_and_weights_that_add_up(small):
    model = estimate(small.vocabulary.encode([["a"]]), small.vocabulary, 2, (1, 1))
    stranger = Vocabulary.of(["x"])
    with pytest.raises(ValueError, match="one vocabulary"):
        interpolate([model, estimate(stranger.encode([["x"]]), stranger, 2, (1, 1))], [0.5, 0.5])
    with pytest.raises(ValueError, match="add up to one"):
        interpolate([model, model], [0.5, 0.4])


@settings(deadline=None, max_examples=15)
@given(texts, texts, st.floats(0.1, 0.9), st.floats(0.1, 1.0))
def test_a_history_that_one_text_finds_likely_gives_it_weight(small, one, other, share, trust):
    models = [estimate(small.vocabulary.encode(text), small.vocabulary, 3, (1, 1, 1)) for text in (one, other)]
    mixed = interpolate(models, [share, 1 - share], trust)
    small.sums_to_one(mixed)
    for key in mixed.orders[2].keys[:6]:
        numbers = [int(key >> np.uint64(shift)) & 0xFFFF for shift in (32, 16, 0)]
        before = [small.probability(m, numbers[0]) * small.probability(m, *numbers[:2]) for m in models]
        weights = np.array([share, 1 - share]) * np.array(before) ** trust
        expected = weights @ [small.probability(m, *numbers) for m in models] / weights.sum()
        assert small.probability(mixed, *numbers) == pytest.approx(expected, rel=1e-9)
