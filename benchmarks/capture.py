"""What a tee costs and what a kill leaves: ``python -m benchmarks.capture {latency,throughput,kill}``.

``latency``: 50 streams of 100 ms frames through each way in turn, rounds interleaved; added latency is over the direct
way of the same round. ``throughput``: as many bytes as go through, and how much of them was captured. ``kill``: SIGKILL
of the tee and its recorder at random moments; what the recogniser had confirmed is compared with what the store holds.
Peers: a proxy of plain ``websockets``, and mitmproxy where ``mitmdump`` is on the PATH or named by ``--mitmdump``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.streams.client import Stream, frame_of, open_streams, payload
from mirror.store.format import Side
from mirror.store.recover import read_recording

FRAME_MS, FRAME_BYTES = 100, 3_200
LOST_MS = 250  # the most that a kill may cost


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the recogniser."""

    name: str
    port: int
    process: subprocess.Popen[bytes] | None  # None: direct


def _start(*command: str) -> tuple[subprocess.Popen[bytes], bytes]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    return process, process.stdout.readline()


def _tee(upstream: int, store: Path) -> tuple[subprocess.Popen[bytes], int]:
    url = f"ws://127.0.0.1:{upstream}/v2"
    command = ("-m", "understudy", "capture", "--upstream", url, "--store", str(store), "--consent-all")
    process, line = _start(sys.executable, *command, "--drain", "0.5")
    return process, int(json.loads(line)["port"])


@contextlib.contextmanager
def ways(frame: int, store: Path, mitmdump: str | None) -> Iterator[list[Way]]:
    """Every way that can be had here, all to one recogniser."""
    echo, line = _start(sys.executable, "-m", "benchmarks.streams.echo", str(frame))
    port = int(line)
    found = [Way("direct", port, None)]
    process, tee = _tee(port, store)
    found.append(Way("understudy capture", tee, process))
    process, line = _start(sys.executable, "-m", "benchmarks.streams.reframing", str(port))
    found.append(Way("websockets proxy", int(line), process))
    if mitmdump is not None:
        found.append(_mitm(mitmdump, port, store.parent / "mitm.flows"))
    try:
        yield found
    finally:
        for process in [echo, *(way.process for way in found if way.process is not None)]:
            process.terminate()
        for process in [echo, *(way.process for way in found if way.process is not None)]:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def _mitm(program: str, upstream: int, flows: Path) -> Way:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mode = f"reverse:http://127.0.0.1:{upstream}"
    command = (program, "-q", "--mode", mode, "--listen-port", str(port), "-w", str(flows))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            break
        time.sleep(0.1)
    return Way("mitmproxy", port, process)


async def _latency_round(way: Way, sessions: int, seconds: float) -> list[int]:
    streams, frame = await open_streams(way.port, sessions), frame_of(payload(FRAME_BYTES))
    period = FRAME_MS / 1_000
    await asyncio.gather(*(s.paced(frame, seconds, period, period * n / sessions) for n, s in enumerate(streams)))
    await asyncio.sleep(0.2)
    for stream in streams:
        stream.transport.abort()
    await asyncio.sleep(0.2)
    return [wait for stream in streams for wait in stream.waits]


def latency(rounds: int, sessions: int, seconds: float, mitmdump: str | None) -> list[dict[str, object]]:
    """Added latency of every way; medians over the rounds, each against the direct way of its own round."""
    seen: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder, ways(_wire_bytes(), Path(folder) / "store", mitmdump) as found:
        for _ in range(rounds):
            for way in found:
                waits = np.array(asyncio.run(_latency_round(way, sessions, seconds))) / 1e6
                p50, p99 = np.percentile(waits, [50, 99])
                seen.setdefault(way.name, []).append((float(p50), float(p99)))
    return [_row(name, values, seen["direct"]) for name, values in seen.items()]


def _wire_bytes() -> int:
    return len(frame_of(bytes(FRAME_BYTES)))


def _row(name: str, values: list[tuple[float, float]], direct: list[tuple[float, float]]) -> dict[str, object]:
    tails = [p99 for _, p99 in values]
    return {
        "way": name,
        "p50_ms": median(p50 for p50, _ in values),
        "added_p50_ms": median(ours[0] - theirs[0] for ours, theirs in zip(values, direct, strict=True)),
        "p99_ms": median(tails),
        "p99_low_ms": min(tails),
        "p99_high_ms": max(tails),
        "added_p99_ms": median(ours[1] - theirs[1] for ours, theirs in zip(values, direct, strict=True)),
    }


async def _flood(way: Way, sessions: int, seconds: float, frame: bytes) -> float:
    streams = await open_streams(way.port, sessions)
    begin = time.monotonic()
    await asyncio.gather(*(stream.flat_out(frame, seconds) for stream in streams))
    acked = sum(stream.acked for stream in streams)
    rate = acked * len(frame) / (time.monotonic() - begin) / 1e6
    for stream in streams:
        stream.transport.abort()
    await asyncio.sleep(0.2)
    return rate


def _cpu(process: subprocess.Popen[bytes]) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def throughput(rounds: int, sessions: int, seconds: float, mitmdump: str | None) -> list[dict[str, object]]:
    """MB/s through every way, and the share of its bytes that the tee kept."""
    frame = frame_of(payload(FRAME_BYTES))
    rates: dict[str, list[float]] = {}
    cpu: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        with ways(len(frame), store, mitmdump) as found:
            for _ in range(rounds):
                for way in found:
                    before = _cpu(way.process) if way.process else 0.0
                    rates.setdefault(way.name, []).append(asyncio.run(_flood(way, sessions, seconds, frame)))
                    used = (_cpu(way.process) - before) / seconds if way.process else 0.0
                    cpu.setdefault(way.name, []).append(used)
        kept = sum(path.stat().st_size for path in store.glob("*.mcap")) / 1e6
    sent = sum(rates["understudy capture"]) * seconds
    return [
        {"way": name, "MB_per_s": median(values), "cores": median(cpu[name]),
         **({"kept_share": min(1.0, kept / sent)} if name == "understudy capture" else {})}
        for name, values in rates.items()
    ]  # fmt: skip


async def _until_killed(port: int, kill: Callable[[], None], sessions: int, seconds: float) -> list[Stream]:
    whole = (await open_streams(port, 1))[0]
    whole.send(frame_of(bytes([255]) * 640))
    while not whole.acked:
        await asyncio.sleep(0.005)
    whole.transport.close()
    streams = await open_streams(port, sessions)
    sending = [asyncio.ensure_future(_numbered(stream, 20 * n / sessions / 1_000)) for n, stream in enumerate(streams)]
    await asyncio.sleep(seconds)
    kill()
    for stream in streams:
        await stream.lost
    for task in sending:
        task.cancel()
    return streams


async def _numbered(stream: Stream, offset: float) -> None:
    loop = asyncio.get_running_loop()
    begin = loop.time() + offset
    for number in range(10_000):
        await asyncio.sleep(max(0.0, begin + number * 0.02 - loop.time()))
        stream.send(frame_of(bytes([number % 251]) * 640))


def _kill_all(pid: int) -> None:
    """The recorder first: it would otherwise go on to write what it was given."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in [*map(int, children), pid]:
        os.kill(each, signal.SIGKILL)


def kill(trials: int, sessions: int, seed: int, told: Callable[[int], None] = lambda trial: None) -> dict[str, object]:
    """Kill the tee at random moments; frames of 20 ms, lost are those that were confirmed and are not in the store."""
    rng, lost, finished = random.Random(seed), [], 0
    size = len(frame_of(bytes(640)))
    for trial in range(trials):
        with tempfile.TemporaryDirectory() as folder:
            echo, line = _start(sys.executable, "-m", "benchmarks.streams.echo", str(size))
            process, port = _tee(int(line), Path(folder))
            try:
                done = _until_killed(port, lambda pid=process.pid: _kill_all(pid), sessions, rng.uniform(0.1, 2))
                streams = asyncio.run(done)
            finally:
                for started in (process, echo):
                    started.kill()
                    started.communicate()  # waits, and closes its pipes
            found = [read_recording(path) for path in sorted(Path(folder).glob("*.mcap"))]
        finished += bool(found) and found[0].ended and not found[0].torn
        kept = [sum(len(p.data) for p in r.pieces[1:] if p.side is Side.CLIENT) // size for r in found[1:]]
        kept += [0] * (sessions - len(kept))
        lost += [max(0, (stream.acked - count) * 20) for stream, count in zip(streams, kept, strict=True)]
        told(trial)
    return {"trials": trials, "sessions": len(lost), "lost_ms_max": max(lost), "lost_ms_p50": median(lost),
            "over_limit": sum(ms > LOST_MS for ms in lost), "finished_sessions_intact": finished}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["latency", "throughput", "kill"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sessions", type=int)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mitmdump", default=shutil.which("mitmdump"))
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    if given.what == "kill":
        print(json.dumps(kill(given.trials, given.sessions or 4, given.seed, lambda t: print(t + 1, file=sys.stderr))))
        return
    job = latency if given.what == "latency" else throughput
    sessions = given.sessions or (50 if given.what == "latency" else 8)
    for row in job(given.rounds, sessions, given.seconds, given.mitmdump):
        print(json.dumps({key: round(value, 3) if isinstance(value, float) else value for key, value in row.items()}))


if __name__ == "__main__":
    main()
