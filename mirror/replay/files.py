"""The HTTP side of replay: a case handed over as one file (asyncio shell around an exchange)."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from numpy.typing import NDArray

from mirror.codecs import VIOLATION
from mirror.codecs.exchange import Answer, Exchange, Request
from mirror.replay.driver import Limits
from mirror.replay.trust import authorities
from testsets.audio import to_int16
from testsets.case import Case
from testsets.events import Event, EventLog, Kind

if TYPE_CHECKING:
    import httpx


@dataclass(slots=True)
class _Record:
    """What happened so far."""

    events: list[Event] = field(default_factory=list)
    failure: str | None = None
    ended: bool = False

    def add(self, events: tuple[Event, ...]) -> None:
        self.events += events
        for event in events:
            if event.kind is Kind.ERROR:
                self.failure = (
                    self.failure or f"the recogniser reported {event.detail['type']}: {event.detail['reason']}"
                )
            elif VIOLATION in event.detail:
                self.failure = self.failure or f"the recogniser broke the protocol: {event.detail[VIOLATION]}"
            self.ended = self.ended or event.kind is Kind.ENDED


async def recognise_file(
    case: Case,
    samples: NDArray[np.float32],
    url: str,
    exchange: Exchange,
    *,
    recogniser: str,
    token: str | None,
    limits: Limits,
    clock: Callable[[], int],
) -> EventLog:
    """Let a recogniser that takes files recognise one case; the audio is there at once, so no packet has a due time.

    The log never raises for what a recogniser does: a case that did not complete has ``failure`` set.
    """
    import httpx

    record, patience = _Record(), httpx.Timeout(limits.end, connect=limits.open)
    request: Request | None = exchange.begin(url, case, _wav(samples, case.audio.rate), token)
    begin_ns = clock()
    try:
        async with (
            asyncio.timeout(case.audio.samples / case.audio.rate + limits.end) as deadline,
            httpx.AsyncClient(timeout=patience, trust_env=False, verify=authorities()) as client,
        ):
            record.add((Event(Kind.OPENED, begin_ns), Event(Kind.STARTED, begin_ns)))
            record.add((Event(Kind.AUDIO, begin_ns, samples=case.audio.samples), Event(Kind.SENT_END, begin_ns)))
            while request is not None:
                await asyncio.sleep(request.after_ns / 1e9)
                step = exchange.step(await _send(client, request, clock))
                record.add(step.events)
                if record.ended:
                    deadline.reschedule(asyncio.get_running_loop().time() + limits.open)
                request = step.request
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:  # TimeoutError is an OSError
        if not record.ended:
            record.failure = record.failure or f"no answer from {url}: {str(error) or type(error).__name__}"
    if not record.ended:
        record.failure = record.failure or "the recogniser never said that its transcript is complete"
    return EventLog(case.id, recogniser, case.audio.rate, tuple(record.events), record.failure)


async def _send(client: httpx.AsyncClient, request: Request, clock: Callable[[], int]) -> Answer:
    upload = request.upload
    files = None if upload is None else {upload.field: (upload.name, upload.data, upload.media_type)}
    response = await client.request(
        request.method, request.target.url, headers=dict(request.target.headers), data=dict(request.form), files=files
    )
    return Answer(response.status_code, response.content, clock())


def _wav(samples: NDArray[np.float32], rate: int) -> bytes:
    data = io.BytesIO()
    soundfile.write(data, to_int16(samples), rate, format="WAV", subtype="PCM_16")
    return data.getvalue()
