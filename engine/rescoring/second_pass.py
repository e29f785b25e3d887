"""A lattice scored again: the larger models' opinion of every path in place of the first model's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.decoder.lattice import WordLattice
from engine.errors import ModelError
from engine.ngram.compact import TrieArrays, load_compact
from engine.ngram.query import word_scores
from engine.ngram.vocabulary import BEGIN, END, MARKS, UNKNOWN
from engine.rescoring.expansion import ArcArrays, Expansion, expand
from engine.rescoring.neural import NeuralModel, load_neural
from engine.rescoring.options import RescoringOptions, files_digest, model_files, second_digest
from engine.rescoring.pruning import within

I32 = NDArray[np.int32]
F32 = NDArray[np.float32]
SHIFT = len(MARKS) - 1  # from numbers of a lexicon (1 is its first word) to those of its vocabulary


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

    @property
    def context(self) -> int:
        """Words of history that the second pass reads."""
        return self._width

    def rescore(self, lattice: WordLattice, history: tuple[int, ...], *, ended: bool = False) -> WordLattice:
        """Give a lattice whose grammar scores are the second pass's; acoustic scores and words stay.

        Args:
            lattice: of the first search.
            history: words of the lexicon that were final before it, the last ``context`` at least, oldest first.
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
