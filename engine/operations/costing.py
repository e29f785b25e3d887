"""What a step costs on this machine, now: real speech through a real engine, for each number of streams together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from engine.audio.intake import ENGINE_RATE
from engine.channel import Channel
from engine.hearing import Engine
from engine.operations.capacity import CostTable, StepCost
from engine.protocol import AudioFormat, AudioType
from engine.session_config import MIN_DELAY, SessionConfig

SETTLE = 2  # steps before the clock runs: the search of a stream's first chunk is not like the others
MEASURED = 5  # steps that are timed
_FORMAT = AudioFormat(AudioType.PCM_S16LE, ENGINE_RATE)


def measure_costs(engine: Engine, speech: NDArray[np.int16], max_batch: int, clock: Callable[[], int]) -> CostTable:
    """Time the steps of 1, 2, 4, ... streams, each of them hearing another stretch of the speech.

    With partials and the shortest delay, which is what a step costs most with.

    Args:
        engine: warm.
        speech: (n,) samples at 16 kHz, a few seconds at least.
        max_batch: most streams stepped together.
        clock: nanoseconds, best of the processor time of the calling thread.
    """
    sizes = [1 << power for power in range(max_batch.bit_length()) if 1 << power < max_batch] + [max_batch]
    steps = {
        model: _not_falling([_time_steps(engine, model, speech, size, clock) for size in sizes])
        for model in engine.models
    }
    chunk = engine.begin(_config(next(iter(engine.models)))).chunk
    return CostTable(chunk * 1_000_000_000 // ENGINE_RATE, steps)


def _time_steps(
    engine: Engine, model: str, speech: NDArray[np.int16], streams: int, clock: Callable[[], int]
) -> StepCost:
    config = _config(model)
    channels = [Channel(engine.begin(config), config) for _ in range(streams)]
    offsets = [len(speech) * place // streams for place in range(streams)]
    times = []
    for _ in range(SETTLE + MEASURED):
        pieces = []
        for place, channel in enumerate(channels):
            wanted = channel.hearing.wanted
            pieces.append(np.take(speech, range(offsets[place], offsets[place] + wanted), mode="wrap").tobytes())
            offsets[place] += wanted
        began = clock()
        _step(engine, channels, pieces)
        times.append(clock() - began)
    return StepCost(streams, round(median(times[SETTLE:])))


def _step(engine: Engine, channels: Sequence[Channel], pieces: Sequence[bytes]) -> None:
    """What the scheduler does for a batch: take the audio, step, ask for the news."""
    for channel, piece in zip(channels, pieces, strict=True):
        channel.take(piece)
    engine.step([channel.hearing for channel in channels], [channel.next_step() for channel in channels])
    for channel in channels:
        channel.news()


def _config(model: str) -> SessionConfig:
    return SessionConfig(_FORMAT, {}, max_delay=round(MIN_DELAY * ENGINE_RATE), enable_partials=True, model=model)


def _not_falling(rows: Sequence[StepCost]) -> tuple[StepCost, ...]:
    """More streams never cost less; where a measurement says so, something else was running."""
    costs = np.maximum.accumulate([row.nanoseconds for row in rows])
    return tuple(StepCost(row.streams, int(cost)) for row, cost in zip(rows, costs, strict=True))
