"""The searches of many streams on this machine's CPU, behind the face that ``gpu.DeviceSearch`` has."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.token_passing import Graph
from kernels.token_passing.batch import (
    I32,
    Channels,
    Paths,
    begin,
    check_graph,
    check_step,
    new_channels,
    new_lanes,
    new_paths,
)
from kernels.token_passing.together import advance, best_paths


class HostSearch:
    """Many streams over one graph, one lane; arguments and errors as those of ``gpu.DeviceSearch``."""

    def __init__(
        self, graph: Graph, alphabet: int, streams: int, tokens: int, records: int, candidates: int, steps: int = 512
    ) -> None:
        check_graph(graph, alphabet)
        self._graph, self._alphabet = graph, alphabet
        self._channels = new_channels(streams, tokens, records)
        self._lanes = new_lanes(1, candidates, tokens, records)
        self._paths = new_paths(streams, steps)

    def begin(self, stream: int, hub: int = 0, door: int = 0) -> None:
        """Make a channel that of a stream that has heard nothing."""
        if not 0 <= stream < len(self._channels.counters):
            raise ValueError(f"stream {stream} of {len(self._channels.counters)} channels; refuse it, or plan for more")
        begin(self._channels, stream, hub, door)

    def step(self, streams: I32, scores: Any, log_probs: Any, beam: float, max_active: int) -> None:
        """Pass the tokens of streams through frames."""
        check_step(self._channels, streams, scores, log_probs, self._alphabet)
        advance(
            self._graph, self._channels, self._lanes, np.asarray(streams, np.int32), np.ascontiguousarray(scores),
            np.ascontiguousarray(log_probs), beam, max_active,
        )  # fmt: skip

    def paths(self, streams: I32, ending: bool) -> Paths:
        """The best paths of streams; overwritten by the next call."""
        best_paths(self._graph, self._channels, self._lanes, np.asarray(streams, np.int32), ending, self._paths)
        return Paths._make(part[: len(streams)] for part in self._paths)

    def channels(self) -> Channels:
        """The kept state of all streams."""
        return self._channels
