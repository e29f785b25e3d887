"""A recogniser behind a URL, as the harness's runner sees it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from mirror.replay.client import replay
from mirror.replay.driver import Limits
from testsets import audio
from testsets.case import Case
from testsets.errors import AudioError
from testsets.events import EventLog


class ReplayRecogniser:
    """Plays cases to one endpoint, a bounded number at a time.

    Args:
        url: address of the recogniser; its scheme names the wire.
        digest: what identifies the recogniser that answers there.
        concurrency: sessions at once.
        name: for people; the URL when not given.
        token: the key that the recogniser wants; recorded nowhere.
    """

    def __init__(
        self,
        url: str,
        digest: str,
        concurrency: int = 4,
        *,
        name: str | None = None,
        token: str | None = None,
        limits: Limits | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.url, self.digest, self.name = url, digest, name or url
        self._token, self._limits, self._clock = token, limits, clock
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
                    token=self._token,
                    limits=self._limits,
                    clock=self._clock,
                )
            except (AudioError, ValueError) as error:
                return EventLog(case.id, self.digest, case.audio.rate, (), str(error))
