"""When a stream's audio is there at the pace of speech, however fast its client sends it; the clock is handed in.

A live client's audio is there when it arrives. Of an hour that is sent at once, one second is there after a second, and
so on; and a client whose network stood still catches up at twice the pace of speech at most. What is worked on before
it is there in this sense is ahead: it may use idle time, but nobody waits for it.

Source: Zhang, "VirtualClock: a new traffic control algorithm for packet switching networks", SIGCOMM 1990; that clock
never forgives a pause, this one does by ``CATCH_UP``.
"""

from __future__ import annotations

from engine.audio.intake import ENGINE_RATE

CATCH_UP = 2  # times the pace of speech
DRIFT = 100  # a client's clock may be fast by one part in so many
_NS = 1_000_000_000


class Pace:
    """One stream's pace."""

    def __init__(self) -> None:
        self._origin: int | None = None  # ns at which the first sample was spoken
        self._read = 0  # samples
        self._here = 0  # ns

    def came(self, read: int, now: int) -> int:
        """The audio that a step needs is complete.

        Args:
            read: samples of the stream at 16 kHz up to the end of that step, never falling.
            now: when the last of them arrived, nanoseconds of a monotonic clock.

        Returns:
            The moment at which they are there at the pace of speech: now, or later; never falling.
        """
        if self._origin is None:
            self._origin = now - _at_pace(read)
            here = now
        else:
            caught_up = self._here + samples_ns(read - self._read) // CATCH_UP
            here = max(now, caught_up, self._origin + _at_pace(read))
        self._read, self._here = read, here
        return here


def samples_ns(samples: int) -> int:
    """The duration of samples at 16 kHz."""
    return samples * _NS // ENGINE_RATE


def _at_pace(samples: int) -> int:
    """How long a client whose clock is as fast as it may be takes to send so much."""
    return samples_ns(samples) * DRIFT // (DRIFT + 1)
