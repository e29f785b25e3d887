"""The middle of a convolution module in one pass, its state in place: gate, depthwise convolution, norm and SiLU.

Contract (B streams, n >= 1 new tokens each, W width, K >= 2 taps, S slots):

    entered   (B, n, 2 W)      what the layer before gives: a value and a gate for every channel, side by side
    slot      (B,) int32       which slot of the ring is each stream's, all different
    heard     (B,) int32       tokens of each stream before this chunk
    ring      (S, K - 1, W)    in and out: the gated token t of a stream lies at t mod (K - 1) of its slot
    taps      (K, W)           the newest token's last
    bias      (W,)
    scale     (W,)             of the norm
    shift     (W,)
    out       (B, n, W)        out: silu(norm(bias + sum over k of taps[k] gated[t - K + 1 + k]))

``gated`` is value * logistic(gate); tokens before a stream's first are zero. ``norm`` takes off a token's mean, divides
by the root of its variance plus ``EPSILON``, and applies scale and shift. Afterwards the ring holds the newest K - 1
gated tokens. Of a slot only the places of tokens that were heard are read, so a slot needs no clearing.

``reference`` is the truth, ``cpu`` is compiled by numba, ``gpu`` by Triton: one program a stream, so that all that a
program overwrites was read by itself before.

Source: Gulati et al., "Conformer" (arXiv 2005.08100); Dauphin et al., "Language Modeling with Gated Convolutional
Networks" (arXiv 1612.08083) for the gate; Ba et al., "Layer Normalization" (arXiv 1607.06450).

Notes
-----
Floor: entered read once, out written once, the ring read once and its changed rows written once: ``moved_bytes``. A
version ladder: plain tensor operations write and read the gated tokens, the joined ones, the sums and the norm's output
again, in six launches; version 1: one launch, gated tokens made anew for each tap, which costs no memory; with the loop
over taps unrolled that took 255 registers a thread, version 2, here, keeps the loop and takes at most 128.
"""

from __future__ import annotations

EPSILON = 1e-5

Size = tuple[int, ...]


def check(
    entered: Size, slot: Size, heard: Size, ring: Size, taps: Size, bias: Size, scale: Size, shift: Size, out: Size
) -> None:
    """Hold the shapes of all arrays to the contract.

    Raises:
        ValueError: one does not fit.
    """
    if len(entered) != 3 or entered[1] < 1 or entered[2] % 2:
        raise ValueError(f"convolution: entered has shape {entered}; give (B, n, 2 W) with n of at least 1")
    if len(taps) != 2 or taps[0] < 2:
        raise ValueError(f"convolution: taps have shape {taps}; give (K, W) with K of at least 2")
    streams, fresh, width = entered[0], entered[1], entered[2] // 2
    wanted = {
        "slot": (slot, (streams,)),
        "heard": (heard, (streams,)),
        "ring": (ring[1:], (taps[0] - 1, width)),
        "taps": (taps[1:], (width,)),
        "bias": (bias, (width,)),
        "scale": (scale, (width,)),
        "shift": (shift, (width,)),
        "out": (out, (streams, fresh, width)),
    }
    for name, (given, right) in wanted.items():
        if given != right:
            raise ValueError(f"convolution: {name} has shape {given}; give {right}")


def moved_bytes(streams: int, fresh: int, taps: int, width: int, item: int) -> int:
    """Bytes that any implementation moves at least: the floor of its time, over the bandwidth of the memory.

    Args:
        item: bytes of a number.
    """
    return streams * item * width * (3 * fresh + (taps - 1) + min(fresh, taps - 1))
