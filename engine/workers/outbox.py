"""The sending end of a pipe: whoever puts something in never waits for the other process."""

from __future__ import annotations

import threading
from multiprocessing.connection import Connection
from queue import SimpleQueue


class Outbox:
    """Sends from a thread of its own, all that there is at a time."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._queue: SimpleQueue[tuple[int, object] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._send, name="outbox", daemon=True)
        self._thread.start()

    def put(self, place: int, message: object) -> None:
        """Send a message, in order."""
        self._queue.put((place, message))

    def close(self) -> None:
        """Send what is left and then ``None``, and wait for that."""
        self._queue.put(None)
        self._thread.join()

    def _send(self) -> None:
        goes_on = True
        while goes_on:
            first = self._queue.get()
            messages = [first]
            while not self._queue.empty():
                messages.append(self._queue.get())
            goes_on = None not in messages
            try:
                self._pipe.send([message for message in messages if message is not None])
                if not goes_on:
                    self._pipe.send(None)
            except OSError:
                return  # the other process is gone; whoever reads from it knows
