"""The speller: from a written word to its likely pronunciations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.lexicon import possessive
from engine.phones import Lexicon, read_lexicon
from engine.spelling.graphemes import plain_letters
from engine.spelling.graphones import END, Graphones, encode_letters
from engine.spelling.joint import JointModel
from engine.spelling.search import lay_out, search, ways_back
from engine.spelling.store import load_model
from engine.spelling.written import readings

FOLDER = Path(__file__).parent.parent / "models" / "english"
BEAM, LIMIT = 8.0, 32  # wider ones are slower and no better
_FIRST_READING = 0.9  # what the likeliest reading of a written form has; the others share the rest

Phones = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """One way to say a word."""

    phones: Phones  # token numbers of ``engine.phones``
    probability: float  # 0..1, given the letters


class Speller:
    """Says words: those it is given a pronunciation of, numbers, letters, and by the joint-sequence model any other."""

    def __init__(self, model: JointModel, graphones: Graphones, known: Lexicon | None = None) -> None:
        """Hold a model ready.

        Args:
            known: pronunciations that come before the model's.
        """
        self._known = known or {}
        self._network = lay_out(model, graphones)
        self._sounds = [graphones.phones([symbol]) if symbol > END else () for symbol in range(len(graphones))]

    @classmethod
    def load(cls, folder: Path = FOLDER, known: Lexicon | None = None) -> Speller:
        """Load ``letters.npz.xz`` and ``letters.dict`` of a folder.

        Args:
            known: pronunciations that come before those of the folder and the model.

        Raises:
            ModelError: the model is missing or damaged.
        """
        model, graphones = load_model(folder / "letters.npz.xz")
        return cls(model, graphones, {**read_lexicon(folder / "letters.dict"), **(known or {})})

    def spell(self, word: str, n: int = 1) -> tuple[Pronunciation, ...]:
        """Give up to n pronunciations of a word or phrase, the likeliest first.

        Args:
            word: as it is written; hyphens, digits, accents and abbreviations such as a.m. or BBC are understood.

        Raises:
            ValueError: nothing in it can be said, or it holds a sign of another script.
        """
        listed = self._known.get(plain_letters(word).strip())
        if listed:
            return tuple(Pronunciation(phones, 1.0 / len(listed)) for phones in listed[:n])
        ways = readings(word)
        total: dict[Phones, float] = {}
        for place, way in enumerate(ways):
            share = 1.0 if len(ways) == 1 else (1.0 - _FIRST_READING) / (len(ways) - 1) if place else _FIRST_READING
            for phones, probability in self._phrase(way, n).items():
                total[phones] = total.get(phones, 0.0) + share * probability
        if not total:
            raise ValueError(f"{word!r} has no sound; write it as it is said")
        return tuple(Pronunciation(phones, total[phones]) for phones in _likeliest(total, n))

    def say(self, word: str) -> Phones | None:
        """The phones of the likeliest pronunciation; None for what cannot be said."""
        try:
            return self.spell(word)[0].phones
        except ValueError:
            return None

    def _phrase(self, words: Iterable[str], n: int) -> dict[Phones, float]:
        total: dict[Phones, float] = {(): 1.0}
        for word in words:
            joined: dict[Phones, float] = {}
            for more, chance in self._word(word, n).items():
                for phones, probability in total.items():
                    joined[phones + more] = joined.get(phones + more, 0.0) + probability * chance
            total = {phones: joined[phones] for phones in _likeliest(joined, n)}
        return {phones: probability for phones, probability in total.items() if phones}

    def _word(self, word: str, n: int) -> dict[Phones, float]:
        listed = self._known.get(word)
        owner = word.removesuffix("'s")
        if not listed and owner != word and owner in self._known:
            listed = tuple(possessive(one) for one in self._known[owner])
        if listed:
            return {phones: 1.0 / len(listed) for phones in listed[:n]}
        found = search(self._network, encode_letters(word.replace(".", "")), BEAM, LIMIT)
        chances = np.exp(found.score - found.score[0])
        chances /= chances.sum()
        said = [self._say(symbols) for symbols in ways_back(found, n)]
        return dict(zip(said, chances.tolist(), strict=False))

    def _say(self, symbols: Iterable[int]) -> Phones:
        return tuple(phone for symbol in symbols for phone in self._sounds[symbol])


def _likeliest(total: Mapping[Phones, float], n: int) -> list[Phones]:
    return sorted(total, key=lambda phones: (-total[phones], phones))[:n]
