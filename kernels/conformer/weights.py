"""What a body knows: the weights of every layer, products in 8-bit levels with a scale for each output.

T tokens (40 ms each), width W, F bins of a feature frame, K taps, V tokens of the alphabet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
HISTORY = 3  # feature frames, and vectors of half the rate, that the subsampling keeps
SUBSAMPLING = 4  # feature frames a token
EPSILON = 1e-5  # of every layer norm


@dataclass(frozen=True, slots=True)
class Product:
    """A matrix product and what is added to it.

    Attributes:
        levels: (inputs, outputs) int8, -127 to 127.
        scale: (outputs,) what one level of each output is worth.
        bias: (outputs,)
    """

    levels: NDArray[np.int8]
    scale: F32
    bias: F32

    @property
    def inputs(self) -> int:
        """Values of a row that it reads."""
        return int(self.levels.shape[0])

    @property
    def outputs(self) -> int:
        """Values of a row that it gives."""
        return int(self.levels.shape[1])


@dataclass(frozen=True, slots=True)
class Norm:
    """A layer norm: gain and bias, (W,) each."""

    gain: F32
    bias: F32


@dataclass(frozen=True, slots=True)
class Block:
    """One block: attention, gated convolution, feed-forward.

    Attributes:
        project: W to queries, keys and values, 3 W.
        enter: W to 2 W, of which the second half gates the first.
        taps: (K, W) of the depthwise convolution, the oldest first.
        taps_bias: (W,)
    """

    attention_norm: Norm
    project: Product
    out: Product
    convolution_norm: Norm
    enter: Product
    taps: F32
    taps_bias: F32
    settle: Norm
    leave: Product
    norm: Norm
    widen: Product
    narrow: Product


@dataclass(frozen=True, slots=True, repr=False)
class Weights:
    """The whole body.

    Attributes:
        mean: (F,) of the feature frames; ``deviation`` likewise.
        first: 5 F values of five frames, one after the other, to W.
        second: 5 W values of five vectors to W.
        pair: 2 W of two tokens to W; ``part`` the way back.
        mix: (blocks - 2,) share of each middle block in what the last one reads.
        head: W to V.
        rates: (half of a head's width,) radians a token by which positions turn.
        left: tokens of each block's own rate that attention looks back from a chunk.
    """

    mean: F32
    deviation: F32
    first: Product
    second: Product
    entry: Norm
    blocks: tuple[Block, ...]
    pair: Product
    part: Product
    mix: F32
    exit: Norm
    head: Product
    rates: F32
    left: int

    @property
    def width(self) -> int:
        """Of every token's vector."""
        return self.first.outputs

    @property
    def heads(self) -> int:
        """Of attention."""
        return self.width // (2 * len(self.rates))

    @property
    def kernel(self) -> int:
        """Tokens that the depthwise convolutions see."""
        return int(self.blocks[0].taps.shape[0])
