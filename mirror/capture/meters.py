"""What a tee counts while it runs. Each number is written by one thread; a reader may be a moment behind."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from mirror.store.format import Side

# Upper bounds of the buckets of the added latency, nanoseconds.
BOUNDS_NS = tuple(micros * 1_000 for base in (10, 100, 1_000, 10_000, 100_000) for micros in (base, 2 * base, 5 * base))


@dataclass(slots=True)
class Latency:
    """How long pieces were with the tee, from being read to being written to the other side."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_NS) + 1))  # the last is above every bound
    total_ns: int = 0

    def add(self, ns: int) -> None:
        self.counts[bisect_left(BOUNDS_NS, ns)] += 1
        self.total_ns += ns


@dataclass(slots=True)
class Counters:
    """What a tee has seen so far."""

    open: int = 0
    ended: int = 0
    refused: int = 0  # clients turned away because the upstream was dead
    dropped: int = 0  # sessions whose capture did not keep up
    forwarded: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))  # bytes, by who sent them
    latency: Latency = field(default_factory=Latency)
