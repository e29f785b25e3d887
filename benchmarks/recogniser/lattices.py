"""How good a lattice could be: the fewest word errors of any of its paths, and how many arcs that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from benchmarks.recogniser.arms import Arm
from benchmarks.recogniser.bench import Bench
from benchmarks.recogniser.deciding import Heard
from benchmarks.recogniser.findings import Findings
from benchmarks.recogniser.listening import log_probs_of
from benchmarks.recogniser.recordings import NORMALISER
from engine.acoustic.body import LogProbs
from engine.decoder.lattice import WordLattice
from engine.decoder.search import Decoder

_LONGEST = 750  # frames; of longer recordings words become final on the way


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
    closed: np.ndarray = np.minimum.accumulate(found - places) + places  # the words between are deleted
    return closed


def spoken_arcs(lattice: WordLattice) -> int:
    """Arcs with a word."""
    return int(np.count_nonzero(lattice.word))


def best_possible(bench: Bench, sets: Sequence[str] = ("test", "dev")) -> Findings:
    """Word errors of the best path of every arm's lattices, whole recordings, beside what the arm says."""
    rows: list[tuple[str, ...]] = []
    for arm in bench.arms:
        found: dict[str, Possible] = {}
        for name in sets:
            for stratum, one in _by_stratum(bench, arm, name).items():
                found[stratum] = found.get(stratum, Possible()) + one
        rows += [(arm.name, stratum, *one.cells()) for stratum, one in found.items()]
    return Findings(
        "lattices",
        "Lattices: the best path of all",
        ("arm", "set", "words", "WER %", "oracle WER %", "word arcs a spoken word", "arcs a frame", "left out"),
        tuple(rows),
        ("Lattices of whole recordings. Left out are recordings so long that their first words became final on the way,"
         " and all where the arm keeps no lattice (lattice_beam).",),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Possible:
    """Counts of lattices, which add up."""

    words: int = 0
    errors: int = 0
    least: int = 0
    spoken: int = 0  # arcs with a word
    arcs: int = 0
    frames: int = 0
    left_out: int = 0  # recordings

    def __add__(self, other: Possible) -> Possible:
        return Possible(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))

    def cells(self) -> tuple[str, ...]:
        """As cells of a table."""
        rates = (f"{100 * one / self.words:.1f}" if self.words else "undefined" for one in (self.errors, self.least))
        spoken = f"{self.spoken / self.words:.1f}" if self.words else "undefined"
        return (str(self.words), *rates, spoken, f"{self.arcs / max(self.frames, 1):.1f}", str(self.left_out))


def _by_stratum(bench: Bench, arm: Arm, name: str) -> dict[str, Possible]:
    found: dict[str, Possible] = {}
    with arm.recogniser() as recogniser:
        heard = bench.heard(arm, name)
        log_probs = log_probs_of(recogniser.body, bench.recordings(name), arm.chunk_ms, bench.cache)
        for one, rows in zip(heard, log_probs, strict=True):
            stratum = f"{name} {one.recording.stratum}"
            found[stratum] = found.get(stratum, Possible()) + _possible(recogniser.decoder, one, rows)
    return found


def _possible(decoder: Decoder, heard: Heard, log_probs: LogProbs) -> Possible:
    if len(log_probs) > _LONGEST:
        return Possible(left_out=1)
    stream = decoder.begin()
    stream.step(log_probs)
    lattice = stream.lattice(ending=True)
    if lattice is None:
        return Possible(left_out=1)
    reference = heard.recording.words
    least = oracle_errors(lattice, decoder.lexicon.words, reference)
    spoken, arcs = spoken_arcs(lattice), len(lattice.word)
    return Possible(len(reference), heard.errors.errors, least, spoken, arcs, len(log_probs))
