"""What arrived when, and for which place in the audio: the delays of it, whole and in their two parts.

A delay is ``arrived - spoken``. Its algorithmic part is the time for which the recogniser waited for more audio: the
schedule time of the latest audio that had left when the answer came, less the schedule time of the place. Its
computational part is what came on top: the time from that audio really leaving until the answer came (computing, and
the network there and back). The two add up to the delay, less the sender's own lateness, which is nobody's latency and
is measured as pace.

What had left is an upper bound of what was needed: while audio flows, a recogniser that computes longer than a packet
lasts hides the rest in the algorithmic part. Compare recognisers at equal packet sizes, and look at ``finish_latency``,
in which nothing can hide.

Source: computation-aware and computation-unaware delays of SimulEval (Ma et al. 2020, arXiv 2007.16193), on two clocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.measures.counts import Delays
from harness.measures.times.clock import AudioClock


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Places in the audio with the wall time at which the answer to each came, and how many never had one."""

    places: tuple[int, ...] = ()  # samples
    came_ns: tuple[int, ...] = ()
    censored: int = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]], censored: int = 0) -> Arrivals:
        """From (sample, wall nanoseconds) pairs in any order."""
        kept = tuple(pairs)
        return cls(tuple(place for place, _ in kept), tuple(came for _, came in kept), censored)

    def delays(self, clock: AudioClock) -> Delays:
        """From the place being spoken, by schedule, until the answer came."""
        return Delays.of([came - clock.spoken_ns(place) for place, came in self._pairs()], self.censored)

    def algorithmic(self, clock: AudioClock) -> Delays:
        """From the place being spoken until the latest audio that had left when the answer came was due."""
        waited = [clock.cursor_ns(came)[0] - clock.spoken_ns(place) for place, came in self._pairs()]
        return Delays.of(waited, self.censored)

    def computational(self, clock: AudioClock) -> Delays:
        """From the latest audio really leaving until the answer came."""
        return Delays.of([came - clock.cursor_ns(came)[1] for came in self.came_ns], self.censored)

    def _pairs(self) -> Iterable[tuple[int, int]]:
        return zip(self.places, self.came_ns, strict=True)
