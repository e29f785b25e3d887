"""One chunk of one stream in plain float64: the truth that the fast step is held to. Nobody makes this fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernels.conformer.weights import EPSILON, HISTORY, Block, Norm, Product, Weights

F64 = NDArray[np.float64]
Read = Callable[[F64], F64]


@dataclass(slots=True)
class State:
    """What a stream remembers: the last of everything, oldest first, zeros before its begin.

    Attributes:
        heard: tokens so far.
        frames: (3, F) normalised.
        hidden: (3, W)
        keys: (left, W) of each block, not turned yet; ``values`` likewise.
        gates: (K - 1, W) of each block.
    """

    heard: int
    frames: F64
    hidden: F64
    keys: list[F64]
    values: list[F64]
    gates: list[F64]


def begin(weights: Weights) -> State:
    """The state of a stream that has heard nothing."""
    width, blocks = weights.width, range(len(weights.blocks))
    return State(
        0,
        np.zeros((HISTORY, len(weights.mean))),
        np.zeros((HISTORY, width)),
        [np.zeros((weights.left, width)) for _ in blocks],
        [np.zeros((weights.left, width)) for _ in blocks],
        [np.zeros((weights.kernel - 1, width)) for _ in blocks],
    )


def step(weights: Weights, state: State, features: NDArray[np.floating], read: Read = lambda rows: rows) -> F64:
    """Recognise the next chunk.

    Args:
        state: changed in place.
        features: (8 n, F) raw log-mel energies.
        read: what every matrix product makes of the rows that it reads; a fast step rounds them here.

    Returns:
        (2 n, V) natural log-probabilities.
    """
    frames = np.concatenate([state.frames, (features - weights.mean.astype(float)) / weights.deviation.astype(float)])
    hidden = np.concatenate([state.hidden, silu(product(weights.first, read(windows(frames))))])
    x = normalise(weights.entry, product(weights.second, read(windows(hidden))))
    x = _block(weights, state, 0, 1, x, read)
    slow = product(weights.pair, read(x.reshape(len(x) // 2, -1)))
    mixed = np.zeros_like(slow)
    for index in range(1, len(weights.blocks) - 1):
        slow = _block(weights, state, index, 2, slow, read)
        mixed += float(weights.mix[index - 1]) * slow
    x = x + product(weights.part, read(mixed)).reshape(x.shape)
    x = _block(weights, state, len(weights.blocks) - 1, 1, x, read)
    state.frames, state.hidden = frames[-HISTORY:], hidden[-HISTORY:]
    state.heard += len(x)
    return log_softmax(product(weights.head, read(normalise(weights.exit, x))))


def _block(weights: Weights, state: State, index: int, rate: int, x: F64, read: Read) -> F64:
    """One block; ``rate`` is how many tokens each of its rows stands for."""
    block = weights.blocks[index]
    queries, fresh_keys, fresh_values = np.split(
        product(block.project, read(normalise(block.attention_norm, x))), 3, axis=1
    )
    keys = np.concatenate([state.keys[index], fresh_keys])
    values = np.concatenate([state.values[index], fresh_values])
    known = np.arange(len(keys)) >= weights.left - state.heard // rate
    x = x + product(block.out, read(attend(queries, keys, values, known, weights.rates, weights.heads)))
    entered = product(block.enter, read(normalise(block.convolution_norm, x)))
    gated = np.concatenate([state.gates[index], gate(entered)])
    x = x + product(block.leave, read(silu(normalise(block.settle, convolve(block, gated)))))
    inner = np.maximum(product(block.widen, read(normalise(block.norm, x))), 0.0) ** 2
    state.keys[index], state.values[index] = keys[-weights.left :], values[-weights.left :]
    state.gates[index] = gated[1 - weights.kernel :]
    return x + product(block.narrow, read(inner))


def product(weights: Product, rows: F64) -> F64:
    """(n, inputs) to (n, outputs)."""
    return np.asarray(rows @ (weights.levels * weights.scale.astype(float)) + weights.bias)


def windows(rows: F64) -> F64:
    """Every second run of five rows, one after the other: (3 + 2 n, W) to (n, 5 W)."""
    return np.stack([rows[at : at + HISTORY + 2].reshape(-1) for at in range(0, len(rows) - HISTORY - 1, 2)])


def normalise(norm: Norm, x: F64) -> F64:
    """Layer norm of each row (Ba, Kiros & Hinton, arXiv 1607.06450)."""
    centred = x - x.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True) + EPSILON)
    return np.asarray(centred / deviation * norm.gain + norm.bias)


def silu(x: F64) -> F64:
    """x times its logistic."""
    return x / (1.0 + np.exp(-x))


def gate(x: F64) -> F64:
    """The first half of each row, gated by the logistic of the second."""
    first, second = np.split(x, 2, axis=1)
    return first / (1.0 + np.exp(-second))


def convolve(block: Block, gated: F64) -> F64:
    """Causal depthwise convolution: (K - 1 + n, W) to (n, W)."""
    kernel = len(block.taps)
    fresh = len(gated) - kernel + 1
    shifted = [block.taps[tap].astype(float) * gated[tap : tap + fresh] for tap in range(kernel)]
    return np.asarray(block.taps_bias + np.sum(shifted, axis=0))


def attend(
    queries: F64, keys: F64, values: F64, known: NDArray[np.bool_], rates: NDArray[np.float32], heads: int
) -> F64:
    """Attention of n queries, the last of m positions, to those keys that are known; rotary positions.

    Args:
        queries: (n, W); ``keys`` and ``values`` (m, W).
        known: (m,)
        rates: (W / heads / 2,) radians a position.
    """
    split = len(rates) * 2
    places = np.arange(len(keys))
    out = np.zeros_like(queries)
    for head in range(heads):
        part = slice(head * split, (head + 1) * split)
        turned = turn(queries[:, part], places[-len(queries) :], rates)
        scores = turned @ turn(keys[:, part], places, rates).T / np.sqrt(split)
        scores[:, ~known] = -np.inf
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        out[:, part] = shares / shares.sum(axis=1, keepdims=True) @ values[:, part]
    return out


def turn(x: F64, places: NDArray[np.int64], rates: NDArray[np.float32]) -> F64:
    """Turn (n, 2 r) vectors by their positions: value i with value r + i (Su et al., arXiv 2104.09864)."""
    angles = places[:, None] * rates.astype(float)
    first, second = np.split(x, 2, axis=1)
    return np.concatenate(
        [
            first * np.cos(angles) - second * np.sin(angles),
            second * np.cos(angles) + first * np.sin(angles),
        ],
        axis=1,
    )


def log_softmax(x: F64) -> F64:
    """Natural log-probabilities of scores, row by row."""
    shifted = x - x.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
