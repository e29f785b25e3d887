"""How a client and its network shape a stream: packet size, bursts, jitter, stalls; nothing is ever lost. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mirror.replay.schedule import SECOND_NS
from testsets.case import Case, Pacing, SentFrame

MS = 1_000_000
SMALLEST_MS, LARGEST_MS = 10, 500


@dataclass(frozen=True, slots=True)
class Shape:
    """What to do to a steady live stream, in milliseconds; 0 leaves it out."""

    packet_ms: int = 100
    burst_ms: int = 0  # a client that collects so much audio and sends its packets at once
    jitter_ms: int = 0  # each packet is delayed by 0 to so much, none overtakes another
    stall_ms: int = 0  # the network stands still for so long, then everything arrives
    stall_every_ms: int = 10_000  # from the begin of one stall to the next

    def __post_init__(self) -> None:
        if not SMALLEST_MS <= self.packet_ms <= LARGEST_MS:
            raise ValueError(f"packets of {self.packet_ms} ms: give {SMALLEST_MS} to {LARGEST_MS} ms")
        if min(self.burst_ms, self.jitter_ms, self.stall_ms) < 0:
            raise ValueError("burst, jitter and stall are not negative; give 0 to leave one out")
        if self.stall_ms and self.stall_every_ms <= self.stall_ms:
            raise ValueError(f"stalls of {self.stall_ms} ms every {self.stall_every_ms} ms leave no time to send")


def reshape(case: Case, shape: Shape, rng: np.random.Generator) -> Case:
    """The case as such a client would send it, whatever its own pacing was.

    Args:
        case: any case, captured or not.
        shape: how its audio is to leave.
        rng: of the jitter and of where the first stall begins.
    """
    size = max(1, case.audio.rate * shape.packet_ms // 1000)
    ends = np.minimum(np.arange(size, case.audio.samples + size, size, dtype=np.int64), case.audio.samples)
    spoken_ns = ends * SECOND_NS // case.audio.rate
    leaves_ns = spoken_ns if not shape.burst_ms else _in_bursts(spoken_ns, shape.burst_ms * MS)
    if shape.jitter_ms:
        leaves_ns = leaves_ns + rng.integers(0, shape.jitter_ms * MS, len(ends), endpoint=True)
    if shape.stall_ms:
        leaves_ns = _stalled(leaves_ns, shape.stall_ms * MS, shape.stall_every_ms * MS, rng)
    leaves_ns = np.maximum.accumulate(leaves_ns)  # a stream keeps its order
    sizes = np.diff(ends, prepend=0)
    frames = tuple(SentFrame(int(at), int(count)) for at, count in zip(leaves_ns, sizes, strict=True))
    return replace(case, pacing=Pacing(size, frames))


def _in_bursts(spoken_ns: NDArray[np.int64], burst_ns: int) -> NDArray[np.int64]:
    """Each packet waits for the end of its burst; the last burst ends with the audio."""
    whole: NDArray[np.int64] = np.minimum(-(-spoken_ns // burst_ns) * burst_ns, spoken_ns[-1:])
    return whole


def _stalled(leaves_ns: NDArray[np.int64], stall_ns: int, every_ns: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """What would leave during a stall leaves at its end."""
    within = (leaves_ns - int(rng.integers(0, every_ns))) % every_ns
    delayed: NDArray[np.int64] = np.where(within < stall_ns, leaves_ns - within + stall_ns, leaves_ns)
    return delayed
