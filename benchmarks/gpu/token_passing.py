"""The search over the shipped graph (words and 3-gram) for many streams: frames a second, on the GPU and on one core.

``python -m benchmarks.gpu.token_passing [--seconds 60]``

Peers, in the same run: the search of one stream at a time (``kernels.token_passing.cpu``), and the body of the batched
one compiled for a core. Before anything is timed every stream's tokens are compared with the peer's, bit for bit.
Rounds are interleaved, and the shortest counts.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.gpu import rehearsal
from benchmarks.gpu.rehearsal import F32
from engine.decoder.search import Decoder
from kernels.token_passing.batch import Channels
from kernels.token_passing.cpu import advance, start
from kernels.token_passing.host import HostSearch
from kernels.token_passing.memory import TOKENS, new_channel
from understudy.errors import UsageError

HERE = Path(__file__).parent
CHUNK = 8  # frames of 40 ms
RECORDINGS = 8
CORE_STREAMS, DEVICE_STREAMS = (1, 8, 32), (1, 64, 256, 1024, 4096)
Run = Callable[[], object]


def repeated(log_probs: F32, streams: int) -> F32:
    """As many streams as wanted, of the same recordings in turn."""
    return log_probs[np.arange(streams) % len(log_probs)]


class OneByOne:
    """The search of a stream at a time."""

    def __init__(self, decoder: Decoder, streams: int) -> None:
        self._decoder = decoder
        tokens, records, _ = rehearsal.search_sizes(decoder)
        self.streams = [new_channel(tokens, records) for _ in range(streams)]

    def run(self, log_probs: F32) -> None:
        """Search all streams from their begin, a chunk of each in turn."""
        options, lane, graph = self._decoder.options, self._decoder.workspace.lane, self._decoder.arrays
        weights = rehearsal.scores(self._decoder, log_probs)
        for stream in self.streams:
            start(graph, stream, lane, options.beam)
        for at in range(0, log_probs.shape[1], CHUNK):
            for row, stream in enumerate(self.streams):
                given = weights[row, at : at + CHUNK], log_probs[row, at : at + CHUNK]
                advance(graph, stream, lane, *given, options.beam, options.max_active, 0.0)

    def tokens(self, stream: int) -> dict[int, float]:
        """Scores by position."""
        kept = self.streams[stream].tokens[: self.streams[stream].counters[TOKENS]]
        return dict(zip(kept["position"].tolist(), kept["score"].tolist(), strict=True))


def run_together(search: HostSearch, decoder: Decoder, log_probs: F32) -> None:
    """Search all streams from their begin, a chunk of all at once; ends when the results are on this side."""
    options, streams = decoder.options, np.arange(len(log_probs), dtype=np.int32)
    weights = rehearsal.scores(decoder, log_probs)
    for stream in streams.tolist():
        search.begin(stream)
    for at in range(0, log_probs.shape[1], CHUNK):
        given = weights[:, at : at + CHUNK], log_probs[:, at : at + CHUNK]
        search.step(streams, *given, options.beam, options.max_active)
    search.paths(streams, True)


def tokens_of(channels: Channels, stream: int) -> dict[int, float]:
    """Scores by position."""
    count = channels.counters[stream, TOKENS]
    positions, scores = channels.position[stream, :count], channels.score[stream, :count]
    return dict(zip(positions.tolist(), scores.tolist(), strict=True))


def shortest(runs: Sequence[Run], seconds: float) -> list[float]:
    """The shortest time of each, taken in turns until the time is up, three turns at least."""
    times: list[list[float]] = [[] for _ in runs]
    begun = perf_counter()
    while len(times[0]) < 3 or perf_counter() - begun < seconds:
        for run, taken in zip(runs, times, strict=True):
            before = perf_counter()
            run()
            taken.append(perf_counter() - before)
    return [min(taken) for taken in times]


def on_a_core(decoder: Decoder, log_probs: F32, seconds: float) -> list[dict[str, float]]:
    """Frames a second of one core, batched and one by one."""
    rows = []
    for streams in CORE_STREAMS:
        given = repeated(log_probs, streams)
        peer, search = OneByOne(decoder, streams), _host(decoder, streams)
        peer.run(given)
        run_together(search, decoder, given)
        for stream in range(streams):
            if tokens_of(search.channels(), stream) != peer.tokens(stream):
                raise UsageError(f"stream {stream} of {streams} differs from its search alone; nothing is timed")
        alone, together = shortest(
            [lambda: peer.run(given), lambda: run_together(search, decoder, given)],  # noqa: B023
            seconds / len(CORE_STREAMS),
        )
        frames = streams * given.shape[1]
        rows.append({"streams": streams, "one by one": frames / alone, "together": frames / together})
    return rows


def on_the_device(decoder: Decoder, log_probs: F32, seconds: float) -> list[dict[str, float]]:
    """Frames a second of the GPU, transfers of scores and paths included."""
    from kernels.token_passing.gpu import DeviceSearch

    rows = []
    for streams in DEVICE_STREAMS:
        given = repeated(log_probs, streams)
        search = DeviceSearch(decoder.arrays, len(decoder.shift), streams, *rehearsal.search_sizes(decoder))
        run_together(search, decoder, given)  # type: ignore[arg-type]
        peer = OneByOne(decoder, min(streams, len(log_probs)))
        peer.run(given[: len(peer.streams)])
        there = search.channels()
        for stream in range(len(peer.streams)):
            if tokens_of(there, stream) != peer.tokens(stream):
                raise UsageError(f"stream {stream} of {streams} differs from the CPU's search; nothing is timed")
        time = shortest([lambda: run_together(search, decoder, given)], seconds / len(DEVICE_STREAMS))[0]  # type: ignore[arg-type]  # noqa: B023
        rows.append({"streams": streams, "together": streams * given.shape[1] / time})
    return rows


def _host(decoder: Decoder, streams: int) -> HostSearch:
    return HostSearch(decoder.arrays, len(decoder.shift), streams, *rehearsal.search_sizes(decoder))


def table(rows: list[dict[str, float]]) -> str:
    """The rows, frames a second rounded to three digits."""
    names = list(rows[0])
    lines = ["  ".join(f"{name:>12}" for name in names)]
    lines += ["  ".join(f"{float(f'{row[name]:.3g}'):>12,.0f}" for name in names) for row in rows]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    from numba import cuda

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each arm")
    given = parser.parse_args(arguments)
    heard = rehearsal.recogniser()
    log_probs = rehearsal.posteriors(heard, rehearsal.recordings(RECORDINGS))
    print("frames a second on one core (CPU)")
    print(table(on_a_core(heard.decoder, log_probs, given.seconds)))
    if not cuda.is_available():
        print("no GPU here: its arm was not run, and nothing was written")
        return
    name = cuda.get_current_device().name.decode()
    rows = on_the_device(heard.decoder, log_probs, given.seconds)
    file = HERE / f"token-passing-{re.sub('[^a-z0-9]+', '-', name.lower())}.json"
    file.write_text(json.dumps({"device": name, "chunk": CHUNK, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    print(f"frames a second on {name}")
    print(table(rows))


if __name__ == "__main__":
    try:
        main()
    except UsageError as wrong:
        raise SystemExit(str(wrong)) from None
