"""Writing a model in the ARPA format (base-10 logarithms)."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from engine.ngram.model import BackoffModel

_TEN = math.log(10.0)


def write_arpa(model: BackoffModel, path: Path, *, unknown: bool = True) -> None:
    """Write a model.

    Args:
        path: the file to make.
        unknown: list n-grams with the unknown word; a search graph wants none of them.
    """
    words = model.vocabulary.words
    sections: list[list[str]] = []
    for number, level in enumerate(model.orders, 1):
        shifts = [np.uint64(16 * place) for place in range(number - 1, -1, -1)]
        columns = [((level.keys >> shift) & np.uint64(0xFFFF)).tolist() for shift in shifts]
        scores, weights = (level.log_prob / _TEN).tolist(), (level.backoff / _TEN).tolist()
        lines: list[str] = []
        for score, weight, *numbers in zip(scores, weights, *columns, strict=True):
            if not unknown and 0 in numbers:
                continue
            tail = "" if number == len(model.orders) else f"\t{weight:.5f}"
            lines.append(f"{score:.5f}\t{' '.join(words[n] for n in numbers)}{tail}")
        sections.append(lines)
    with path.open("w", encoding="utf-8") as out:
        out.write("\\data\\\n")
        out.writelines(f"ngram {number}={len(lines)}\n" for number, lines in enumerate(sections, 1))
        for number, lines in enumerate(sections, 1):
            out.write(f"\n\\{number}-grams:\n")
            out.writelines(f"{line}\n" for line in lines)
        out.write("\n\\end\\\n")
