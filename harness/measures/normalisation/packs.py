"""Text normalisation as versioned rule packs, each with an id and the hash of its rules.

Both sides of every score pass through the same pack. Every pack is idempotent, looks at one side only, and leaves
combining marks on their letters (many scripts write vowels with them; a pack that strips or splits at marks lowers word
error rates artificially, see docs/measures.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from harness.measures.normalisation.english import pack as english
from harness.measures.normalisation.english.stages import stages
from harness.measures.normalisation.folding import RULES, basic


@dataclass(frozen=True, slots=True)
class Normaliser:
    """A rule pack: text in, words out."""

    id: str  # name and version, e.g. "english-1"
    rules: str  # the rules as text: what the hash is taken over
    split: Callable[[str], tuple[str, ...]]
    placed: Callable[[Sequence[str]], tuple[tuple[str, int], ...]] | None = None  # where rules look across words
    stages: Callable[[str], Iterator[tuple[str, tuple[str, ...]]]] | None = None  # the words after each group of rules

    @property
    def hash(self) -> str:
        """First 8 hexadecimal digits of the SHA-256 of the rules."""
        return hashlib.sha256(self.rules.encode()).hexdigest()[:8]

    @property
    def signature(self) -> str:
        return f"{self.id}#{self.hash}"

    def split_words(self, words: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """The normalised words of a sequence of words, each with the position of the first word that it came from.

        Args:
            words: as a recogniser wrote them; the normalised words are those of all of them joined by spaces.
        """
        if self.placed is not None:
            return self.placed(words)
        return tuple((word, place) for place, text in enumerate(words) for word in self.split(text))


PACKS: Mapping[str, Normaliser] = MappingProxyType(
    {
        "none": Normaliser("none-1", "split at white space", lambda text: tuple(text.split())),
        "basic": Normaliser("basic-1", RULES, basic),
        "english-1": Normaliser(
            "english-1", RULES + english.rules_as_text(), english.split, english.split_words, stages
        ),
    }
)


def normaliser(name: str) -> Normaliser:
    """The pack called ``name``, by short name or full id.

    Raises:
        KeyError: there is none of that name; the message lists those there are.
    """
    for key, pack in PACKS.items():
        if name in (key, pack.id):
            return pack
    raise KeyError(f"no normaliser {name!r}; there are: {', '.join(PACKS)}")
