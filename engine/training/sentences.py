"""Sentences for synthesised speech: a sample of books, and everyday requests full of numbers and names."""

from __future__ import annotations

import lzma
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from engine.phones import Lexicon, first_pronunciation

_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_LETTERS = list("bcdefghijklmnopqrstuvxyz")


def small_number(rng: np.random.Generator) -> str:
    """Spell a number from 1 to 99."""
    value = int(rng.integers(1, 100))
    if value < 10:
        return _ONES[value]
    if value < 20:
        return _TEENS[value - 10]
    ten = _TENS[value // 10 - 2]
    return f"{ten} {_ONES[value % 10]}" if value % 10 else ten


@dataclass(frozen=True, slots=True)
class Everyday:
    """Patterns such as ``call {name} at {digits}`` and the words that fill them."""

    patterns: tuple[str, ...]
    words: dict[str, tuple[str, ...]]

    def draw(self, rng: np.random.Generator) -> str:
        """Make one sentence."""
        pattern = self.patterns[int(rng.integers(len(self.patterns)))]
        return re.sub(r"{(\w+)}", lambda slot: self._fill(slot[1], rng), pattern)

    def _fill(self, slot: str, rng: np.random.Generator) -> str:
        if slot in self.words:
            return self.words[slot][int(rng.integers(len(self.words[slot])))]
        if slot == "small":
            return small_number(rng)
        if slot == "big":
            return f"{rng.choice(_ONES[1:])} {rng.choice(['hundred', 'thousand'])} and {small_number(rng)}"
        if slot == "hour":
            return str(rng.choice([*_ONES[1:], *_TEENS[:3]]))
        if slot == "letters":
            return " ".join(rng.choice(_LETTERS, int(rng.integers(2, 4))))
        if slot == "digits":
            return " ".join(rng.choice(_ONES, int(rng.integers(3, 8))))
        raise ValueError(f"{{{slot}}} in a pattern has no words; add it to everyday.toml")


def read_everyday() -> Everyday:
    """Read the patterns that come with this package."""
    table = tomllib.loads(files("engine.training").joinpath("everyday.toml").read_text(encoding="utf-8"))
    words = {slot: tuple(listed.split()) for slot, listed in table["words"].items()}
    return Everyday(tuple(table["sentences"]["patterns"]), words)


def book_sentences(
    path: Path, lexicon: Lexicon, count: int, rng: np.random.Generator, *, scan: int = 400_000
) -> list[str]:
    """Draw sentences of 3 to 14 words that the lexicon can spell from the first lines of a book text."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        texts = [line.strip().lower() for _, line in zip(range(scan), lines, strict=False)]
    drawn: list[str] = []
    for index in rng.permutation(len(texts)):
        words = texts[index].split()
        if 3 <= len(words) <= 14 and first_pronunciation(texts[index], lexicon):
            drawn.append(texts[index])
            if len(drawn) == count:
                break
    return drawn
