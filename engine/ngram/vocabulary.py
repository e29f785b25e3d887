"""Words as numbers: three reserved marks, then the words a model knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

UNKNOWN, BEGIN, END = 0, 1, 2  # numbers of the marks
MARKS = ("<unk>", "<s>", "</s>")
LIMIT = 1 << 16  # an n-gram packs into 64 bits, 16 a word


@dataclass(frozen=True)
class Vocabulary:
    """The marks and the words, in order."""

    words: tuple[str, ...]  # the marks first
    numbers: dict[str, int] = field(repr=False)

    @classmethod
    def of(cls, words: Sequence[str]) -> Vocabulary:
        """Number distinct words after the marks.

        Raises:
            ValueError: a word stands twice, or there are more than 65,533.
        """
        everything = (*MARKS, *words)
        numbers = {word: number for number, word in enumerate(everything)}
        if len(numbers) != len(everything):
            raise ValueError("a vocabulary holds every word once; drop the duplicates")
        if len(everything) > LIMIT:
            raise ValueError(f"a vocabulary holds at most {LIMIT - len(MARKS)} words, got {len(words)}")
        return cls(everything, numbers)

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, sentences: Iterable[Sequence[str]]) -> NDArray[np.uint16]:
        """Concatenate sentences, each between its begin and end mark; words it lacks become unknown."""
        numbers: list[int] = []
        find = self.numbers.get
        for sentence in sentences:
            numbers.append(BEGIN)
            numbers.extend(find(word, UNKNOWN) for word in sentence)
            numbers.append(END)
        return np.array(numbers, dtype=np.uint16)
