"""Scores add up and draw as a table row."""

from engine.training.evaluate import Score
from engine.training.measurement import PhoneErrors


def test_scores_add_up() -> None:
    total = Score(PhoneErrors(1, 10), 1, 4) + Score(PhoneErrors(3, 10), 2, 6)
    assert total == Score(PhoneErrors(4, 20), 3, 10, 2)
    assert total.row("clean", words=True) == "| clean | 2 | 10 | 20.0 | 30.0 |"


def test_words_made_up_of_noise_are_counted_not_divided() -> None:
    silent = Score(PhoneErrors(2, 0), 1, 0)
    assert silent.row("noise", words=True) == "| noise | 1 | 0 | 2 phones | 1 words |"
    assert silent.row("noise", words=False).endswith("| - |")
