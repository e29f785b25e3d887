"""A lattice scored again: the larger models' opinion of every path in place of the first model's."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.decoder.lattice import WordLattice
from engine.errors import ModelError
from engine.graph.store import file_digest
from engine.ngram.compact import TrieArrays, load_compact
from engine.ngram.query import word_scores
from engine.ngram.vocabulary import BEGIN, END, MARKS, UNKNOWN
from engine.rescoring.expansion import ArcArrays, Expansion, expand
from engine.rescoring.neural import NeuralModel, load_neural
from engine.rescoring.pruning import within

I32 = NDArray[np.int32]
F32 = NDArray[np.float32]
SHIFT = len(MARKS) - 1  # from numbers of a lexicon (1 is its first word) to those of its vocabulary


@dataclass(frozen=True, slots=True)
class RescoringOptions:
    """How a second pass is run.

    Attributes:
        weight: of the difference between the models, 1 replaces the first by the second.
        neural_share: of the neural model in the second's probabilities; 0 leaves it out.
        most: histories a node of the lattice may keep apart.
        beam: nats by which a path may be worse than the best and stay.
    """

    weight: float = 1.0
    neural_share: float = 0.4
    most: int = 12
    beam: float = 8.0

    @classmethod
    def from_table(cls, table: Mapping[str, Any], where: str) -> RescoringOptions:
        """Read a TOML table; what it leaves out keeps its default.

        Raises:
            ModelError: a key is unknown, or a value is no number or out of range.
        """
        known = [field.name for field in fields(cls)]
        for key, value in table.items():
            if key not in known:
                raise ModelError(where, f"unknown rescoring setting {key!r}; known: {', '.join(known)}")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ModelError(where, f"rescoring setting {key!r} must be a number, got {value!r}")
        options = cls(**table)
        if (
            not 0 <= options.neural_share < 1
            or options.beam <= 0
            or options.most < 1
            or options.most != int(options.most)
        ):
            raise ModelError(where, "rescoring needs 0 <= neural_share < 1, beam above 0, most a whole number above 0")
        return options


def read_rescoring(folder: Path) -> RescoringOptions | None:
    """Read the [rescoring] table of a folder's model.toml; None if it has none, and so no second pass.

    Raises:
        ModelError: a setting is unknown or out of range.
    """
    path = folder / "model.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return RescoringOptions.from_table(table["rescoring"], str(path)) if "rescoring" in table else None


def model_files(folder: Path, options: RescoringOptions) -> list[Path]:
    """List the files of a second pass: two n-gram models, and a neural one if it is there and has a share."""
    paths = [folder / "lm-3gram.npz", folder / "lm-4gram.npz"]
    neural = folder / "lm-neural.npz"
    return [*paths, neural] if options.neural_share and neural.exists() else paths


def files_digest(paths: Sequence[Path]) -> str:
    """Give one digest of several files."""
    return " ".join(map(file_digest, paths))


def second_digest(files: str, options: RescoringOptions) -> str:
    """sha256 over all that decides what a second pass says."""
    return hashlib.sha256(f"{files} {astuple(options)!r}".encode()).hexdigest()


class SecondPass:
    """Two n-gram models, and perhaps a neural one, over the words of one lexicon; shared by all streams."""

    def __init__(
        self,
        first: TrieArrays,
        second: TrieArrays,
        neural: NeuralModel | None = None,
        options: RescoringOptions | None = None,
        digest: str = "",
    ) -> None:
        """Hold models ready.

        Args:
            first: the model that the search graph was made of.
            second: the model to believe instead.
            digest: of the models' files.
        """
        self._first, self._second, self._neural = first, second, neural
        self._options = options or RescoringOptions()
        self.digest = second_digest(digest, self._options)
        self._words = int(first.first[0])  # size of the vocabulary
        self._width = max(second.longest - 1, neural.context if neural else 0)

    @classmethod
    def load(cls, folder: Path, options: RescoringOptions | None = None) -> SecondPass:
        """Load lm-3gram.npz, lm-4gram.npz and, if it is there and has a share, lm-neural.npz of a folder.

        Raises:
            ModelError: a file is missing or damaged, or the models do not share a vocabulary.
        """
        chosen = options or RescoringOptions()
        paths = model_files(folder, chosen)
        first, second = (load_compact(path).unpacked() for path in paths[:2])
        neural = load_neural(paths[2]) if len(paths) > 2 else None
        sizes = {int(first.first[0]), int(second.first[0])} | ({len(neural.bias)} if neural else set())
        if len(sizes) != 1:
            raise ModelError(str(folder), f"language models of {sorted(sizes)} words side by side; build them together")
        return cls(first, second, neural, chosen, files_digest(paths))

    def rescore(self, lattice: WordLattice, history: tuple[int, ...], *, ended: bool = False) -> WordLattice:
        """Give a lattice whose grammar scores are the second pass's; acoustic scores and words stay.

        Args:
            lattice: of the first search.
            history: words of the lexicon that were final before it, oldest first.
            ended: the stream ends with it, so the end of the sentence is scored again too.
        """
        if not len(lattice.source):
            return lattice
        by_source = np.argsort(lattice.source, kind="stable")
        before, used = self._before(history)
        arcs = ArcArrays(
            np.searchsorted(lattice.source[by_source], np.arange(len(lattice.frames) + 1)).astype(np.int32),
            lattice.target[by_source],
            self._numbers(lattice.word[by_source]),
            lattice.scores[by_source],
        )
        keep = self._neural.context if self._neural is not None and self._options.neural_share else 0
        found = expand(arcs, self._first, self._second, before, used, self._options.most, keep)
        return self._rebuilt(lattice, by_source[found.arc], found, arcs.word[found.arc], ended=ended)

    def _before(self, history: tuple[int, ...]) -> tuple[I32, int]:
        """The last words before a lattice, a begin mark in front of the first."""
        last = self._numbers(np.array(history[-self._width :], np.int32))
        known = np.concatenate([[BEGIN], last])[-self._width :] if len(history) < self._width else last
        padded = np.zeros(self._width, np.int32)
        padded[self._width - len(known) :] = known
        return padded, len(known)

    def _numbers(self, words: I32) -> I32:
        """Lexicon numbers as vocabulary numbers: -1 for none, unknown for words that no model has."""
        numbers = np.where(words > 0, words + SHIFT, -1)
        return np.where(numbers < self._words, numbers, UNKNOWN).astype(np.int32)

    def _rebuilt(
        self, lattice: WordLattice, arc: NDArray[np.intp], found: Expansion, words: I32, *, ended: bool
    ) -> WordLattice:
        source_history, source_used = found.history[found.source], found.used[found.source]
        spoken = words > UNKNOWN  # a word of a session's own dictionary keeps its score
        second = np.where(spoken, self._mixed(found.new, source_history, source_used, words), 0.0)
        change = self._options.weight * (second - np.where(spoken, found.old, 0.0))
        alive, final = found.node >= 0, self._finals(lattice, found, ended=ended)
        order = np.lexsort((np.arange(len(found.node)), np.where(alive, found.node, len(lattice.frames))))
        number = np.argsort(order)
        widened = WordLattice(
            frames=np.where(alive, lattice.frames[found.node], 0)[order].astype(np.int32),
            source=number[found.source].astype(np.int32),
            target=number[found.target].astype(np.int32),
            word=lattice.word[arc],
            acoustic=lattice.acoustic[arc],
            grammar=(lattice.grammar[arc] + change).astype(np.float32),
            final=final[order],
        )
        return within(widened, self._options.beam)

    def _finals(self, lattice: WordLattice, found: Expansion, *, ended: bool) -> F32:
        """Score of ending in each state."""
        alive = found.node >= 0
        final = np.full(len(found.node), -np.inf, np.float32)
        final[alive] = lattice.final[found.node[alive]]
        if ended:
            ends = np.flatnonzero(np.isfinite(final))
            final[ends] += self._ending(found.history[ends], found.used[ends])
        return final

    def _ending(self, histories: I32, used: I32) -> F32:
        """What the end of the sentence gains after each history."""
        ends = np.full(len(histories), END, np.int32)
        new = word_scores(self._second, histories, np.minimum(used, self._second.longest - 1), ends)
        old = word_scores(self._first, histories, np.minimum(used, self._first.longest - 1), ends)
        change: F32 = np.float32(self._options.weight) * (self._mixed(new, histories, used, ends) - old)
        return change

    def _mixed(self, new: F32, histories: I32, used: I32, words: I32) -> F32:
        """Log probabilities of words by the n-grams and the neural model together."""
        share = self._options.neural_share
        if self._neural is None or share == 0:
            return new
        learned = self._neural.log_probs(histories, used, words)
        mixed: F32 = np.logaddexp(new + np.log1p(-share), learned + np.log(share)).astype(np.float32)
        return mixed
