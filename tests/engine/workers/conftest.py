"""Workers on threads of this process, at the ends of real pipes, so that they may use the engine of loudness."""

import os
import socket
import threading
from ctypes import c_int64
from multiprocessing import Pipe
from typing import Any

import pytest

from engine.workers.process import Started
from engine.workers.worker import Loaded, work


class ThreadProcess:
    """A worker's thread, shaped like its process; killing it breaks its pipe."""

    pid = None

    def __init__(self, *given: Any) -> None:
        self._pipe = given[0]
        self._thread = threading.Thread(target=work, args=given, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        with socket.socket(fileno=os.dup(self._pipe.fileno())) as ours:
            ours.shutdown(socket.SHUT_RDWR)

    def join(self) -> None:
        self._thread.join()


class Crew:
    """Starts workers, and keeps what was started."""

    def __init__(self, engine: type, places: int = 2) -> None:
        self.engine, self.places = engine, places
        self.engines: list[Any] = []
        self.started: list[Started] = []

    def __call__(self) -> Started:
        ours, theirs = Pipe()
        began = c_int64(0)
        engine = self.engine()
        self.engines.append(engine)
        process = ThreadProcess(theirs, began, lambda: Loaded(engine, self.places), 4)
        self.started.append(Started(ours, began, process))  # type: ignore[arg-type]
        return self.started[-1]


@pytest.fixture
def crew(loudness: Any) -> Crew:
    return Crew(type(loudness))
