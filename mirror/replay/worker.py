"""One process of a replay: holds so many sessions at a time, each from the ledger, until none waits.

``main`` is a process of its own: it reads its orders as one JSON line on stdin, so that no key stands in an argument
list, and ends when that pipe does: a parent that was killed leaves no player behind.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mirror.codecs.wires import Wire, wire_of
from mirror.errors import ReplayError, StoreError
from mirror.replay.client import play
from mirror.replay.driver import Limits
from mirror.replay.files import recognise_file
from mirror.replay.jobs import Job
from mirror.replay.ledger import Ledger
from mirror.replay.script import Script, prepare
from testsets import audio
from testsets.errors import AudioError
from testsets.events import EventLog

COLLECT_AFTER = (50_000, 20, 10_000)  # allocations, young collections, middle collections
SWITCH_SECONDS = 0.0005
KEPT_SCRIPTS = 16  # cases whose frames are kept for the next clone


@dataclass(frozen=True, slots=True)
class Orders:
    """What one worker is to do."""

    ledger: str
    owner: str
    address: str
    recogniser: str  # digest for the logs
    slots: int  # sessions at a time
    first_slot: int  # of all slots of the replay, for the ramp
    ramp_ns: int  # between the begin of one slot and the next
    window: int | None = None
    token: str | None = None
    limits: Limits = field(default_factory=Limits)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Orders:
        found: dict[str, Any] = json.loads(text)
        return cls(**{**found, "limits": Limits(**found["limits"])})


class Worker:
    """Plays what the ledger gives."""

    def __init__(self, orders: Orders, ledger: Ledger) -> None:
        self._orders, self._ledger = orders, ledger
        self._wire: Wire = wire_of(orders.address)
        self._scripts: dict[tuple[str, object], Script] = {}  # oldest first

    async def run(self) -> None:
        """Play until no session waits.

        Raises:
            StoreError: the ledger cannot be written.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for slot in range(self._orders.slots):
                    group.create_task(self._fill(slot + self._orders.first_slot))
        except BaseExceptionGroup as group_error:
            raise group_error.exceptions[0] from None

    async def _fill(self, slot: int) -> None:
        await asyncio.sleep(slot * self._orders.ramp_ns / 1e9)
        while (claim := await asyncio.to_thread(self._ledger.claim, self._orders.owner)) is not None:
            await asyncio.sleep(claim.job.phase_ns / 1e9)
            log = await self._play(claim.job)
            await asyncio.to_thread(self._ledger.finish, self._orders.owner, claim, log)

    async def _play(self, job: Job) -> EventLog:
        """Whatever goes wrong is the log's ``failure``."""
        orders, case = self._orders, job.case
        try:
            if self._wire.codec is None:
                return await self._hand_over(job)
            script = await asyncio.to_thread(self._script, job)
            codec = self._wire.codec(case.audio.rate)
            return await play(
                Script(case, script.packets, script.frames), self._wire.url, codec, orders.recogniser,
                token=orders.token, limits=orders.limits, window=orders.window,
            )  # fmt: skip
        except (AudioError, ValueError) as error:
            return EventLog(case.id, orders.recogniser, case.audio.rate, (), str(error))

    async def _hand_over(self, job: Job) -> EventLog:
        samples, _ = await asyncio.to_thread(audio.read, job.case.audio.path, job.case.audio.rate)
        assert self._wire.exchange is not None  # a wire has one of the two
        return await recognise_file(
            job.case, samples, self._wire.url, self._wire.exchange(job.case.audio.rate),
            recogniser=self._orders.recogniser, token=self._orders.token, limits=self._orders.limits,
            clock=time.monotonic_ns,
        )  # fmt: skip

    def _script(self, job: Job) -> Script:
        case = job.case
        key = (case.audio.path, case.pacing)
        if (known := self._scripts.get(key)) is not None:
            return known
        assert self._wire.codec is not None
        samples, _ = audio.read(case.audio.path, case.audio.rate)
        script = prepare(case, samples, self._wire.codec(case.audio.rate))
        self._scripts[key] = script
        while len(self._scripts) > KEPT_SCRIPTS:
            self._scripts.pop(next(iter(self._scripts)), None)
        return script


async def work(orders: Orders) -> None:
    """Do one worker's orders.

    Raises:
        StoreError: the ledger cannot be used.
    """
    ledger = Ledger(Path(orders.ledger))
    try:
        await Worker(orders, ledger).run()
    finally:
        ledger.close()


def main() -> None:
    """Read the orders, work, and end with the parent."""
    orders = Orders.from_json(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Events hold no cycles: the collector need not walk all of them in the middle of a packet.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    # A thread that reads audio or writes a log may hold the interpreter so long and no longer while a packet is due.
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        _runner()(work(orders))
    except (StoreError, ReplayError) as error:
        sys.exit(f"understudy: {error}")


def _runner() -> Callable[[Coroutine[Any, Any, None]], None]:
    """The faster loop where it is installed: its timers and reads cost a third."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(3)
