"""A back-off model in little room: a trie of sorted words, probabilities in 8 bits; its file and its loading.

The n-grams of each order lie sorted, so an n-gram's words but the last name a node one level up, and its place among
that node's children is found by halving. Scores are rounded to 256 steps an order.

File: a zip of arrays (npz) with ``format``; how many children a node has is stored instead of where they begin.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_LZMA, ZipFile

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Arrays, joined, planes, read_arrays
from engine.ngram.counts import find, history
from engine.ngram.model import BackoffModel, Floats

FORMAT_VERSION = 1
LEVELS = 256
SILENCE = -50.0  # nats; less is never

F32 = NDArray[np.float32]
Bytes = NDArray[np.uint8]


class TrieArrays(NamedTuple):
    """All nodes of a trie, order after order, as a kernel takes them; nodes 0 to V-1 are the words themselves."""

    first: NDArray[np.int32]  # (N + 1,) children of node n: first[n] to first[n + 1]
    word: NDArray[np.uint16]  # (N,) last word
    log_prob: F32  # (N,) natural log
    backoff: F32  # (N,) natural log; 0 where nothing continues
    longest: int  # words of the longest n-gram


@dataclass(frozen=True)
class CompactModel:
    """A model as it lies in its file, by order."""

    words: tuple[NDArray[np.uint16], ...]  # for each order (K,) last words; order 1 lists the vocabulary
    children: tuple[NDArray[np.uint16], ...]  # for each order but the longest (K,)
    scores: tuple[Bytes, ...]  # (K,) places in ``score_values``
    backoffs: tuple[Bytes, ...]  # for each order but the longest (K,) places in ``backoff_values``
    score_values: F32  # (orders, LEVELS)
    backoff_values: F32  # (orders - 1, LEVELS)

    def unpacked(self) -> TrieArrays:
        """Lay all orders out for the kernels."""
        orders = len(self.words)
        total = sum(map(len, self.words))
        children = np.zeros(total + 1, np.int64)
        children[1 : sum(map(len, self.children)) + 1] = np.concatenate(self.children)
        first = len(self.words[0]) + np.cumsum(children)
        backoff = np.zeros(total, np.float32)
        inner = [self.backoff_values[order][self.backoffs[order]] for order in range(orders - 1)]
        if inner:
            backoff[: sum(map(len, inner))] = np.concatenate(inner)
        scores = [self.score_values[order][self.scores[order]] for order in range(orders)]
        return TrieArrays(
            first.astype(np.int32), np.concatenate(self.words), np.concatenate(scores), backoff, len(self.words)
        )


def compact(model: BackoffModel) -> CompactModel:
    """Round a model's scores and lay it out as a trie.

    Raises:
        ValueError: an n-gram's history is not listed, or a history has more than 65,535 continuations.
    """
    children: list[NDArray[np.uint16]] = []
    for number, (level, below) in enumerate(zip(model.orders[1:], model.orders, strict=False), 2):
        at, found = find(below.keys, history(level.keys))
        if not found.all():
            raise ValueError(f"an n-gram of order {number} has an unlisted history; keep the histories of all n-grams")
        many = np.bincount(at, minlength=len(below))
        if many.max(initial=0) > np.iinfo(np.uint16).max:
            raise ValueError(f"a history of order {number - 1} has {many.max()} continuations, at most 65535 fit")
        children.append(many.astype(np.uint16))
    scores = [rounded(level.log_prob) for level in model.orders]
    backoffs = [rounded(level.backoff) for level in model.orders[:-1]]
    return CompactModel(
        tuple((level.keys & np.uint64(0xFFFF)).astype(np.uint16) for level in model.orders),
        tuple(children),
        tuple(places for places, _ in scores),
        tuple(places for places, _ in backoffs),
        np.array([values for _, values in scores], np.float32).reshape(-1, LEVELS),
        np.array([values for _, values in backoffs], np.float32).reshape(-1, LEVELS),
    )


def rounded(values: Floats) -> tuple[Bytes, F32]:
    """Nearest of 256 values in equal steps, 0 among them: no back-off weight comes out of nothing.

    Returns:
        (K,) places and the (LEVELS,) ascending values they stand for.
    """
    said = values[values > SILENCE]  # the begin mark's, which nobody asks for, would stretch the steps
    low, high = min(said.min(initial=0.0), 0.0), max(said.max(initial=0.0), 0.0)
    step = max((high - low) / (LEVELS - 2), 1e-9)
    levels = step * (np.floor(low / step) + np.arange(LEVELS))
    places = np.clip(np.rint((values - levels[0]) / step), 0, LEVELS - 1)
    return places.astype(np.uint8), levels.astype(np.float32)


def save_compact(model: CompactModel, path: Path) -> None:
    """Write a model."""
    arrays: Arrays = {"format": np.array([FORMAT_VERSION, len(model.words)])}
    for order in range(len(model.words)):
        arrays[f"word{order}"] = planes(model.words[order])
        arrays[f"score{order}"] = model.scores[order]
        if order < len(model.children):
            arrays[f"children{order}"] = planes(model.children[order])
            arrays[f"backoff{order}"] = model.backoffs[order]
    arrays |= {"score_values": model.score_values, "backoff_values": model.backoff_values}
    # An .npz that np.load reads like any other, a tenth smaller than np.savez_compressed makes it.
    with ZipFile(path, "w", ZIP_LZMA) as packed:
        for name, array in arrays.items():
            with packed.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def load_compact(path: Path) -> CompactModel:
    """Read a model.

    Raises:
        ModelError: the file is missing, damaged, or of another format version.
    """
    arrays = read_arrays(path, "language model", FORMAT_VERSION, "python -m engine.graph.build")
    orders = int(arrays["format"][1])
    return CompactModel(
        tuple(_read(arrays[f"word{order}"]) for order in range(orders)),
        tuple(_read(arrays[f"children{order}"]) for order in range(orders - 1)),
        tuple(arrays[f"score{order}"].astype(np.uint8) for order in range(orders)),
        tuple(arrays[f"backoff{order}"].astype(np.uint8) for order in range(orders - 1)),
        arrays["score_values"].astype(np.float32),
        arrays["backoff_values"].astype(np.float32),
    )


def _read(laid: NDArray[np.generic]) -> NDArray[np.uint16]:
    return np.asarray(joined(laid, np.uint16), np.uint16)
