"""What kernels are timed on: streams of the shipped body's sizes, its language model, and ten minutes of noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import engine
from engine.ngram.compact import load_compact
from kernels.attention_ring import reference as attention
from kernels.log_mel import ready
from kernels.ngram_query import cpu as ngrams

Array = NDArray[Any]

WIDTH, HEADS, LEFT, TAPS = 192, 4, 48, 9
LANGUAGE_MODEL = Path(engine.__file__).parent / "models" / "english" / "lm-3gram.npz"


class Attention(NamedTuple):
    """Arguments of ``attention_ring``, in order, but for ``heads`` and what is written."""

    projected: Array
    slot: Array
    heard: Array
    keys: Array
    values: Array
    cosines: Array
    sines: Array


class Convolution(NamedTuple):
    """Arguments of ``convolution_ring``, in order, but for what is written."""

    entered: Array
    slot: Array
    heard: Array
    ring: Array
    taps: Array
    bias: Array
    scale: Array
    shift: Array


class Query(NamedTuple):
    """A model, states, and words to look up."""

    tables: ngrams.Tables
    state: Array
    words: Array


class LogMel(NamedTuple):
    """Samples of streams, one slot each, and the frames to make."""

    pcm: Array
    slot: Array
    number: Array


def attention_case(streams: int, fresh: int) -> Attention:
    """Streams whose rings are full."""
    rng = np.random.default_rng(0)
    turn = [table.astype(np.float32) for table in attention.rotation(LEFT + fresh, WIDTH // HEADS)]
    rings = rng.normal(size=(2, streams, LEFT, WIDTH)).astype(np.float32)
    projected = rng.normal(size=(streams, fresh, 3 * WIDTH)).astype(np.float32)
    return Attention(projected, _slots(streams), _heard(streams), rings[0], rings[1], turn[0], turn[1])


def convolution_case(streams: int, fresh: int) -> Convolution:
    """Streams whose rings are full."""
    rng = np.random.default_rng(0)
    entered, ring, taps, bias, scale, shift = (
        rng.normal(size=shape).astype(np.float32)
        for shape in ((streams, fresh, 2 * WIDTH), (streams, TAPS - 1, WIDTH), (TAPS, WIDTH), WIDTH, WIDTH, WIDTH)
    )
    return Convolution(entered, _slots(streams), _heard(streams), ring, taps, bias, scale, shift)


def query_case(queries: int, words: int) -> Query:
    """The shipped trigrams; histories walked through them, half of the words asked for listed after them."""
    rng, trie = np.random.default_rng(0), load_compact(LANGUAGE_MODEL).unpacked()
    vocabulary = int(trie.first[0])
    tables = ngrams.tables(trie.first, trie.word, trie.log_prob, trie.backoff, vocabulary, trie.longest)
    inner = np.flatnonzero(np.diff(tables.first[: tables.deepest + 1]) > 0).astype(np.int32)
    state = rng.choice(inner, queries)
    low, high = (tables.first[state + end][:, None] for end in (0, 1))
    listed = tables.word[low + rng.integers(0, 1 << 30, (queries, words)) % (high - low)].astype(np.int32)
    anything = rng.integers(0, vocabulary, (queries, words), dtype=np.int32)
    return Query(tables, state, np.where(rng.random((queries, words)) < 0.5, listed, anything))


def log_mel_case(streams: int, samples: int) -> LogMel:
    """All frames of every stream."""
    pcm = np.random.default_rng(0).integers(-9000, 9000, (streams, samples)).astype(np.int16)
    frames = ready(samples)
    slot, number = np.repeat(np.arange(streams), frames), np.tile(np.arange(frames), streams)
    return LogMel(pcm, slot.astype(np.int32), number.astype(np.int32))


def in_time(ring: Array, case: Attention | Convolution) -> Array:
    """A ring's tokens in order of time, as plain operations keep them."""
    moved, room = np.empty_like(ring), ring.shape[1]
    for stream, slot in enumerate(case.slot):
        moved[slot] = np.roll(ring[slot], -int(case.heard[stream] % room), axis=0)
    return moved


def _slots(streams: int) -> Array:
    return np.random.default_rng(1).permutation(streams).astype(np.int32)


def _heard(streams: int) -> Array:
    return np.random.default_rng(2).integers(1000, 90_000, streams).astype(np.int32)
