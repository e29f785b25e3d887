"""The model's file."""

import lzma
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelError
from engine.spelling.estimation import count, estimate
from engine.spelling.graphones import SOUNDS, Graphones
from engine.spelling.store import load_model, save_model

GRAPHONES = Graphones.of(letter * SOUNDS + letter for letter in range(1, 8))


def test_a_model_is_read_as_it_was_written_but_for_rounding(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    words = [rng.integers(2, len(GRAPHONES), int(rng.integers(1, 7))) for _ in range(200)]
    model = estimate(*count([*words, np.arange(2, len(GRAPHONES))], len(GRAPHONES), 4))
    save_model(model, GRAPHONES, tmp_path / "m")
    again, graphones = load_model(tmp_path / "m")
    assert np.array_equal(graphones.codes, GRAPHONES.codes)
    for name in ("parent", "symbol", "suffix", "levels"):
        assert np.array_equal(getattr(again.trie, name), getattr(model.trie, name))
    likely = model.log_prob > -20
    assert np.abs(again.log_prob - model.log_prob)[likely].max() <= 0.5 / 12 + 1e-9
    assert np.abs(again.backoff - model.backoff).max() <= 0.5 / 16 + 1e-9


@pytest.mark.parametrize("damage", [b"", b"not a model", lzma.compress(b"neither is this")])
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "letters.npz.xz"
    path.write_bytes(damage)
    with pytest.raises(ModelError, match=r"letters\.npz\.xz"):
        load_model(path)


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"engine\.spelling\.train"):
        load_model(tmp_path / "none")
