"""Aligning letters with phones by expectation maximisation, so that a dictionary becomes graphone sequences.

Source: Bisani and Ney, "Joint-sequence models for grapheme-to-phoneme conversion" (Speech Communication 50, 2008),
section 3, with unigrams. A graphone is one letter and none, one or two phones: measured against two letters to one or
two phones as well, these few units made the fewest errors and by far the smallest model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.spelling.graphones import ALPHABET, PHONE_BASE, SOUNDS, Numbers, encode_letters
from kernels.compiled import compiled, inner

Table = NDArray[np.float64]  # (letters + 1, SOUNDS) probability of each graphone
MOST = 2  # phones of a letter


@dataclass(frozen=True)
class Entries:
    """Words and pronunciations as numbers, end to end."""

    letters: Numbers  # (sum of lengths,)
    letter_starts: Numbers  # (E + 1,)
    phones: Numbers
    phone_starts: Numbers  # (E + 1,)

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, Sequence[int]]]) -> Entries:
        """Number (word, phones) pairs."""
        spelt = [encode_letters(word) for word, _ in pairs]
        said = [np.array(phones, np.int64) for _, phones in pairs]
        return cls(np.concatenate(spelt), _starts(spelt), np.concatenate(said), _starts(said))


def align(entries: Entries, rounds: int = 12) -> list[Numbers]:
    """Find the likeliest graphones of every entry, as codes; none for an entry with too many phones for its letters.

    Args:
        rounds: of expectation maximisation, from equal probabilities.
    """
    parts = (entries.letters, entries.letter_starts, entries.phones, entries.phone_starts)
    table: Table = np.full((len(ALPHABET) + 1, SOUNDS), 1e-4)
    for _ in range(rounds):
        table = _expect(*parts, table)
        table /= max(float(table.sum()), 1e-300)
    sounds, found = _best(*parts, np.log(np.maximum(table, 1e-300)))
    codes = np.split(entries.letters * SOUNDS + sounds, entries.letter_starts[1:-1])
    return [word if known else word[:0] for word, known in zip(codes, found, strict=True)]


def _starts(parts: Sequence[Numbers]) -> Numbers:
    return np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)


@inner
def _sound(phones: Numbers, at: int, size: int) -> int:
    if size == 0:
        return 0
    return int(phones[at] if size == 1 else phones[at] * PHONE_BASE + phones[at + 1])


@inner
def _longest(starts: Numbers) -> int:
    return int(np.max(starts[1:] - starts[:-1]))


@compiled
def _expect(letters: Numbers, letter_starts: Numbers, phones: Numbers, phone_starts: Numbers, table: Table) -> Table:
    """Expected counts of all graphones, by forward-backward over each entry."""
    counts = np.zeros_like(table)
    rows, columns = _longest(letter_starts) + 1, _longest(phone_starts) + 1
    ahead, behind = np.zeros((rows, columns)), np.zeros((rows, columns))
    for entry in range(len(letter_starts) - 1):
        word = letters[letter_starts[entry] : letter_starts[entry + 1]]
        said = phones[phone_starts[entry] : phone_starts[entry + 1]]
        many = len(said)
        ahead[: len(word) + 1, : many + 1] = 0.0
        behind[: len(word) + 1, : many + 1] = 0.0
        ahead[0, 0] = behind[len(word), many] = 1.0
        for i in range(len(word)):
            for j in range(many + 1):
                for size in range(min(MOST, many - j) + 1):
                    ahead[i + 1, j + size] += ahead[i, j] * table[word[i], _sound(said, j, size)]
        total = ahead[len(word), many]
        if total <= 0.0:
            continue
        for i in range(len(word) - 1, -1, -1):
            for j in range(many + 1):
                for size in range(min(MOST, many - j) + 1):
                    sound = _sound(said, j, size)
                    path = table[word[i], sound] * behind[i + 1, j + size]
                    behind[i, j] += path
                    counts[word[i], sound] += ahead[i, j] * path / total
    return counts


@compiled
def _best(
    letters: Numbers, letter_starts: Numbers, phones: Numbers, phone_starts: Numbers, score: Table
) -> tuple[Numbers, NDArray[np.bool_]]:
    """The sound of every letter in the likeliest alignment of its entry, and which entries have one."""
    sounds, found = np.zeros(len(letters), np.int64), np.zeros(len(letter_starts) - 1, np.bool_)
    rows, columns = _longest(letter_starts) + 1, _longest(phone_starts) + 1
    best, sizes = np.zeros((rows, columns)), np.zeros((rows, columns), np.int64)
    for entry in range(len(found)):
        begin = letter_starts[entry]
        word = letters[begin : letter_starts[entry + 1]]
        said = phones[phone_starts[entry] : phone_starts[entry + 1]]
        many = len(said)
        best[: len(word) + 1, : many + 1] = -np.inf
        best[0, 0] = 0.0
        for i in range(len(word)):
            for j in range(many + 1):
                for size in range(min(MOST, many - j) + 1):
                    reached = best[i, j] + score[word[i], _sound(said, j, size)]
                    if reached > best[i + 1, j + size]:
                        best[i + 1, j + size], sizes[i + 1, j + size] = reached, size
        found[entry] = best[len(word), many] > -500.0  # less holds a graphone of no probability
        if found[entry]:
            j = many
            for i in range(len(word) - 1, -1, -1):
                size = sizes[i + 1, j]
                j -= size
                sounds[begin + i] = _sound(said, j, size)
    return sounds, found
