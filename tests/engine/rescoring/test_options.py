"""Options and files of a second pass."""

import numpy as np
import pytest

from engine.errors import ModelError
from engine.ngram.compact import compact, save_compact
from engine.rescoring.neural import NeuralModel, save_neural
from engine.rescoring.options import RescoringOptions
from engine.rescoring.second_pass import SecondPass


@pytest.mark.parametrize(
    ("table", "says"),
    [({"beem": 1}, "unknown rescoring setting"), ({"beam": "wide"}, "must be a number"), ({"most": 0}, "whole number"),
     ({"neural_share": 1.0}, "neural_share"), ({"most": 2.5}, "whole number")],
)  # fmt: skip
def test_wrong_tables_say_what_is_wrong(table, says):
    with pytest.raises(ModelError, match=says):
        RescoringOptions.from_table(table, "model.toml")


def test_a_table_changes_what_it_names():
    assert RescoringOptions.from_table({"beam": 5}, "model.toml") == RescoringOptions(beam=5)


def test_a_folder_of_models_is_loaded_and_named_by_its_content(small, tmp_path):
    for model, name in zip(small.models(1), ("lm-3gram.npz", "lm-4gram.npz"), strict=True):
        save_compact(compact(model), tmp_path / name)
    plain = SecondPass.load(tmp_path)
    assert plain.digest != SecondPass.load(tmp_path, RescoringOptions(beam=3)).digest
    lattice = small.lattice(np.random.default_rng(1), 5)
    assert small.paths(plain.rescore(lattice, (1,)))
    shapes = [(9, 4), (9,), (5, 12), (5,), (4, 5), (4,)]
    save_neural(NeuralModel(*(np.zeros(shape, np.float32) for shape in shapes)), tmp_path / "lm-neural.npz")
    with pytest.raises(ModelError, match="build them together"):
        SecondPass.load(tmp_path)
    assert SecondPass.load(tmp_path, RescoringOptions(neural_share=0.0)).digest != plain.digest
