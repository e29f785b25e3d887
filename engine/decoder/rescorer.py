"""The seam for a second pass: what may change the scores of a lattice before its words become final."""

from __future__ import annotations

from typing import Protocol

from engine.decoder.lattice import WordLattice


class Rescorer(Protocol):
    """A second language model."""

    @property
    def digest(self) -> str:
        """Of all that decides how it scores."""
        ...

    @property
    def context(self) -> int:
        """Words of history that it reads."""
        ...

    def rescore(self, lattice: WordLattice, history: tuple[int, ...], *, ended: bool = False) -> WordLattice:
        """The same words with other scores; paths may be split where the model tells them apart.

        Args:
            history: numbers of the words that became final last, oldest first; fewer than ``context`` only where the
                stream has no more.
            ended: the stream ends with it.
        """
        ...
