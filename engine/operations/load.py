"""How busy the engine was in the last minute: seconds of work for each second of audio."""

from __future__ import annotations

from collections import deque

WINDOW = 60_000_000_000  # ns


class RecentLoad:
    """Work and audio of the last minute; times are ns of one monotonic clock."""

    def __init__(self) -> None:
        self._steps: deque[tuple[int, int, int]] = deque()  # (end, work ns, audio ns)
        self._work = 0
        self._audio = 0

    def add(self, now: int, work: int, audio: int) -> None:
        """A step ended now: its work (ns) and the audio (ns) of all its streams."""
        self._steps.append((now, work, audio))
        self._work += work
        self._audio += audio
        self._forget(now)

    def real_time_factor(self, now: int) -> float | None:
        """Seconds of work for a second of audio; None when there was no audio."""
        self._forget(now)
        return self._work / self._audio if self._audio else None

    def _forget(self, now: int) -> None:
        while self._steps and self._steps[0][0] <= now - WINDOW:
            _, work, audio = self._steps.popleft()
            self._work -= work
            self._audio -= audio
