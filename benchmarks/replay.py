"""How many sessions one machine can replay in real time, and where the time goes.

``python -m benchmarks.replay`` raises the load until the p99 lateness passes 5 ms, beside the plain ``websockets``
client at the same loads; ``--parts`` times the parts of one packet. The recogniser that answers is a process of its
own that acknowledges and does nothing else, on the same machine: what it takes is missing to the replay.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.acknowledger import main as serve
from mirror.codecs.speechmatics import SpeechmaticsCodec
from mirror.replay import Ledger, Plan, jobs, lateness, plan_digest, play_all
from mirror.replay.framing import BINARY, masked
from mirror.replay.schedule import schedule
from testsets import audio
from testsets.case import Case, Pacing
from testsets.encoding import encode

BUDGET_MS = 5.0
LOADS = (50, 100, 200, 400, 600, 800, 1_000, 1_250, 1_500, 2_000)
RATE = 16_000


@dataclass(frozen=True, slots=True)
class Figures:
    """One load, played once."""

    sessions: int
    packets: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_us: float  # of the replaying processes, a packet
    rss_kib: float  # of the replaying processes together, at most
    failed: int


def make_case(folder: Path, seconds: float, packet_ms: int) -> Case:
    """One recording that all sessions play."""
    noise = np.random.default_rng(1).standard_normal(round(seconds * RATE)) * 0.1
    reference = audio.write(folder / "noise.flac", noise, RATE)
    return Case("noise", reference, pacing=Pacing(RATE * packet_ms // 1000))


@contextlib.contextmanager
def acknowledger() -> Iterator[str]:
    """The recogniser's URL."""
    command = [sys.executable, "-m", "benchmarks.replay", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"ws://127.0.0.1:{int(process.stdout.readline())}/v2"
        finally:
            process.terminate()


def ours(case: Case, url: str, sessions: int, processes: int, folder: Path) -> Figures:
    """The product's own path: ledger, processes, everything."""
    plan, seen = Plan(url, clones=sessions), list[Usage]()
    ledger = Ledger(folder / f"ledger-{time.monotonic_ns()}")
    ledger.begin(plan_digest([case], plan), jobs([case], plan))
    run = play_all(ledger, plan, sessions=sessions, processes=processes, told=lambda _: seen.append(Usage.now()))
    asyncio.run(run)
    late, failed = lateness(ledger.logs()), ledger.progress().failed
    reason = next((log.failure for log in ledger.logs() if log.failure), None)
    if reason is not None:
        print(f"the first of {failed} failures: {reason}", file=sys.stderr)
    ledger.close()
    found = (late.p50_ns or 0) / 1e6, (late.p99_ns or 0) / 1e6, (late.max_ns or 0) / 1e6
    packets_a_second = sessions * case.audio.rate / case.pacing.packet_samples
    cpu_us = _steady_cpu(seen) / packets_a_second * 1e6
    return Figures(sessions, late.packets, *found, cpu_us, max(usage.rss_kib for usage in seen), failed)


@dataclass(frozen=True, slots=True)
class Usage:
    """What the worker processes use, all together."""

    at: float
    cpu: float  # seconds so far
    rss_kib: float

    @classmethod
    def now(cls) -> Usage:
        ticks = pages = 0
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == os.getpid() and b"mirror.replay.worker" in (entry / "cmdline").read_bytes():
                    ticks += int(fields[11]) + int(fields[12])
                    pages += int(fields[21])
        return cls(time.monotonic(), ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 1024)


def _steady_cpu(seen: list[Usage]) -> float:
    """Seconds of CPU a second in the middle third of a run, when all sessions are under way."""
    alive = [usage for usage in seen if usage.rss_kib > 0.9 * max(each.rss_kib for each in seen)]
    middle = alive[len(alive) // 3 : 2 * len(alive) // 3 + 1]
    return (middle[-1].cpu - middle[0].cpu) / max(1e-9, middle[-1].at - middle[0].at)


def plain(case: Case, url: str, sessions: int) -> Figures:
    """The peer: one ``websockets`` connection with two tasks a session, as one would write it."""
    from websockets.asyncio.client import connect

    samples, _ = audio.read(case.audio.path)
    codec, late = SpeechmaticsCodec(RATE), []
    packets = schedule(case)
    frames = [codec.audio(case, samples[packet.start : packet.end]) for packet in packets]

    async def one(index: int) -> None:
        await asyncio.sleep(index / 200)
        async with connect(url, compression=None, proxy=None) as connection:
            await connection.send(codec.begin(case)[0])
            await connection.recv()
            anchor = time.monotonic_ns()

            async def listen() -> None:
                async for frame in connection:
                    if "EndOfTranscript" in json.loads(frame)["message"]:
                        return

            listener = asyncio.ensure_future(listen())
            for packet, frame in zip(packets, frames, strict=True):
                due = anchor + packet.offset_ns
                await asyncio.sleep(max(0, due - time.monotonic_ns()) / 1e9)
                late.append(time.monotonic_ns() - due)
                await connection.send(frame)
            await connection.send(codec.end(len(packets))[0])
            await listener

    async def everyone() -> None:
        await asyncio.gather(*(one(index) for index in range(sessions)))

    began = time.process_time()
    asyncio.run(everyone())
    cpu = time.process_time() - began
    late.sort()
    p50, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
    return Figures(sessions, len(late), p50 / 1e6, p99 / 1e6, late[-1] / 1e6, cpu / len(late) * 1e6, 0, 0)


def parts(case: Case) -> dict[str, float]:
    """Microseconds of what one packet costs, piece by piece."""
    samples, _ = audio.read(case.audio.path)
    packet, codec = samples[: case.pacing.packet_samples], SpeechmaticsCodec(RATE)
    frame, ack = encode(packet, "pcm_s16le"), '{"message": "AudioAdded", "seq_no": 17}'
    pieces: dict[str, Callable[[], object]] = {
        "encode float32 to 16 bit (once a case)": lambda: encode(packet, "pcm_s16le"),
        "frame and mask": lambda: masked(frame, BINARY),
        "understand one acknowledgement": lambda: codec.heard(ack, 0),
    }
    return {name: _microseconds(work) for name, work in pieces.items()}


def _microseconds(work: Callable[[], object], rounds: int = 5, times: int = 2_000) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(times):
            work()
        taken.append((time.perf_counter() - began) / times * 1e6)
    return min(taken)


def _row(who: str, found: Figures) -> str:
    return (
        f"| {who} | {found.sessions} | {found.p50_ms:.2f} | {found.p99_ms:.2f} | {found.max_ms:.1f} "
        f"| {found.cpu_us:.0f} | {found.rss_kib / 1024:.0f} | {found.failed} |"
    )


def run(options: argparse.Namespace) -> None:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}; packets of {options.packet_ms} ms")
    with tempfile.TemporaryDirectory() as name:
        case = make_case(Path(name), options.seconds, options.packet_ms)
        for piece, taken in parts(case).items():
            print(f"{taken:8.2f} us  {piece}")
        if options.parts:
            return
        print("| client | sessions | p50 ms | p99 ms | max ms | cpu us a packet | MiB | failed |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|", flush=True)
        contestants = {
            "understudy": lambda url, load: ours(case, url, load, options.processes, Path(name)),
            "websockets": lambda url, load: plain(case, url, load),
        }
        for who, play in contestants.items():
            for load in options.loads or LOADS:
                with acknowledger() as url:
                    found = play(url, load)
                print(_row(who, found), flush=True)
                if not options.loads and (found.p99_ms > BUDGET_MS or found.failed):
                    break


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each session")
    parser.add_argument("--packet-ms", type=int, default=100)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--loads", type=int, nargs="*")
    parser.add_argument("--parts", action="store_true", help="only the parts of one packet")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    serve() if options.serve else run(options)


if __name__ == "__main__":
    main()
