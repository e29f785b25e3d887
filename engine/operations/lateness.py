"""When a word is due: its end as it arrived, or as real time would have brought it, whichever is later, plus max_delay.

A client that sends faster than real time is thus not owed its finals sooner than its audio lasts, and one that sends
late is not told that the service was. Pure arithmetic: the clock is handed in.
"""

from __future__ import annotations

from collections import deque

GRAIN = 20_000_000  # ns of audio: arrivals closer together than this are taken as one
KEPT = 60_000_000_000  # ns of audio for which arrivals are remembered


class Arrivals:
    """When the audio of one channel came.

    Args:
        bytes_per_second: of raw audio.
    """

    def __init__(self, bytes_per_second: int) -> None:
        self._rate = bytes_per_second
        self._bytes = 0
        self._first: int | None = None
        self._marks: deque[tuple[int, int]] = deque()  # (audio ns, wall ns), ascending

    @property
    def heard(self) -> int:
        """Nanoseconds of audio so far."""
        return self._bytes * 1_000_000_000 // self._rate

    def came(self, size: int, now: int) -> None:
        """So many bytes arrived at this moment (ns of a monotonic clock)."""
        if self._first is None:
            self._first = now
        self._bytes += size
        heard = self.heard
        if len(self._marks) > 1 and heard - self._marks[-2][0] < GRAIN:
            self._marks.pop()
        self._marks.append((heard, now))
        while self._marks[0][0] < heard - KEPT:
            self._marks.popleft()

    def due(self, audio: int) -> int | None:
        """The moment (ns) at which this point of the audio (ns) was there and would have been in real time.

        None before any audio came.
        """
        if self._first is None:
            return None
        arrived = self._marks[-1][1]
        for heard, wall in reversed(self._marks):
            if heard < audio:
                break
            arrived = wall
        return max(arrived, self._first + audio)
