"""How many live sessions one core serves with every final in time: ``python -m benchmarks.engine``.

The service runs on one core and the clients on another. Each client streams the embedded rehearsal recordings in
packets of 100 ms, at the moments they would have been spoken, from a start of its own. ``--peer`` lets pocketsphinx
hear the same audio on the service's core, in the same run, and sherpa-onnx run an untrained model of our size: the
sessions they could keep up with are what their processor time allows, without any wire.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.engine.service import Running, running
from benchmarks.engine.session import RATE, Heard, Wanted, listen
from testsets import audio, embedded

MODEL = "reference/3"
HEAD = """\
| sessions | failed | words | late | finals p50 / p95 / p99 / most, ms | first shown, ms | core | MiB | sent late, ms |
|---|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Figures:
    """One load; delays in milliseconds, None where nothing was heard."""

    sessions: int
    failed: int
    words: int
    late: int
    finals: tuple[float, ...] | None  # p50, p95, p99, most: arrival less (end of the word + max_delay)
    firsts: tuple[float, ...] | None  # p50, p95, p99, most: arrival of a word's first showing less its end
    cpu: float  # of the service's core, share
    memory_mib: float
    behind_ms: float  # how late the clients sent, at worst


def speech(seconds: float, seed: int) -> np.ndarray:
    """(n,) int16 at 16 kHz: rehearsal recordings in an order of their own, half a second apart."""
    rng = np.random.default_rng(seed)
    cases = embedded.open_embedded("rehearsal").cases
    parts: list[np.ndarray] = []
    while sum(map(len, parts)) < seconds * RATE:
        samples, rate = audio.read(cases[int(rng.integers(len(cases)))].audio.path)
        parts += [audio.to_int16(audio.resample(samples.reshape(len(samples), -1)[:, 0], rate, RATE))]
        parts += [np.zeros(RATE // 2, np.int16)]
    return np.concatenate(parts)[: round(seconds * RATE)]


def quantiles(values: list[float]) -> tuple[float, ...] | None:
    """50, 95, 99 and 100 percent, in milliseconds."""
    if not values:
        return None
    return tuple(round(1000 * float(value), 1) for value in np.quantile(values, (0.5, 0.95, 0.99, 1.0)))


async def load(service: Running, wanted: Wanted, sessions: int, seconds: float) -> Figures:
    """Let so many clients talk at once."""
    rng = np.random.default_rng(sessions)
    recordings = [speech(seconds, index) for index in range(sessions)]
    before, began = service.cpu(), time.monotonic()
    waits = rng.uniform(0, 2.0, sessions)
    heard: list[Heard] = await asyncio.gather(*map(listen, [wanted] * sessions, recordings, waits.tolist()))
    finals = [late for one in heard for late in one.finals]
    for reason in sorted({one.failed for one in heard} - {""}):
        print(f"  {reason}", file=sys.stderr)
    return Figures(
        sessions=sessions,
        failed=sum(bool(one.failed) for one in heard),
        words=sum(one.words for one in heard),
        late=sum(late > 0 for late in finals),
        finals=quantiles(finals),
        firsts=quantiles([late for one in heard for late in one.firsts]),
        cpu=round((service.cpu() - before) / (time.monotonic() - began), 3),
        memory_mib=round(service.memory(), 1),
        behind_ms=round(1000 * max(one.behind for one in heard), 1),
    )


def peer_seconds(seconds: float) -> float:
    """Processor seconds that pocketsphinx takes for a second of the same audio, heard as one live stream."""
    from pocketsphinx import Decoder  # no part of any extra: install it to compare

    decoder = Decoder(loglevel="FATAL")
    pcm = speech(seconds, 0)
    begun = time.process_time()
    decoder.start_utt()
    for first in range(0, len(pcm), 1600):
        decoder.process_raw(pcm[first : first + 1600].tobytes())
    decoder.end_utt()
    return (time.process_time() - begun) / seconds


def peers(seconds: float) -> dict[str, float]:
    """Processor seconds a second of audio of each peer, each in a folder of its own."""
    from benchmarks.engine import sherpa_peer  # it needs torch and sherpa-onnx, which no service does

    pcm = speech(seconds, 0)
    found = {"pocketsphinx": peer_seconds(seconds)}
    for name, eight_bits in (("sherpa-onnx, untrained, float32", False), ("sherpa-onnx, untrained, 8 bits", True)):
        with tempfile.TemporaryDirectory() as folder:
            found[name] = sherpa_peer.seconds_of_processor(pcm, Path(folder), eight_bits)
    return {name: round(cost, 4) for name, cost in found.items()}


def show(figures: Figures) -> str:
    """One line of the table."""
    finals, firsts = (
        " / ".join(f"{value:.0f}" for value in part or ()) or "-" for part in (figures.finals, figures.firsts)
    )
    return (
        f"| {figures.sessions} | {figures.failed} | {figures.words} | {figures.late} | {finals} | {firsts} | "
        f"{100 * figures.cpu:.0f} % | {figures.memory_mib:.0f} | {figures.behind_ms:.0f} |"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=MODEL, help="what to serve")
    parser.add_argument("--point", default="standard", help="operating point that sessions ask for")
    parser.add_argument("--sessions", default="1,10,20,30,40", help="loads, one after another")
    parser.add_argument("--seconds", type=float, default=40.0, help="of audio a session")
    parser.add_argument("--max-delay", type=float, default=2.0)
    parser.add_argument("--mode", default="flexible", help="max_delay_mode")
    parser.add_argument("--no-partials", action="store_true", help="finals only, hence a longer look-ahead")
    parser.add_argument("--cores", default="0,1", help="of the service and of the clients")
    parser.add_argument("--serve", default="", help="more options for understudy serve, as one text")
    parser.add_argument(
        "--peer",
        action="store_true",
        help="pocketsphinx and sherpa-onnx too",
    )
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    given = parser.parse_args(arguments)
    service_core, client_core = map(int, given.cores.split(","))
    loads = [int(text) for text in given.sessions.split(",")]
    found = []
    with running(given.model, ["--max-sessions", str(max(loads)), *given.serve.split()], service_core) as service:
        os.sched_setaffinity(0, {client_core})
        print(HEAD, flush=True)
        for sessions in loads:
            wanted = Wanted(service.url, given.max_delay, given.point, not given.no_partials, given.mode)
            found.append(asyncio.run(load(service, wanted, sessions, given.seconds)))
            print(show(found[-1]), flush=True)
    row: dict[str, object] = {"model": given.model, "point": given.point, "max_delay": given.max_delay}
    row |= {"partials": not given.no_partials, "mode": given.mode}
    row |= {"processor": platform.processor() or platform.machine(), "loads": [asdict(one) for one in found]}
    if given.peer:
        os.sched_setaffinity(0, {service_core})
        row["peers"] = costs = peers(given.seconds)
        for name, cost in costs.items():
            print(f"{name}: {cost} s of processor a second of audio")
    if given.out is not None:
        given.out.write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
