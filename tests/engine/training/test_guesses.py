"""Counts of guesses add up, and their rates mean what they say."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from engine.training.guesses import Guesses  # noqa: E402
from engine.training.quantiser import Codebooks  # noqa: E402

BOOKS = Codebooks(count=2, codes=4, width=3)


def counted(truth: list[list[int]], named: list[list[int]], loss: float = 1.0) -> Guesses:
    scores = torch.nn.functional.one_hot(torch.tensor(named), 4).float()
    return Guesses.of(scores, torch.tensor(truth), loss)


def test_rates_by_hand() -> None:
    row = counted([[0, 1], [0, 2], [3, 1], [0, 1]], [[0, 1], [0, 0], [0, 1], [1, 1]], 1.25).row()
    assert row["loss"] == 1.25
    assert row["accuracy"] == 5 / 8
    assert row["chance"] == 3 / 4
    assert row["used"] == 4 / 8
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert row["unigram"] == pytest.approx(entropy, abs=1e-4)
    assert row["perplexity"] == pytest.approx(math.exp(entropy), abs=0.1)


def test_counts_add_up() -> None:
    first, second = counted([[0, 1]], [[0, 0]], 2.0), counted([[1, 1], [2, 3]], [[1, 1], [0, 3]], 1.0)
    both = counted([[0, 1], [1, 1], [2, 3]], [[0, 0], [1, 1], [0, 3]], 4 / 3)
    assert (Guesses.none(BOOKS) + first + second).row() == both.row()
    assert Guesses(**first.counts()).row() == first.row()


def test_nothing_guessed_has_no_rates() -> None:
    assert Guesses.none(BOOKS).row() == {}
