"""Streams that join, speak for a while and leave: the same for every allocator."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

TICK_MS = 320
CHUNKS = (320, 640, 1280)  # milliseconds of audio a step, by stream
TAILS = (80, 160, 320)  # of what is left when a stream ends

Batch = tuple[int, tuple[int, ...]]  # milliseconds of a step, and the streams that take it together


@dataclass(slots=True)
class Tick:
    """What happens within 320 ms: first streams join, then batches are stepped, then streams leave."""

    joins: list[int] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trace:
    """Ticks, the most streams at once, and how many came while there was no place."""

    ticks: tuple[Tick, ...]
    slots: int
    refused: int


@dataclass(slots=True)
class _Stream:
    number: int
    joined: int
    last: int
    chunk: int
    tail: int

    def step(self, tick: int) -> int | None:
        """Milliseconds that it steps in a tick, if it does."""
        if tick == self.last:
            return self.tail
        every = self.chunk // TICK_MS
        return self.chunk if (tick - self.joined) % every == every - 1 else None


def arrivals(rng: np.random.Generator, ticks: int, mean: float, slots: int, stay: float = 40.0) -> Trace:
    """Draw a trace: Poisson arrivals, log-normal stays, chunks and tails at random.

    Args:
        ticks: of 320 ms.
        mean: streams at once, were there no limit.
        slots: places; who comes while all are taken is refused.
        stay: median ticks of a stream.
    """
    spread = 0.8
    rate = mean / (stay * np.exp(spread**2 / 2))
    active: list[_Stream] = []
    made: list[Tick] = []
    number = refused = 0
    for tick in range(ticks):
        now = Tick()
        for _ in range(int(rng.poisson(mean if tick == 0 else rate))):
            length = max(1, round(float(rng.lognormal(np.log(stay), spread))))
            chunk, tail = (int(rng.choice(sizes)) for sizes in (CHUNKS, TAILS))
            if len(active) == slots:
                refused += 1
                continue
            active.append(_Stream(number, tick, tick + length, chunk, tail))
            now.joins.append(number)
            number += 1
        steps = [(stream.step(tick), stream.number) for stream in active]
        for ms in sorted({ms for ms, _ in steps if ms is not None}):
            now.batches.append((ms, tuple(one for size, one in steps if size == ms)))
        now.leaves += [stream.number for stream in active if stream.last == tick]
        active = [stream for stream in active if stream.last > tick]
        made.append(now)
    return Trace(tuple(made), slots, refused)


def growth(streams: int, batch: int) -> Trace:
    """A trace to find the limit with: two join in each tick and one leaves in every other, all stepped in batches."""
    active: list[int] = []
    made: list[Tick] = []
    number = 0
    while len(active) < streams:
        now = Tick(joins=[number, number + 1])
        active += now.joins
        number += 2
        now.batches = [(TICK_MS, tuple(active[at : at + batch])) for at in range(0, len(active), batch)]
        if len(made) % 2:
            now.leaves.append(active.pop(len(active) // 2))
        made.append(now)
    return Trace(tuple(made), streams, 0)
