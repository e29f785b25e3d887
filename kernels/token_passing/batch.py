"""The memory of a search over many streams: channels of kept state, lanes of working memory, as arrays of one field.

A channel is a stream's, a lane is that of a search step that is running: one on a CPU, one a thread block on a GPU.
Fields lie apart, so that neighbouring threads read neighbouring words. Only best paths are kept, no lattice.

Source: Braun et al., "GPU-Accelerated Viterbi Exact Lattice Decoder for Batched Online and Offline Speech Recognition"
(arXiv 1910.10032), section 3.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.token_passing import PHONE_BITS, Graph
from kernels.token_passing.memory import DOOR, HUB, ROOT

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
F32 = NDArray[np.float32]

MOVE_BITS = 18  # of a candidate: which move of its source it is; 14 more say which token that source is
MOST_TOKENS = 1 << 13
MOST_THREADS = 1024
BINS = 256
NOTHING = -(1 << 63)  # the score of a place in the table that holds none

# Places in a lane's ``control``.
CLAIMED, WAITING, KEPT, HIGHEST, FULL, BEST, LEADER = range(7)


class Channels(NamedTuple):
    """Kept state of N streams: C tokens and P records each."""

    counters: I64  # (N, 8) as in ``memory.Channel``; sides stay 0
    offset: NDArray[np.float64]  # (N, 1) what was subtracted from all scores so far
    position: I32  # (N, C) of tokens: state << 6 | phone
    score: F32  # (N, C) relative to the best emitting token
    record: I32  # (N, C) newest record of the token's path, or -1
    last: I32  # (N, C) last frame in which the path's newest phone was emitted
    peak: F32  # (N, C) highest log posterior of that phone while it was emitted
    prev: I32  # (N, P) of records: the one before, or -1
    word: I32  # (N, P) word said, or 0
    phone: I32  # (N, P) phone entered, or 0
    frame: I32  # (N, P) of entry
    before: I32  # (N, P) ``last`` of the phone before
    height: F32  # (N, P) ``peak`` of the phone before


class Lanes(NamedTuple):
    """Working memory of L searches: K candidates and H places of a hash table each."""

    control: I64  # (L, 8)
    keys: I32  # (L, H) position that a place belongs to, or -1
    best: I64  # (L, H) best candidate there: score, source and move packed so that the largest number is best
    queued: I32  # (L, H) 1 + rank of a place that becomes a token, 0 of one that does not
    claimed: I32  # (L, K) places in use
    queue: I32  # (L, C) places that become tokens
    position: I32  # (L, C) the next tokens, copied to the channel when complete
    score: F32
    record: I32
    last: I32
    peak: F32
    moved: I32  # (L, P) new number of a record while they are compacted
    counts: I32  # (L, 1024) records that each thread keeps
    histogram: I32  # (L, 256)


class Paths(NamedTuple):
    """Best paths of B streams, oldest step first; only the first ``length`` of S are written."""

    length: I32  # (B,) steps, or -1 if a stream has no token
    score: NDArray[np.float64]  # (B,)
    phone: I32  # (B, S) entered, or 0
    word: I32  # (B, S) said, or 0
    frame: I32  # (B, S)
    before: I32  # (B, S)
    height: F32  # (B, S)
    last: I32  # (B,) of the newest phone
    peak: F32  # (B,)


def channel_shapes(tokens: int, records: int) -> dict[str, tuple[type, tuple[int, ...]]]:
    """The fields of one stream's channel, for a slab.

    Args:
        tokens: kept, at least twice ``max_active``, at most 8,192.
        records: kept, at least four times ``tokens``.
    """
    if not 1 <= tokens <= MOST_TOKENS or records < 4 * tokens:
        raise ValueError(f"{tokens} tokens and {records} records; at most {MOST_TOKENS}, and four records a token")
    i32, f32 = np.int32, np.float32
    kept: list[type] = [i32, f32, i32, i32, f32]
    made: list[type] = [i32, i32, i32, i32, i32, f32]
    fields: list[tuple[type, tuple[int, ...]]] = [(np.int64, (8,)), (np.float64, (1,))]
    fields += [(kind, (tokens,)) for kind in kept] + [(kind, (records,)) for kind in made]
    return dict(zip(Channels._fields, fields, strict=True))


def lane_shapes(candidates: int, tokens: int, records: int) -> dict[str, tuple[type, tuple[int, ...]]]:
    """The fields of one lane.

    Args:
        candidates: a power of two, at least twice ``tokens``.
    """
    if candidates & (candidates - 1) or candidates < 2 * tokens:
        raise ValueError(f"candidates must be a power of two and at least {2 * tokens}, got {candidates}")
    i32, f32, i64 = np.int32, np.float32, np.int64
    table = (2 * candidates,)
    fields: list[tuple[type, tuple[int, ...]]] = [
        (i64, (8,)), (i32, table), (i64, table), (i32, table), (i32, (candidates,)), (i32, (tokens,)),
        *((kind, (tokens,)) for kind in (i32, f32, i32, i32, f32)),
        (i32, (records,)), (i32, (MOST_THREADS,)), (i32, (BINS,)),
    ]  # fmt: skip
    return dict(zip(Lanes._fields, fields, strict=True))


def new_channels(streams: int, tokens: int, records: int) -> Channels:
    """Allocate the kept state of streams on this machine."""
    return Channels(*(np.zeros((streams, *shape), kind) for kind, shape in channel_shapes(tokens, records).values()))


def new_lanes(lanes: int, candidates: int, tokens: int, records: int) -> Lanes:
    """Allocate working memory on this machine, ready for its first step."""
    shapes = lane_shapes(candidates, tokens, records)
    made = Lanes(*(np.zeros((lanes, *shape), kind) for kind, shape in shapes.values()))
    made.keys[:], made.best[:] = -1, NOTHING
    return made


def new_paths(streams: int, steps: int) -> Paths:
    """Allocate room for the best paths of streams."""

    def rows(kind: type, *shape: int) -> NDArray[Any]:
        return np.zeros((streams, *shape), kind)

    i32, f32 = np.int32, np.float32
    return Paths(
        rows(i32), rows(np.float64), rows(i32, steps), rows(i32, steps), rows(i32, steps), rows(i32, steps),
        rows(f32, steps), rows(i32), rows(f32),
    )  # fmt: skip


def begin(channels: Channels, stream: int, hub: int = 0, door: int = 0) -> None:
    """Make a channel that of a stream that has heard nothing; its start token is put down by the first step.

    Args:
        hub: a state from which this stream alone may go on by the epsilon arcs of a door too.
        door: a state of epsilon arcs that no token is ever on, 0 = none.
    """
    counters = channels.counters[stream]
    counters[:] = 0
    counters[ROOT], counters[HUB], counters[DOOR] = -1, hub, door
    channels.offset[stream] = 0.0


def check_graph(graph: Graph, tokens: int) -> None:
    """Hold a graph to what a batched search of a body's tokens can pack.

    Args:
        tokens: V, of the acoustic alphabet.

    Raises:
        ValueError: it is a graph of another alphabet, not ``interleaved``, or too large.
    """
    highest = int(graph.phone.max(initial=0))
    if highest >= tokens:
        raise ValueError(
            f"the graph has phone {highest}, the body only {tokens} tokens; give the graph of its language"
        )
    if len(graph.rank) != len(graph.final):
        raise ValueError("the graph has no ranks of states; give what kernels.token_passing.interleaved made of it")
    if len(graph.final) >= 1 << (31 - PHONE_BITS):
        raise ValueError(f"{len(graph.final)} states; positions hold {1 << (31 - PHONE_BITS)}")
    degree = int(np.diff(graph.offsets).max(initial=0))
    if 2 * degree + 1 >= 1 << MOVE_BITS:
        raise ValueError(f"a state has {degree} arcs; moves are packed into {MOVE_BITS} bits")


def check_step(channels: Channels, streams: I32, scores: Any, log_probs: Any, tokens: int) -> None:
    """Hold what a step is given to its contract, before anything is launched.

    Args:
        streams: (B,) whose channels; all different.
        scores: (B, T, V).
        log_probs: (B, T, V).
        tokens: V, of the graph's alphabet.

    Raises:
        ValueError: a shape does not fit, a chunk is empty, a stream is there twice or has no channel, or a number is
            not finite.
    """
    if scores.shape != log_probs.shape or scores.ndim != 3 or scores.shape[::2] != (len(streams), tokens):
        raise ValueError(f"scores {scores.shape} and log-probs {log_probs.shape}; give ({len(streams)}, T, {tokens})")
    if scores.shape[1] == 0:
        raise ValueError("a chunk of no frames; step a stream when it has heard something")
    there = len(channels.counters)
    if len(set(streams.tolist())) < len(streams) or streams.min() < 0 or streams.max() >= there:
        raise ValueError(f"streams {sorted(streams.tolist())} of {there} channels; give each once")
    finite = np.isfinite(scores).all(axis=(1, 2)) & np.isfinite(log_probs).all(axis=(1, 2))
    if not finite.all():
        raise ValueError(f"log-probs of stream {int(streams[~finite][0])} are not finite; check the body")
