"""Greedy reading and phone errors."""

import numpy as np

from engine.training.measurement import PhoneErrors, greedy, phone_errors


def scores(path: list[int]) -> np.ndarray:
    return np.log(np.eye(40, dtype=np.float32)[path] * 0.9 + 1e-3)


def test_repeats_merge_and_blanks_part() -> None:
    assert greedy(scores([0, 3, 3, 0, 3, 5, 5, 0])) == (3, 3, 5)


def test_errors_add_up() -> None:
    total = phone_errors(scores([3, 5]), (3, 6, 5)) + phone_errors(scores([0]), (7,))
    assert total == PhoneErrors(2, 4)
    assert total.rate == 0.5


def test_nothing_said_has_no_rate() -> None:
    assert PhoneErrors().rate is None
