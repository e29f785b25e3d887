"""Train the letter-to-sound model: ``python -m engine.spelling.train --lexicon cmudict.dict.xz --out FOLDER``."""

from __future__ import annotations

import argparse
import logging
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from engine.phones import Lexicon, read_lexicon
from engine.spelling.alignment import Entries, align
from engine.spelling.estimation import count, estimate, prune
from engine.spelling.graphones import Graphones
from engine.spelling.joint import JointModel
from engine.spelling.speller import Speller
from engine.spelling.store import load_model, save_model

ORDER = 8
THRESHOLD = 3e-8  # nats a symbol
RARE = 2  # a graphone seen less often is a slip or a foreign name; its entries are left out
_SPELT = re.compile("[a-z']+")
log = logging.getLogger("engine.spelling.train")


@dataclass(frozen=True, slots=True)
class SpellingErrors:
    """Wrong words and wrong phones of a lexicon, which add up; of several variants the nearest counts."""

    words: int = 0
    wrong: int = 0
    phones: int = 0
    errors: int = 0

    def __add__(self, other: SpellingErrors) -> SpellingErrors:
        return SpellingErrors(
            self.words + other.words, self.wrong + other.wrong, self.phones + other.phones, self.errors + other.errors
        )

    def __str__(self) -> str:
        if not self.words:
            return "no words"
        rates = f"{self.wrong / self.words:.2%} of words wrong, {self.errors / self.phones:.2%} of phones"
        return f"{self.words} words: {rates}"


def train(lexicon: Lexicon, order: int = ORDER, threshold: float = THRESHOLD) -> tuple[JointModel, Graphones]:
    """Make a model of a lexicon.

    Args:
        order: longest n-gram of graphones.
        threshold: an n-gram that is worth less (nats a symbol) is dropped.

    Raises:
        ValueError: no word of the lexicon can be aligned with its pronunciation.
    """
    pairs = [
        (word, one) for word, variants in lexicon.items() if _SPELT.fullmatch(word) for one in dict.fromkeys(variants)
    ]
    aligned = [codes for codes in align(Entries.of(pairs)) if len(codes)] if pairs else []
    seen = Counter(code for codes in aligned for code in codes.tolist())
    graphones = Graphones.of(code for code, times in seen.items() if times >= RARE)
    words = [graphones.symbols(codes) for codes in aligned if np.isin(codes, graphones.codes).all()]
    if not words:
        raise ValueError("the lexicon holds no word in a to z whose pronunciation fits its letters; check its format")
    log.info("%d of %d pronunciations aligned, %d graphones", len(words), len(pairs), len(graphones) - 2)
    trie, times_seen = count(words, len(graphones), order)
    model = prune(estimate(trie, times_seen), times_seen, threshold)
    log.info("%d n-grams, of %d", len(model.log_prob), len(trie.parent))
    return model, graphones


def measure(speller: Speller, truth: Lexicon) -> SpellingErrors:
    """Count the errors of a speller's first choice on a lexicon."""
    total = SpellingErrors()
    for word, variants in truth.items():
        said = speller.spell(word)[0].phones
        errors, length = min((Levenshtein.distance(said, one), len(one)) for one in variants)
        total += SpellingErrors(1, int(errors > 0), length, errors)
    return total


def divide(lexicon: Lexicon, share: float, rng: np.random.Generator) -> tuple[Lexicon, Lexicon]:
    """Divide the words of a lexicon at random into those to learn from and a share to hold out."""
    words = [word for word in lexicon if _SPELT.fullmatch(word)]
    out = {words[place] for place in rng.permutation(len(words))[: round(share * len(words))]}
    kept: Mapping[str, tuple[tuple[int, ...], ...]] = {word: said for word, said in lexicon.items() if word not in out}
    return kept, {word: lexicon[word] for word in sorted(out)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, measured on held-out words first if asked, and write ``letters.npz.xz``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lexicon", type=Path, required=True, help="a pronouncing dictionary in the format of CMUdict")
    parser.add_argument("--out", type=Path, required=True, help="folder for letters.npz.xz")
    parser.add_argument("--order", type=int, default=ORDER)
    parser.add_argument("--prune", type=float, default=THRESHOLD, metavar="NATS")
    parser.add_argument("--hold-out", type=float, default=0.0, metavar="SHARE", help="only measure: train on the rest")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    lexicon: Lexicon = read_lexicon(chosen.lexicon)
    held: Lexicon = {}
    if chosen.hold_out:
        lexicon, held = divide(lexicon, chosen.hold_out, np.random.default_rng(chosen.seed))
    chosen.out.mkdir(parents=True, exist_ok=True)
    path = chosen.out / "letters.npz.xz"
    save_model(*train(lexicon, chosen.order, chosen.prune), path)
    log.info("%s: %d bytes", path, path.stat().st_size)
    if held:
        begun = time.process_time()
        log.info("held out: %s", measure(Speller(*load_model(path)), held))
        log.info("%.0f words a CPU second", len(held) / (time.process_time() - begun))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
