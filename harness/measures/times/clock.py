"""From a place in the audio to the wall time at which it was meant to be spoken."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from testsets.events import Event, EventLog, Kind


@dataclass(frozen=True, slots=True)
class AudioClock:
    """The schedule of one session's audio: when each cumulative sample count was due, and when it really left.

    A packet that the recogniser held back (``held_ns`` in its event: nothing more was taken) counts as having left when
    it would have: not taking audio is the recogniser's delay and nobody's lateness.
    """

    rate: int
    samples: tuple[int, ...]  # cumulative, ascending
    due_ns: tuple[int, ...]
    sent_ns: tuple[int, ...]

    @classmethod
    def of(cls, log: EventLog) -> AudioClock | None:
        """The clock of a log, or None where it holds no sent audio (a recogniser that answers from a file)."""
        audio = [e for e in log.events if e.kind is Kind.AUDIO and e.samples is not None]
        if not audio:
            return None
        return cls(
            log.rate,
            tuple(e.samples or 0 for e in audio),
            tuple(e.wall_ns if e.due_ns is None else e.due_ns for e in audio),
            # Holds that follow each other overlap by what sending took; time never runs backwards.
            tuple(itertools.accumulate((_left_ns(e) for e in audio), max)),
        )

    def spoken_ns(self, sample: int) -> int:
        """When ``sample`` was due to be spoken.

        Packet k is due when its last sample is spoken, so a sample inside it was spoken earlier by the rest of the
        packet; never before the packet in front was due, so that a burst counts from its sending. Due times, not
        sending times: a late sender must not make a recogniser look fast (coordinated omission).
        """
        k = min(bisect_left(self.samples, sample), len(self.samples) - 1)
        rest_ns = max(self.samples[k] - sample, 0) * 1_000_000_000 // self.rate
        earliest = self.due_ns[k - 1] if k else self.due_ns[0] - self._ns(self.samples[0])
        return max(self.due_ns[k] - rest_ns, earliest)

    def due_by_ns(self, sample: int) -> int:
        """When the audio up to ``sample`` was due; past the end of the audio, when it would have been."""
        return self.spoken_ns(sample) + self._ns(max(sample - self.samples[-1], 0))

    def sent_at_ns(self, sample: int) -> int:
        """When the packet that holds ``sample`` really left."""
        return self.sent_ns[min(bisect_left(self.samples, sample), len(self.samples) - 1)]

    def cursor_ns(self, wall_ns: int) -> tuple[int, int]:
        """When the latest audio that had left by ``wall_ns`` was due to be spoken, and when it really left.

        Before the first packet both are the start of the audio: nothing was waited for.
        """
        k = bisect_right(self.sent_ns, wall_ns) - 1
        if k < 0:
            start = self.spoken_ns(0)
            return start, min(start, wall_ns)
        return self.due_ns[k], self.sent_ns[k]

    def _ns(self, samples: int) -> int:
        return samples * 1_000_000_000 // self.rate


def _left_ns(event: Event) -> int:
    return event.wall_ns - (0 if event.due_ns is None else int(event.detail.get("held_ns", 0)))
