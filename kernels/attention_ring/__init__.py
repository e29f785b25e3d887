"""Attention of a chunk of tokens to itself and to what lies in a ring of earlier keys and values, moved on in place.

Contract (B streams, n >= 1 new tokens each, W width, H heads of D = W / H, D even, S slots, L kept tokens):

    projected   (B, n, 3 W)   queries, keys and values of the new tokens, side by side as a linear layer gives them
    slot        (B,) int32    which slot of the rings is each stream's, all different
    heard       (B,) int32    tokens of each stream before this chunk
    keys        (S, L, W)     in and out: token t of a stream lies at t mod L of its slot, not rotated
    values      (S, L, W)     likewise
    cosines     (L + n, D/2)  of the angles by which place p of the window is rotated; places 0 to L - 1 are the ring's
    sines       (L + n, D/2)  tokens from the oldest on, L to L + n - 1 the new ones
    out         (B, n, W)     out: softmax(q k / sqrt(D)) v of every new token, over the new tokens and the
                              min(heard, L) before them, heads side by side

Afterwards the rings hold the newest L tokens. Of a slot only the places of tokens that were heard are read, so a slot
needs no clearing. Rotation is by the place in the window, as positions only count by their differences, and angles
stay small however long a stream is; this is why keys lie in the ring as they came.

``reference`` is the truth, ``cpu`` is compiled by numba, ``gpu`` by Triton: one program a stream and head, so that all
that a program overwrites was read by itself before.

Source: Vaswani et al., "Attention Is All You Need" (arXiv 1706.03762); Su et al., "RoFormer" (arXiv 2104.09864), here
with the halves of a head as pairs; Milakov and Gimelshein, "Online normalizer calculation for softmax" (arXiv
1805.02867), which ``gpu`` uses.

Notes
-----
Floor: keys and values read once, the new ones read and written once, queries read and outputs written once:
``moved_bytes``. The matrix products are small beside it. A version ladder: keys and values joined with ``cat`` and cut
again move three times the ring and take about 25 launches a layer; version 1, here, one launch and the ring once.
"""

from __future__ import annotations

Size = tuple[int, ...]


def check(
    heads: int,
    projected: Size,
    slot: Size,
    heard: Size,
    keys: Size,
    values: Size,
    cosines: Size,
    sines: Size,
    out: Size,
) -> None:
    """Hold the shapes of all arrays to the contract.

    Raises:
        ValueError: one does not fit.
    """
    if len(projected) != 3 or projected[1] < 1:
        raise ValueError(f"attention: projected has shape {projected}; give (B, n, 3 W) with n of at least 1")
    streams, fresh, width = projected[0], projected[1], projected[2] // 3
    if len(keys) != 3 or keys[1] < 1 or 3 * keys[2] != projected[2]:
        raise ValueError(f"attention: keys have shape {keys}; give (slots, left, {width}) for this projection")
    if heads < 1 or width % (2 * heads):
        raise ValueError(f"attention: {heads} heads of a width of {width}; give heads of an even width each")
    half, window = width // heads // 2, keys[1] + fresh
    wanted = {
        "slot": (slot, (streams,)),
        "heard": (heard, (streams,)),
        "values": (values, keys),
        "cosines": (cosines, (window, half)),
        "sines": (sines, (window, half)),
        "out": (out, (streams, fresh, width)),
    }
    for name, (given, right) in wanted.items():
        if given != right:
            raise ValueError(f"attention: {name} has shape {given}; give {right}")


def moved_bytes(streams: int, fresh: int, left: int, width: int, item: int) -> int:
    """Bytes that any implementation moves at least: the floor of its time, over the bandwidth of the memory.

    Args:
        item: bytes of a number.
    """
    ring, chunk = 2 * left * width, fresh * width
    return streams * item * (ring + 3 * chunk + 2 * min(fresh, left) * width + chunk)
