"""The search graph as flat arrays, and its file.

File: a zip of arrays (npz) with ``format`` (FORMAT_VERSION). Arcs lie state by state, epsilon arcs first; states are
numbered breadth-first, so destinations are stored as differences, in byte planes that compress well.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
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
        "dest": _planes((graph.dest - sources).astype(np.int32)),
        "phone": graph.phone,
        "word": _planes(graph.word.astype(np.uint16)),
        "ends": ends,
        "cost": _planes(np.rint(cost / COST_STEP).astype(np.int16)),
        **{f"lexicon_{name}": values for name, values in graph.lexicon.pack().items()},
    }
    with path.open("wb") as out:
        np.savez_compressed(out, allow_pickle=False, **arrays)


def load_graph(path: Path) -> SearchGraph:
    """Read a graph.

    Raises:
        ModelError: the file is missing, damaged, or of another format version.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        raise ModelError(str(path), "no search graph here; build one with python -m engine.graph.build") from None
    except (BadZipFile, ValueError, OSError, EOFError) as broken:
        raise ModelError(str(path), f"the search graph is damaged ({broken}); restore or rebuild it") from broken
    version = arrays["format"].tolist() if "format" in arrays else None
    if version != [FORMAT_VERSION]:
        raise ModelError(str(path), f"search graph format {version}, this engine reads {FORMAT_VERSION}; rebuild it")
    return _unpack(arrays)


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _unpack(arrays: dict[str, NDArray[np.generic]]) -> SearchGraph:
    degree = arrays["degree"].astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(degree)]).astype(np.int32)
    count = int(offsets[-1])
    sources = np.repeat(np.arange(len(degree), dtype=np.int32), degree)
    cost = _joined(arrays["cost"], np.int16).astype(np.float32) * np.float32(COST_STEP)
    final = np.full(len(degree), NOT_FINAL, np.float32)
    final[arrays["ends"].astype(np.int64)] = cost[count:]
    return SearchGraph(
        offsets=offsets,
        dest=_joined(arrays["dest"], np.int32).astype(np.int32) + sources,
        phone=arrays["phone"].astype(np.uint8),
        word=_joined(arrays["word"], np.uint16).astype(np.int32),
        cost=np.ascontiguousarray(cost[:count]),
        final=final,
        lexicon=WordLexicon.unpack(arrays["lexicon_words"].astype(np.uint8), arrays["lexicon_phones"].astype(np.uint8)),
    )


def _planes(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(values.view(np.uint8).reshape(len(values), values.itemsize).T)


def _joined(planes: NDArray[np.generic], kind: type[np.generic]) -> NDArray[np.generic]:
    return np.ascontiguousarray(planes.T).view(kind).reshape(-1)
