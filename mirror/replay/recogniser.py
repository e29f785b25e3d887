"""A recogniser behind a URL, as the harness's runner sees it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from mirror.replay.client import Limits, replay
from testsets import audio
from testsets.case import Case
from testsets.errors import AudioError
from testsets.events import EventLog


class ReplayRecogniser:
    """Plays cases to one endpoint, a bounded number at a time.

    Args:
        url: ``ws://host:port/path``.
        digest: what identifies the recogniser that answers there.
        concurrency: sessions at once.
        name: for people; the URL when not given.
        headers: sent with each handshake, for example Authorization.
    """

    def __init__(
        self,
        url: str,
        digest: str,
        concurrency: int = 4,
        *,
        name: str | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.url, self.digest, self.name = url, digest, name or url
        self._headers, self._limits, self._clock = headers, limits, clock
        self._turns = asyncio.Semaphore(concurrency)

    async def recognise(self, case: Case) -> EventLog:
        """Play one case; whatever goes wrong is the log's ``failure`` and never an exception."""
        async with self._turns:
            try:
                samples, _ = await asyncio.to_thread(audio.read, case.audio.path, case.audio.rate)
                return await replay(
                    case,
                    samples,
                    self.url,
                    recogniser=self.digest,
                    headers=self._headers,
                    limits=self._limits,
                    clock=self._clock,
                )
            except (AudioError, ValueError) as error:
                return EventLog(case.id, self.digest, case.audio.rate, (), str(error))
