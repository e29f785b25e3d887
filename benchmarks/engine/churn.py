"""Sessions opened and closed at a steady rate: ``python -m benchmarks.engine.churn``.

A thousand in a minute by default, each with a second of speech: refused and failed ones are counted. What the service
holds (memory, threads, sockets and files) is looked at after a first few sessions, halfway and at the end: the first
half reaches the most there are at once, and what each session leaves behind shows as growth in the second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import websockets

from benchmarks.engine.__main__ import quantiles, speech
from benchmarks.engine.service import Running, running
from benchmarks.engine.session import RATE, Wanted

WARM = 20  # sessions before the first look, so that what is allocated once is not taken for growth


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds."""

    memory_mib: float
    threads: int
    files: int  # sockets too


@dataclass(frozen=True, slots=True)
class Outcome:
    """One session."""

    error: str  # the type of an Error, or why it failed; empty if all went well
    started_s: float  # from the connection's begin to RecognitionStarted; 0 where it did not come
    words: int


@dataclass(frozen=True, slots=True)
class Churn:
    """What was found."""

    sessions: int
    minutes: float
    well: int
    wrong: dict[str, int]
    words: int
    started_ms: tuple[float, ...] | None  # p50, p95, p99, most
    before: Held
    halfway: Held
    after: Held


def held(service: Running) -> Held:
    """What the service holds now."""
    folder = Path(f"/proc/{service.pid}")
    return Held(
        round(service.memory(), 1), len(list((folder / "task").iterdir())), len(list((folder / "fd").iterdir()))
    )


async def visit(wanted: Wanted, pcm: np.ndarray) -> Outcome:
    """Open a session, say all at once, hear it out."""
    began, started, words = time.monotonic(), 0.0, 0
    try:
        async with websockets.connect(wanted.url, compression=None, open_timeout=60) as socket:
            await socket.send(wanted.start())
            await socket.send(pcm.tobytes())
            await socket.send(json.dumps({"message": "EndOfStream", "last_seq_no": 1}))
            async for text in socket:
                message = json.loads(text)
                match message["message"]:
                    case "Error":
                        return Outcome(message["type"], started, words)
                    case "RecognitionStarted":
                        started = time.monotonic() - began
                    case "AddTranscript":
                        words += sum(part["type"] != "punctuation" for part in message["results"])
                    case "EndOfTranscript":
                        return Outcome("", started, words)
    except (OSError, websockets.WebSocketException) as wrong:
        return Outcome(type(wrong).__name__, started, words)
    return Outcome("closed without a word", started, words)


async def visits(wanted: Wanted, pcm: np.ndarray, sessions: int, seconds: float) -> list[Outcome]:
    """So many sessions, begun at even distances."""
    begun, tasks = time.monotonic(), []
    for number in range(sessions):
        await asyncio.sleep(max(0.0, begun + number * seconds / sessions - time.monotonic()))
        tasks.append(asyncio.create_task(visit(wanted, np.roll(pcm, number * RATE // 8)[:RATE])))
    return list(await asyncio.gather(*tasks))


async def churn(service: Running, wanted: Wanted, sessions: int, seconds: float) -> Churn:
    """Warm up, look, let them come and go, look again."""
    pcm = speech(20, 0)
    await visits(wanted, pcm, WARM, WARM * seconds / sessions)
    before, began = held(service), time.monotonic()
    outcomes = await visits(wanted, pcm, sessions // 2, seconds / 2)
    halfway = held(service)
    outcomes += await visits(wanted, pcm, sessions - sessions // 2, seconds / 2)
    minutes = (time.monotonic() - began) / 60
    await asyncio.sleep(1.0)  # the last sockets close
    return Churn(
        sessions,
        round(minutes, 3),
        sum(not one.error for one in outcomes),
        dict(Counter(one.error for one in outcomes if one.error)),
        sum(one.words for one in outcomes),
        quantiles([one.started_s for one in outcomes if one.started_s]),
        before,
        halfway,
        held(service),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 1 when a session went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="reference/1", help="what to serve")
    parser.add_argument("--churn", type=int, default=1_000, help="sessions")
    parser.add_argument("--seconds", type=float, default=60.0, help="in which they are begun")
    parser.add_argument("--max-sessions", type=int, default=40, help="places")
    parser.add_argument("--cores", default="0,1", help="of the service and of the clients")
    parser.add_argument("--serve", default="", help="more options for understudy serve, as one text")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    given = parser.parse_args(arguments)
    service_core, client_core = map(int, given.cores.split(","))
    options = ["--max-sessions", str(given.max_sessions), "--log-level", "error", *given.serve.split()]
    with running(given.model, options, service_core) as service:
        os.sched_setaffinity(0, {client_core})
        found = asyncio.run(churn(service, Wanted(service.url, 2.0, "standard"), given.churn, given.seconds))
    text = json.dumps(asdict(found), indent=1)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n", encoding="utf-8")
    if found.wrong:
        print(f"{found.sessions - found.well} of {found.sessions} sessions went wrong", file=sys.stderr)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
