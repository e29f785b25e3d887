"""Perplexities from the models' files."""

import json
import math

import numpy as np
import pytest

from engine.ngram.compact import compact
from engine.ngram.perplexity import foretold, token_scores
from engine.rescoring.evaluate import counted_scores, learned_scores, read_texts
from engine.rescoring.neural import NeuralModel


def test_tries_score_a_text_as_their_models_do(small):
    stream = small.vocabulary.encode([["a", "b", "c", "zz", "d", "a"], [], ["d"]])
    for model in small.models(2):
        expected = np.where(foretold(stream), token_scores(model, stream), 0.0)
        np.testing.assert_allclose(counted_scores(compact(model).unpacked(), stream), expected, atol=0.1)


def test_a_normalised_neural_model_shares_out_one(small):
    rng = np.random.default_rng(1)
    shapes = [(7, 3), (7,), (4, 6), (4,), (3, 4), (3,)]
    network = NeuralModel(*(rng.normal(0, 0.5, shape).astype(np.float32) for shape in shapes))
    total = 0.0
    for word in range(7):
        text = np.array([1, 3, 4, word], np.uint16)
        whole = network.answers(np.array([[3, 4]])) @ network.embedding.T + network.bias
        expected = whole[0, word] - np.logaddexp.reduce(whole[0])
        total += math.exp(expected)
        if word >= 2:  # begin marks and unknown words are not foretold
            assert learned_scores(network, text, normalised=True)[3] == pytest.approx(expected, abs=1e-5)
            assert learned_scores(network, text, normalised=False)[3] == pytest.approx(whole[0, word], abs=1e-5)
    assert total == pytest.approx(1, abs=1e-5)


def test_transcripts_are_grouped(tmp_path):
    rows = [
        {"schema": 1},
        {"dataset": "speechocean762", "age_group": "child", "text": "WELL-KNOWN, indeed"},
        {"dataset": "librispeech", "text": None, "words": [{"text": "he"}, {"text": "said"}]},
    ]
    (tmp_path / "dev.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = read_texts([tmp_path / "dev.jsonl"])
    assert found == {"dev child": [["well", "known", "indeed"]], "dev librispeech": [["he", "said"]]}
