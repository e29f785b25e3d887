"""The time that is scored, and its clock: what is not scored takes no time on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.measures.speakers.spans import Integers, Spans, lasting, meetings

_FAR = 1 << 60  # samples: beyond any recording


@dataclass(frozen=True, slots=True)
class Region:
    """Stretches of a recording, in order and apart."""

    start: Integers  # (n,) samples
    end: Integers  # (n,) samples

    @classmethod
    def of(cls, spans: Spans) -> Region:
        """Wherever one of the stretches is."""
        merged = spans.united().at_depth(1)
        return cls(merged.start, merged.end)

    def without(self, zones: Spans) -> Region:
        """The region with zones cut out."""
        if not len(zones.owner):
            return self
        holes = Region.of(zones)
        between = lasting(np.append(-_FAR, holes.end), np.append(holes.start, _FAR))
        return Region.of(self.crop(between))

    def crop(self, spans: Spans) -> Spans:
        """What of the stretches lies in the region, at its own time: one that leaves it is split."""
        own = lasting(self.start, self.end)
        found = list(meetings(spans, own)[1])
        first, second = (np.concatenate([pair[side] for pair in found]) for side in (0, 1))
        start = np.maximum(spans.start[first], self.start[second])
        end = np.minimum(spans.end[first], self.end[second])
        return Spans(spans.owner[first], start, end, spans.owners)

    def on_clock(self, spans: Spans) -> Spans:
        """What of the stretches lies in the region, on a clock that stands still outside it."""
        start, end = self._clock(spans.start), self._clock(spans.end)
        kept = end > start
        return Spans(spans.owner[kept], start[kept], end[kept], spans.owners)

    def _clock(self, time: Integers) -> Integers:
        if not len(self.start):
            return np.zeros_like(time)
        length = self.end - self.start
        before = np.cumsum(length) - length
        place = np.maximum(np.searchsorted(self.start, time, "right") - 1, 0)
        passed: Integers = before[place] + np.clip(time - self.start[place], 0, length[place])
        return passed
