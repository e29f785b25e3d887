"""A process of its own for ``test_gpu``: numba's simulator of CUDA must be chosen before numba is imported.

Random graphs are searched by several threads of several blocks, and by the same code compiled for the CPU.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np

from kernels.token_passing import interleaved
from kernels.token_passing.batch import Channels, Paths, begin, new_channels, new_lanes, new_paths
from kernels.token_passing.extension import write_extension
from kernels.token_passing.gpu import DeviceSearch
from kernels.token_passing.memory import TOKENS
from kernels.token_passing.together import advance, best_paths

TOKEN_ROOM, RECORD_ROOM, CANDIDATES, STEPS = 32, 144, 64, 40


def tokens_of(channels: Channels, stream: int) -> dict[int, float]:
    """Scores by position."""
    count = channels.counters[stream, TOKENS]
    positions, scores = channels.position[stream, :count], channels.score[stream, :count]
    return dict(zip(positions.tolist(), scores.tolist(), strict=True))


def main(seed: int, width: int) -> None:
    """Compare, and say what differs by failing."""
    spec = importlib.util.spec_from_file_location("small", Path(__file__).with_name("conftest.py"))
    assert spec is not None
    assert spec.loader is not None
    small = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(small)
    rng = np.random.default_rng(seed)
    plain = small.random_graph(rng, 9)
    graph = interleaved(plain, room=32)
    door = write_extension(graph, small.random_extension(rng, 9), 3, 10, len(plain.dest))
    streams = np.array([2, 0], np.int32)
    chunks = [np.stack([small.random_scores(rng, frames) for _ in streams]) for frames in (2, 5)]
    device = DeviceSearch(graph, 5, 3, TOKEN_ROOM, RECORD_ROOM, CANDIDATES, STEPS, lanes=2, width=width)
    channels = new_channels(3, TOKEN_ROOM, RECORD_ROOM)
    lanes, paths = new_lanes(1, CANDIDATES, TOKEN_ROOM, RECORD_ROOM), new_paths(2, STEPS)
    for stream, hub in ((2, 0), (0, 3)):
        device.begin(stream, hub, door if hub else 0)
        begin(channels, stream, hub, door if hub else 0)
    for chunk in chunks:
        device.step(streams, chunk, chunk, 4.0, 12)
        advance(graph, channels, lanes, streams, chunk, chunk, 4.0, 12)
    best_paths(graph, channels, lanes, streams, True, paths)
    there = device.channels()
    for stream in streams:
        assert tokens_of(there, stream) == tokens_of(channels, stream), f"tokens of stream {stream}"
    np.testing.assert_array_equal(there.counters[streams], channels.counters[streams])
    np.testing.assert_array_equal(there.offset[streams], channels.offset[streams])
    for name, one, other in zip(Paths._fields, device.paths(streams, True), paths, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)


if __name__ == "__main__":
    for number in range(int(sys.argv[2])):
        main(number, int(sys.argv[1]))
    print("equal")
