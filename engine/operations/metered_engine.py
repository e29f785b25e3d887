"""An engine whose steps are measured, and that can tell whether one of them hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic_ns, thread_time_ns
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.audio.intake import ENGINE_RATE
from engine.hearing import Engine, Hearing
from engine.operations.load import RecentLoad
from engine.recognised import RecognisedWord

if TYPE_CHECKING:  # the recogniser loads ONNX Runtime
    from engine.operations.meters import Meters

Clock = Callable[[], int]  # ns


class MeteredEngine:
    """Steps another engine and tells how long that took; may be stepped and asked from any thread.

    Args:
        engine: what recognises.
        meters: are told.
        clock: monotonic.
        worked: CPU time of the calling thread, which also counts what a thread does between its steps: resampling,
            finals and partials, a second pass.
    """

    def __init__(
        self, engine: Engine, meters: Meters, clock: Clock = monotonic_ns, worked: Clock = thread_time_ns
    ) -> None:
        self._engine, self._meters, self._clock, self._worked = engine, meters, clock, worked
        self._load = RecentLoad()
        self._lock = threading.Lock()
        self._thread = threading.local()
        self._since: dict[int, int] = {}  # when the running step of a thread began

    @property
    def digest(self) -> str:
        """Of the engine."""
        return self._engine.digest

    @property
    def models(self) -> Mapping[str, str]:
        """Of the engine."""
        return self._engine.models

    @property
    def real_time_factor(self) -> float | None:
        """Seconds of work for a second of audio in the last minute; None without audio."""
        with self._lock:
            return self._load.real_time_factor(self._clock())

    @property
    def busy_for(self) -> int:
        """Nanoseconds since the oldest running step began; 0 between steps."""
        return max((self._clock() - began for began in tuple(self._since.values())), default=0)

    def prepare(self, *given: Any, **named: Any) -> None:
        """Build what a session brings, on the caller's thread."""
        self._engine.prepare(*given, **named)

    def begin(self, *given: Any, **named: Any) -> Hearing:
        """Start a stream of the engine."""
        return self._engine.begin(*given, **named)

    def step(self, hearings: Sequence[Hearing], pcm: Sequence[NDArray[np.float32]]) -> None:
        """Step the engine."""
        samples = sum(map(len, pcm))
        thread, began = threading.get_ident(), self._clock()
        self._since[thread] = began
        try:
            self._engine.step(hearings, pcm)
        finally:
            del self._since[thread]
        now = self._clock()
        self._note_work(now, samples)
        self._meters.step.observe((now - began) / 1e9)
        self._meters.batch.observe(len(hearings))
        self._meters.audio.inc(samples / ENGINE_RATE)

    def end(self, hearing: Hearing, rest: NDArray[np.float32]) -> tuple[RecognisedWord, ...]:
        """Finish a stream of the engine."""
        words = self._engine.end(hearing, rest)
        self._meters.audio.inc(len(rest) / ENGINE_RATE)
        return words

    def _note_work(self, now: int, samples: int) -> None:
        worked = self._worked()
        before = getattr(self._thread, "worked", 0)
        self._thread.worked = worked
        with self._lock:
            self._load.add(now, worked - before, samples * 1_000_000_000 // ENGINE_RATE)
