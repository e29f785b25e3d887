from typing import Any

import numpy as np
import pytest

from engine.operations.metered_engine import MeteredEngine
from engine.operations.meters import Meters, State

SECOND = 1_000_000_000


class Ticking:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


class Slow:
    """An engine whose steps take two seconds of this clock, and look at it meanwhile."""

    digest, models = "slow", {"standard": "slow"}

    def __init__(self, clock: Ticking) -> None:
        self.clock, self.watched, self.broken = clock, lambda: None, False

    def begin(self, *given: Any, **named: Any) -> Any:
        return given, named

    def step(self, hearings: Any, pcm: Any) -> None:
        self.clock.now += 2 * SECOND
        self.watched()
        if self.broken:
            raise RuntimeError("made to fail")

    def end(self, hearing: Any, rest: Any) -> tuple[str, ...]:
        return ("last",)


class Heard:
    size = 8_000


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


def metered(engine: Slow, clock: Ticking) -> tuple[Any, Meters]:
    meters = Meters(lambda: State(0, 1, 0, False, None), "0", "d")
    return MeteredEngine(engine, meters, clock, clock), meters  # type: ignore[arg-type]


def test_steps_are_measured_and_passed_on(clock: Ticking) -> None:
    engine, meters = metered(Slow(clock), clock)
    assert engine.begin("config", x=1) == (("config",), {"x": 1})
    assert (engine.digest, engine.models, engine.real_time_factor) == ("slow", {"standard": "slow"}, None)
    engine.step([Heard(), Heard()], [np.zeros(8_000), np.zeros(8_000)])
    assert engine.real_time_factor == 2.0
    assert engine.end(Heard(), np.zeros(1_600)) == ("last",)
    text = meters.exposition().decode()
    assert "understudy_engine_step_seconds_sum 2.0" in text
    assert 'understudy_engine_batch_streams_bucket{le="2.0"} 1.0' in text
    assert "understudy_audio_seconds_total 1.1" in text


def test_a_step_that_hangs_shows(clock: Ticking) -> None:
    slow, seen = Slow(clock), []
    engine, _ = metered(slow, clock)
    slow.watched = lambda: seen.append(engine.busy_for)
    assert engine.busy_for == 0
    engine.step([Heard()], [np.zeros(8_000)])
    assert seen == [2 * SECOND]
    assert engine.busy_for == 0


def test_a_step_that_fails_is_over(clock: Ticking) -> None:
    slow = Slow(clock)
    slow.broken = True
    engine, _ = metered(slow, clock)
    with pytest.raises(RuntimeError):
        engine.step([Heard()], [np.zeros(8_000)])
    assert engine.busy_for == 0
