"""A small lexicon, and a body that hears phones exactly as asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.acoustic.body import LogProbs
from engine.phones import TOKENS, token_ids
from engine.training.pseudo.label import Heard

SPELT = {
    "a": "AH", "an": "AE N", "and": "AH N D", "cat": "K AE T", "dog": "D AO G", "sat": "S AE T", "on": "AA N",
    "the": "DH AH", "mat": "M AE T", "with": "W IH DH", "milk": "M IH L K", "sugar": "SH UH G ER", "want": "W AA N T",
    "give": "G IH V", "me": "M IY", "i": "AY", "coffee": "K AA F IY", "mocha": "M OW K AH", "small": "S M AO L",
    "large": "L AA R JH", "house": "HH AW S", "tree": "T R IY", "river": "R IH V ER", "stone": "S T OW N",
    "bird": "B ER D", "window": "W IH N D OW", "yellow": "Y EH L OW", "morning": "M AO R N IH NG",
}  # fmt: skip


@pytest.fixture(scope="session")
def lexicon() -> dict[str, tuple[tuple[int, ...], ...]]:
    return {word: (token_ids(phones),) for word, phones in SPELT.items()}


def sound(phones: Sequence[int], *, sure: float = 0.9, gap: int = 2) -> LogProbs:
    """Log-probs in which each phone has a frame, with blanks between."""
    frames = [0] * 3
    for phone in phones:
        frames += [int(phone), *[0] * gap]
    rest = (1 - sure) / (len(TOKENS) - 1)
    probs = np.full((len(frames), len(TOKENS)), rest, np.float32)
    probs[np.arange(len(frames)), frames] = sure
    return np.log(probs)


@pytest.fixture(scope="session")
def hear(lexicon: dict[str, tuple[tuple[int, ...], ...]]) -> Callable[..., Heard]:
    def heard(words: str, **entry: object) -> Heard:
        phones = [phone for word in words.split() for phone in lexicon[word][0]]
        log_probs = sound(phones)
        return Heard({"id": "one", **entry}, Path("one.flac"), 0, len(log_probs) * 640, log_probs)

    return heard
