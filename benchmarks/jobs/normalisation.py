"""English normalisation, uncached: running text, calls with prices and dates, and nothing but numbers."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np

from benchmarks.race import Row, race
from harness.measures.normalisation.english import pack
from harness.measures.normalisation.packs import PACKS

UTTERANCES, WORDS = 2_000, 22
_LETTERS = "etaoinshrdlu"
_COMMON = (
    "the of and to a in that it is was i for on you he be with as by at have are this not but had his they from she"
    " which or we an there her were one do been all their has would will what if can when so no them my said who up"
)
_SHORT_FORMS = "it's|don't|we're|I'll|Mr.|U.S.|e-mail|colour|uh|CFO|follow-up|okay|that's|R&D|organisation"
_NUMBERS = "$5.2 million|25%|twenty twenty|May 5, 2020|10:30 AM|three point five|the 21st|two hundred and five|1,250"


def texts(kind: str, rng: np.random.Generator) -> list[str]:
    """Utterances with words as frequent as Zipf's law has them, and so many short forms and numbers."""
    short, numbers = {"running text": (0.01, 0.002), "calls": (0.06, 0.02), "numbers": (0.0, 1.0)}[kind]
    letters = np.array(list(_LETTERS))
    rare = ["".join(rng.choice(letters, rng.integers(3, 10))).capitalize() for _ in range(8_000)]
    vocabulary = _COMMON.split() + rare
    weights = 1 / np.arange(1, len(vocabulary) + 1)
    words = rng.choice(vocabulary, (UTTERANCES, WORDS), p=weights / weights.sum()).astype(object)
    dice = rng.random(words.shape)
    words[dice < short + numbers] = rng.choice(_SHORT_FORMS.split("|"), words.shape)[dice < short + numbers]
    words[dice < numbers] = rng.choice(_NUMBERS.split("|"), words.shape)[dice < numbers]
    return [", ".join((" ".join(row[:11]), " ".join(row[11:]))) + "." for row in words]


def rows() -> list[Row]:
    """Time ours beside the Whisper normaliser on three kinds of text, with and without what it remembers."""
    found: list[Row] = []
    for kind in ("running text", "calls", "numbers"):
        utterances = texts(kind, np.random.default_rng(1))
        for text in utterances:
            once = PACKS["english-1"].split(text)
            if PACKS["english-1"].split(" ".join(once)) != once:
                raise AssertionError(f"not idempotent: {text}")
        contestants: dict[str, Callable[[], object] | None] = {
            "understudy english-1, nothing remembered": lambda u=utterances: _english(u, pack.forget),
            "understudy english-1, words met before": lambda u=utterances: _english(u, pack.forget_texts),
            "understudy english-1, texts met before": lambda u=utterances: _english(u, lambda: None),
            "understudy basic": lambda u=utterances: [PACKS["basic"].split(text) for text in u],
            "Whisper's English normaliser": _whisper(utterances),
        }
        job = f"normalise {UTTERANCES:,} utterances x {WORDS} words, {kind}"
        notes = {"Whisper's English normaliser": "whisper-normalizer; not installed"} if _missing() else {}
        found += race(job, contestants, rounds=3, notes=notes)
    return found


def _english(utterances: list[str], forget: Callable[[], None]) -> list[tuple[str, ...]]:
    forget()
    return [PACKS["english-1"].split(text) for text in utterances]


def _missing() -> bool:
    return importlib.util.find_spec("whisper_normalizer") is None


def _whisper(utterances: list[str]) -> Callable[[], object] | None:
    if _missing():
        return None
    from whisper_normalizer.english import EnglishTextNormalizer

    normalise = EnglishTextNormalizer()
    return lambda: [normalise(text) for text in utterances]
