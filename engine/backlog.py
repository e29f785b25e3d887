"""Audio that was queued for one stream and not taken in yet: full when it holds all that it may."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Backlog:
    """One stream's; fed on one thread, taken from on another.

    Args:
        capacity: bytes.
        has_room: called when it was full and is not any more.
    """

    def __init__(self, capacity: int, has_room: Callable[[], None]) -> None:
        self._capacity, self._has_room = capacity, has_room
        self._lock = threading.Lock()
        self._queued = 0  # bytes

    @property
    def full(self) -> bool:
        """It holds all the audio it may; wait for ``has_room``."""
        return self._queued >= self._capacity

    def fed(self, size: int) -> None:
        """So many bytes were queued."""
        with self._lock:
            self._queued += size

    def took(self, size: int) -> None:
        """So many queued bytes were taken in."""
        with self._lock:
            was_full = self.full
            self._queued -= size
            has_room = was_full and not self.full
        if has_room:
            self._has_room()
