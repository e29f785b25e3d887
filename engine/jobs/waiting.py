"""Clients that wait for a job to be over."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable


class Waiting:
    """Who waits for which job; everything but ``tell`` belongs to the loop's thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def until_over(self, job_id: str, seconds: float, is_over: Callable[[str], bool]) -> None:
        """Return when a job is over, or after a while.

        Args:
            is_over: looks at the job; it may block.
        """
        over = asyncio.Event()
        self._events[job_id].add(over)
        try:
            async with asyncio.timeout(seconds):
                # Looked at only now: it may have ended before anybody could tell.
                if not await asyncio.to_thread(is_over, job_id):
                    await over.wait()
        except TimeoutError:
            pass
        finally:
            self._events[job_id].discard(over)
            if not self._events[job_id]:
                del self._events[job_id]

    def wake(self, job_id: str) -> None:
        """A job is over."""
        for over in self._events.get(job_id, ()):
            over.set()

    def tell(self, job_id: str) -> None:
        """A job is over; called on any thread."""
        self._loop.call_soon_threadsafe(self.wake, job_id)
