"""The search graph as flat arrays, and its file.

File: a zip of arrays (npz) with ``format`` (FORMAT_VERSION). Arcs lie state by state, epsilon arcs first; states are
numbered breadth-first, so destinations are stored as differences, in byte planes that compress well.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Arrays, joined, planes, read_arrays
from engine.lexicon import WordLexicon

FORMAT_VERSION = 1
COST_STEP = 1 / 64  # nats; costs are whole multiples of it in the file
NOT_FINAL = np.float32(np.inf)


@dataclass(frozen=True)
class SearchGraph:
    """Words over phones: S states, A arcs. CTC blanks and repeats are the search's business."""

    offsets: NDArray[np.int32]  # (S + 1,) arcs of state s: offsets[s] to offsets[s + 1]
    dest: NDArray[np.int32]  # (A,) state an arc leads to
    phone: NDArray[np.uint8]  # (A,) token number consumed; 0 = none (epsilon), and these come first in a state
    word: NDArray[np.int32]  # (A,) word begun or finished here; 0 = none
    cost: NDArray[np.float32]  # (A,) nats
    final: NDArray[np.float32]  # (S,) cost of stopping here, infinite where a sentence cannot end
    lexicon: WordLexicon  # state 0 is the start

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.final)


def save_graph(graph: SearchGraph, path: Path) -> None:
    """Write a graph; the same graph gives the same bytes inside the zip."""
    sources = np.repeat(np.arange(graph.states), np.diff(graph.offsets))
    ends = np.flatnonzero(np.isfinite(graph.final)).astype(np.int32)
    cost = np.concatenate([graph.cost, graph.final[ends]])
    arrays = {
        "format": np.array([FORMAT_VERSION]),
        "degree": np.diff(graph.offsets).astype(np.uint16),
        "dest": planes((graph.dest - sources).astype(np.int32)),
        "phone": graph.phone,
        "word": planes(graph.word.astype(np.uint16)),
        "ends": ends,
        "cost": planes(np.rint(cost / COST_STEP).astype(np.int16)),
        **{f"lexicon_{name}": values for name, values in graph.lexicon.pack().items()},
    }
    with path.open("wb") as out:
        np.savez_compressed(out, allow_pickle=False, **arrays)


def load_graph(path: Path) -> SearchGraph:
    """Read a graph.

    Raises:
        ModelError: the file is missing, damaged, or of another format version.
    """
    return _unpack(read_arrays(path, "search graph", FORMAT_VERSION, "python -m engine.graph.build"))


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _unpack(arrays: Arrays) -> SearchGraph:
    degree = arrays["degree"].astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(degree)]).astype(np.int32)
    count = int(offsets[-1])
    sources = np.repeat(np.arange(len(degree), dtype=np.int32), degree)
    cost = joined(arrays["cost"], np.int16).astype(np.float32) * np.float32(COST_STEP)
    final = np.full(len(degree), NOT_FINAL, np.float32)
    final[arrays["ends"].astype(np.int64)] = cost[count:]
    return SearchGraph(
        offsets=offsets,
        dest=joined(arrays["dest"], np.int32).astype(np.int32) + sources,
        phone=arrays["phone"].astype(np.uint8),
        word=joined(arrays["word"], np.uint16).astype(np.int32),
        cost=np.ascontiguousarray(cost[:count]),
        final=final,
        lexicon=WordLexicon.unpack(arrays["lexicon_words"].astype(np.uint8), arrays["lexicon_phones"].astype(np.uint8)),
    )
