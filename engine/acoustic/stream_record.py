"""The record of one stream, in the terms of planned memory: everything that is kept of it between two steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from engine.acoustic.body import ModelCard
from engine.acoustic.frontend import FRAME_LENGTH, FRAME_SHIFT, SAMPLE_RATE
from engine.decoder.options import DecodeOptions
from engine.decoder.search import RECORDS_PER_TOKEN, SIDES_PER_TOKEN, TOKENS_PER_ACTIVE
from kernels.token_passing.memory import RECORD, SIDE, TOKEN

Channels = dict[str, tuple[DTypeLike, Sequence[int]]]


def body_channels(card: ModelCard) -> Channels:
    """What the body remembers: context of the subsampling, keys, values, inputs of convolutions, tokens heard."""
    return {name: (np.float32, shape) for name, shape in card.state.items()} | {"heard": (np.int64, ())}


def sample_channels(chunk_ms: int) -> Channels:
    """Samples that wait for the rest of their chunk, and those that the next window of features begins with."""
    return {"samples": (np.float32, (chunk_ms * SAMPLE_RATE // 1000 + FRAME_LENGTH - FRAME_SHIFT,))}


def search_channels(options: DecodeOptions) -> Channels:
    """What the search keeps: active tokens, the records of their paths, and side links where it keeps a lattice."""
    tokens = TOKENS_PER_ACTIVE * options.max_active
    kept: Channels = {"counters": (np.int64, (8,)), "offset": (np.float64, (1,))}
    kept |= {"tokens": (TOKEN, (tokens,)), "records": (RECORD, (RECORDS_PER_TOKEN * tokens,))}
    return kept | ({"sides": (SIDE, (SIDES_PER_TOKEN * tokens,))} if options.lattice_beam else {})
