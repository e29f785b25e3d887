"""The trie asked by compiled code, against the model it was made of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelError
from engine.ngram.compact import compact, load_compact, rounded, save_compact
from engine.ngram.kneser_ney import estimate
from engine.ngram.model import BackoffModel, Order
from engine.ngram.query import known_words, word_score, word_scores
from engine.ngram.vocabulary import BEGIN

texts = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "zz"]), max_size=6), min_size=1, max_size=12)


def row(*words, width=3):
    return np.array([0] * (width - len(words)) + list(words), np.int32)


@settings(deadline=None, max_examples=30)
@given(texts, st.integers(2, 4))
def test_every_question_gets_the_models_answer(small, sentences, order):
    model = estimate(small.vocabulary.encode(sentences), small.vocabulary, order, (1, 1, 2, 2))
    trie = compact(model).unpacked()
    rng = np.random.default_rng(len(sentences))
    for _ in range(30):
        used = int(rng.integers(0, order))
        history = rng.integers(0, 7, used).tolist()
        if used and rng.random() < 0.5:
            history[0] = BEGIN
        word = int(rng.integers(2, 7))
        expected = np.log(small.probability(model, *history, word))
        assert word_score(trie, row(*history), used, word) == pytest.approx(expected, abs=0.1)
        enough = known_words(trie, row(*history), used)
        assert enough <= used
        assert word_score(trie, row(*history), enough, word) == word_score(trie, row(*history), used, word)


def test_many_questions_at_once(small):
    model = estimate(small.vocabulary.encode([["a", "b", "c"], ["a", "b", "d"]]), small.vocabulary, 3, (1, 1, 1))
    trie = compact(model).unpacked()
    histories = np.stack([row(BEGIN, 3), row(3, 4), row(5)])
    found = word_scores(trie, histories, np.array([2, 2, 1], np.int32), np.array([4, 5, 6], np.int32))
    expected = [
        small.probability(model, BEGIN, 3, 4),
        small.probability(model, 3, 4, 5),
        small.probability(model, 5, 6),
    ]
    np.testing.assert_allclose(np.log(expected), found, atol=0.1)


def test_the_file_holds_the_model_and_speaks_when_it_does_not(small, tmp_path):
    model = estimate(small.vocabulary.encode([["a", "b"], ["c"]]), small.vocabulary, 3, (1, 1, 1))
    save_compact(compact(model), tmp_path / "lm.npz")
    for ours, theirs in zip(compact(model).unpacked(), load_compact(tmp_path / "lm.npz").unpacked(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(ModelError, match="no language model here"):
        load_compact(tmp_path / "none.npz")
    (tmp_path / "bad.npz").write_bytes(b"no zip")
    with pytest.raises(ModelError, match="damaged"):
        load_compact(tmp_path / "bad.npz")
    np.savez(tmp_path / "old.npz", format=np.array([0, 3]))
    with pytest.raises(ModelError, match="format 0"):
        load_compact(tmp_path / "old.npz")


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(-20, 4), max_size=300), st.booleans())
def test_rounding_keeps_zero_and_errs_by_half_a_step(values, never):
    numbers = np.array([0.0, *values, *([-200.0] if never else [])])
    places, kept = rounded(numbers)
    assert kept[places[0]] == 0.0
    error = np.abs(kept[places] - numbers)[: len(values) + 1]
    assert error.max() <= (max(*values, 0.0, 0.0) - min(*values, 0.0, 0.0)) / (2 * 254) + 1e-4


def test_a_model_without_its_histories_is_refused(small):
    model = estimate(small.vocabulary.encode([["a", "b"]]), small.vocabulary, 3, (1, 1, 1))
    one, two, three = model.orders
    fewer = Order(two.keys[:1], two.log_prob[:1], two.backoff[:1])
    with pytest.raises(ValueError, match="histories"):
        compact(BackoffModel(model.vocabulary, (one, fewer, three)))
