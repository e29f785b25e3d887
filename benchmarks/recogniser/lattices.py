"""How good a lattice could be: the fewest word errors of any of its paths, and how many arcs that takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.recogniser.recordings import NORMALISER
from engine.decoder.lattice import WordLattice


def oracle_errors(lattice: WordLattice, words: Sequence[str], reference: Sequence[str]) -> int:
    """The fewest edits between a reference and any path from the start to an end.

    Args:
        lattice: of one recording.
        words: of the lexicon, by number; number 0 is none.
        reference: normalised words.
    """
    numbered: dict[str, int] = {}
    said = np.array([numbered.setdefault(word, len(numbered)) for word in reference], np.int64)
    places = np.arange(len(said) + 1)
    reached = np.full((len(lattice.frames), len(places)), np.iinfo(np.int32).max // 2, np.int64)
    reached[0] = places
    for arc in np.argsort(lattice.source, kind="stable").tolist():
        source, target = int(lattice.source[arc]), int(lattice.target[arc])
        costs = reached[source]
        for word in NORMALISER.split(words[lattice.word[arc]]):
            costs = _after(costs, numbered.get(word, -1), said, places)
        np.minimum(reached[target], costs, out=reached[target])
    return int(reached[np.isfinite(lattice.final), -1].min())


def _after(costs: np.ndarray, word: int, said: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Costs of having reached each place of the reference, one more word on."""
    found = costs + 1  # inserted
    found[1:] = np.minimum(found[1:], costs[:-1] + (said != word))  # equal, or taken for another
    return np.minimum.accumulate(found - places) + places  # the words between are deleted


def spoken_arcs(lattice: WordLattice) -> int:
    """Arcs with a word."""
    return int(np.count_nonzero(lattice.word))
