"""Recognition in the service's own process: one engine, one scheduler."""

from __future__ import annotations

from collections.abc import Mapping

from engine.hearing import Engine
from engine.operations.metered_engine import MeteredEngine
from engine.operations.meters import Meters
from engine.recognition import Listener
from engine.scheduler import Scheduler, Slot
from engine.service_config import ServiceConfig
from engine.session_config import SessionConfig


class InProcess:
    """An ``engine.recognition.Recognition``.

    Args:
        engine: what recognises.
        config: of the service.
        meters: are told of every step.
    """

    def __init__(self, engine: Engine, config: ServiceConfig, meters: Meters) -> None:
        self._engine = MeteredEngine(engine, meters)
        self._scheduler = Scheduler(self._engine, config.max_sessions, config.max_batch, config.queue_bytes)
        self.places = config.max_sessions

    @property
    def digest(self) -> str:
        """Of the engine."""
        return self._engine.digest

    @property
    def models(self) -> Mapping[str, str]:
        """Of the engine."""
        return self._engine.models

    @property
    def sessions(self) -> int:
        """Places taken."""
        return self._scheduler.sessions

    @property
    def waiting(self) -> int:
        """Streams in line for a step."""
        return self._scheduler.waiting

    @property
    def real_time_factor(self) -> float | None:
        """Seconds of work for a second of audio in the last minute; None without audio."""
        return self._engine.real_time_factor

    @property
    def busy_for(self) -> int:
        """Nanoseconds since the running step began; 0 between steps."""
        return self._engine.busy_for

    def start(self) -> None:
        """Begin to recognise."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop after the current step and wait for it."""
        self._scheduler.stop()

    def open(self, config: SessionConfig, listener: Listener) -> Slot:
        """Take a place.

        Raises:
            MessageError: quota_exceeded, when all places are taken.
        """
        return self._scheduler.open(config, listener)
