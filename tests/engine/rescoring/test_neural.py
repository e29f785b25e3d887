"""The neural model's arithmetic and file."""

import numpy as np
import pytest

from engine.errors import ModelError
from engine.rescoring.neural import NeuralModel, load_neural, save_neural


@pytest.fixture
def model():
    rng = np.random.default_rng(2)
    shapes = [(9, 4), (9,), (5, 12), (5,), (4, 5), (4,)]
    return NeuralModel(*(rng.normal(0, 0.5, shape).astype(np.float32) for shape in shapes))


def plain(model, context, word):
    read = np.concatenate([model.embedding[number] for number in context]).astype(np.float64)
    hidden = model.mix @ read + model.mix_bias
    hidden = hidden / (1 + np.exp(-hidden))
    return model.embedding[word] @ (model.out @ hidden + model.out_bias) + model.bias[word]


def test_begin_marks_stand_before_a_short_history(model):
    histories = np.array([[8, 7, 6, 5], [0, 0, 0, 4], [0, 0, 0, 0]], np.int32)
    found = model.log_probs(histories, np.array([4, 1, 0], np.int32), np.array([2, 3, 4], np.int32))
    contexts = [(7, 6, 5), (1, 1, 4), (1, 1, 1)]
    expected = [plain(model, context, word) for context, word in zip(contexts, (2, 3, 4), strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_file_rounds_little_and_speaks_when_it_is_none(model, tmp_path):
    save_neural(model, tmp_path / "lm.npz")
    loaded = load_neural(tmp_path / "lm.npz")
    assert loaded.context == 3
    np.testing.assert_allclose(loaded.embedding, model.embedding, atol=np.abs(model.embedding).max() / 250)
    np.testing.assert_allclose(loaded.mix, model.mix, rtol=1e-3)
    with pytest.raises(ModelError, match="no neural language model"):
        load_neural(tmp_path / "none.npz")
    np.savez(tmp_path / "old.npz", format=np.array([0]))
    with pytest.raises(ModelError, match="format"):
        load_neural(tmp_path / "old.npz")
    (tmp_path / "bad.npz").write_bytes(b"")
    with pytest.raises(ModelError, match="damaged"):
        load_neural(tmp_path / "bad.npz")
