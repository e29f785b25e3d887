"""A whole replay over one or several processes, with the ledger between them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mirror.errors import ReplayError
from mirror.replay.jobs import Plan
from mirror.replay.ledger import Ledger, Progress
from mirror.replay.worker import Orders, work

OPENINGS_A_SECOND = 200  # new sessions, so that a load does not begin with a thousand handshakes at once
RESTARTS = 3  # of workers that were killed, before the replay gives up
_LOOK_SECONDS = 0.25  # between two looks at the ledger


async def play_all(
    ledger: Ledger,
    plan: Plan,
    *,
    sessions: int = 4,
    processes: int = 1,
    token: str | None = None,
    recogniser: str | None = None,
    told: Callable[[Progress], None] = lambda progress: None,
) -> None:
    """Play every session of a ledger that is not done.

    Args:
        ledger: the sessions, entered by ``Ledger.begin``.
        plan: how they are played.
        sessions: at a time, over all processes.
        processes: 1 plays in this one.
        token: the key the recogniser wants.
        recogniser: digest for the logs; the address when not given.
        told: how far it is, several times a second.

    Raises:
        ReplayError: workers die again and again.
        StoreError: the ledger cannot be written.
    """
    shares = [sessions // processes + (index < sessions % processes) for index in range(processes)]
    everything = Orders(
        ledger=str(ledger.path), owner=_owner(0), address=plan.address, recogniser=recogniser or plan.address,
        slots=sessions, first_slot=0, ramp_ns=1_000_000_000 // OPENINGS_A_SECOND,
        window=plan.window, token=token, limits=plan.limits,
    )  # fmt: skip
    watcher = asyncio.ensure_future(_watch(ledger, told))
    try:
        if processes == 1:
            await work(everything)
        else:
            await _employ(ledger, [
                replace(everything, owner=_owner(index), slots=share, first_slot=sum(shares[:index]))
                for index, share in enumerate(shares) if share
            ])  # fmt: skip
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    finally:
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher
    last = ledger.progress()
    told(last)
    if last.done < last.sessions:
        left = last.sessions - last.done
        raise ReplayError(plan.address, f"{left} sessions are held by nobody and not played; start again to go on")


async def _employ(ledger: Ledger, orders: list[Orders]) -> None:
    """One process an order; one that is killed gives its sessions back and is replaced."""
    restarts = 0

    async def employ(order: Orders) -> None:
        nonlocal restarts
        while (code := await _run_process(order)) != 0:
            ledger.release(order.owner)
            restarts += 1
            if restarts > RESTARTS:
                raise ReplayError(order.address, f"worker processes die (exit code {code}); start again to go on")

    async with asyncio.TaskGroup() as group:
        for order in orders:
            group.create_task(employ(order))


async def _run_process(order: Orders) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from mirror.replay.worker import main; main()",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, env=_environment(),
    )  # fmt: skip
    assert process.stdin is not None
    try:
        with contextlib.suppress(ConnectionError):
            process.stdin.write(order.to_json().encode() + b"\n")
            await process.stdin.drain()
        return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        process.stdin.close()


async def _watch(ledger: Ledger, told: Callable[[Progress], None]) -> None:
    while True:
        told(await asyncio.to_thread(ledger.progress))
        await asyncio.sleep(_LOOK_SECONDS)


def _owner(index: int) -> str:
    """Unique for this run: a worker of a run that was killed owns nothing that this one hands out."""
    return f"{os.getpid()}-{os.urandom(4).hex()}-{index}"


def _environment() -> dict[str, str]:
    """A worker finds the same packages wherever it was started from."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path and Path(path).is_dir())}
