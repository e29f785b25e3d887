"""The fast step of a body on CPUs: weights packed once, working memory planned once, streams kept in slabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernels.conformer.chunk import advance
from kernels.conformer.layout import (
    CHANNEL_NAMES,
    CHANNELS,
    RATES,
    STREAMS,
    TOKENS,
    channels,
    control_record,
    lanes,
    pack,
    products,
)  # fmt: skip
from kernels.conformer.tiles import OUTPUTS
from kernels.conformer.weights import F32, SUBSAMPLING, Weights
from kernels.memory import Slab

GRAIN = 2 * SUBSAMPLING  # feature frames of a pair of tokens


@dataclass(frozen=True, slots=True)
class Record:
    """Where a stream's state lies.

    Attributes:
        addresses: (channels,) int64, in the order of ``layout.CHANNEL_NAMES``.
        slab: that it lies in, which lives as long as this does.
    """

    addresses: NDArray[np.int64]
    slab: Slab


class ChunkStep:
    """Steps up to ``rows`` tokens of all streams together; one thread at a time.

    Args:
        weights: of the body.
        most_tokens: of one stream's chunk, even.
        rows: tokens of all streams of a step, at least ``most_tokens``.

    Raises:
        ValueError: the weights are of a body that it cannot step.

    Attributes:
        most_tokens: as given; ``rows`` likewise.
        channels: what a slab must keep of every stream.
    """

    def __init__(self, weights: Weights, most_tokens: int = 32, rows: int = 128) -> None:
        _check_body(weights, most_tokens)
        self.most_tokens, self.rows = most_tokens, max(rows, most_tokens)
        self.channels = channels(weights, most_tokens)
        self._packed = pack(weights)
        self._arena, planned = lanes(weights, self.rows, most_tokens)
        self._rates = weights.rates.astype(np.float32)
        self._streams = np.zeros((self.rows // 2, len(CHANNEL_NAMES)), np.int64)
        self._control = control_record(weights, self._packed, self._arena, planned, most_tokens)
        self._control[RATES], self._control[CHANNELS] = self._rates.ctypes.data, self._streams.ctypes.data
        self._address = self._control.ctypes.data
        bins, alphabet = len(weights.mean), weights.head.outputs
        self._features = self._arena.view(planned.offsets["features"], (SUBSAMPLING * self.rows * bins,), np.float32)
        self._log_probs = self._arena.view(planned.offsets["log_probs"], (self.rows * alphabet,), np.float32)
        self._bins, self._alphabet = bins, alphabet

    def record(self, slab: Slab, slot: int) -> Record:
        """What ``__call__`` wants of a stream whose state is a slot of a slab with these ``channels``."""
        addresses = [slab.view(name)[slot].ctypes.data for name in CHANNEL_NAMES]
        return Record(np.asarray(addresses, np.int64), slab)

    def __call__(self, streams: Sequence[Record], features: F32, out: F32) -> None:
        """Recognise the next chunk of B streams.

        Args:
            streams: the record of each; it moves on in place.
            features: (B, 8 n, F) float32, contiguous.
            out: (B, 2 n, V) float32, contiguous, for natural log-probabilities.

        Raises:
            ValueError: a shape does not fit, or a chunk is longer than ``most_tokens``.
        """
        self._check(len(streams), features, out)
        tokens = features.shape[1] // SUBSAMPLING
        most = self.rows // tokens
        for first in range(0, len(streams), most):
            group = streams[first : first + most]
            for place, kept in enumerate(group):
                self._streams[place] = kept.addresses
            self._control[STREAMS], self._control[TOKENS] = len(group), tokens
            given, made = features[first : first + most].reshape(-1), out[first : first + most].reshape(-1)
            self._features[: given.size] = given
            advance(self._address)
            made[:] = self._log_probs[: made.size]

    def _check(self, streams: int, features: F32, out: F32) -> None:
        frames = features.shape[1] if features.ndim == 3 else 0
        if not streams:
            raise ValueError("no streams; give at least one")
        if features.shape != (streams, frames, self._bins) or not frames or frames % GRAIN:
            raise ValueError(f"features {features.shape} for {streams} streams; give (B, 8 n, {self._bins}) with n > 0")
        if frames > SUBSAMPLING * self.most_tokens:
            most = SUBSAMPLING * self.most_tokens
            raise ValueError(f"a chunk of {frames} frames; memory is planned for at most {most} frames of a stream")
        if out.shape != (streams, frames // SUBSAMPLING, self._alphabet):
            raise ValueError(f"out {out.shape}; give {(streams, frames // SUBSAMPLING, self._alphabet)}")
        if not all(array.dtype == np.float32 and array.flags.c_contiguous for array in (features, out)):
            raise ValueError("features or out are not contiguous float32; convert them first")


def _check_body(weights: Weights, most_tokens: int) -> None:
    split, width = 2 * len(weights.rates), weights.width
    if split % OUTPUTS or width % OUTPUTS or not weights.heads or weights.heads * split != width:
        raise ValueError(f"width {width} with heads of {split}; widths and heads must be multiples of {OUTPUTS}")
    if len(weights.blocks) < 3 or most_tokens <= 0 or most_tokens % 2:
        raise ValueError(f"{len(weights.blocks)} blocks, chunks of {most_tokens} tokens; 3 or more, and an even number")
    if any(product.inputs % 2 for product in products(weights)):
        raise ValueError("a product reads an odd number of values; bins and widths must be even")
