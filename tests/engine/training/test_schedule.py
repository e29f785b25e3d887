"""Warm-up, stable rate and decay."""

import pytest

from engine.training.schedule import Schedule


def test_rises_stays_and_falls() -> None:
    schedule = Schedule(peak=2.0, warm_up=10, final=0.1)
    assert schedule.rate(0, 0.0) == pytest.approx(0.2)
    assert schedule.rate(9, 0.0) == schedule.rate(5000, 0.0) == 2.0
    assert schedule.rate(5000, 0.5) == pytest.approx(1.1)
    assert schedule.rate(5000, 1.0) == schedule.rate(5000, 7.0) == pytest.approx(0.2)
