"""Everyday sentences can all be filled and drawn again."""

import lzma
import re
from pathlib import Path

import numpy as np

from engine.phones import token_ids
from engine.training.sentences import book_sentences, read_everyday, small_number


def test_every_pattern_fills() -> None:
    everyday = read_everyday()
    rng = np.random.default_rng(1)
    drawn = [everyday.draw(rng) for _ in range(600)]
    assert all(re.fullmatch(r"[a-z' ]+", sentence) for sentence in drawn)
    assert len(set(drawn)) > 300


def test_numbers_are_spelt() -> None:
    rng = np.random.default_rng(2)
    spelt = {small_number(rng) for _ in range(3000)}
    assert len(spelt) == 99
    assert {"one", "nineteen", "twenty", "ninety nine"} <= spelt


def test_book_sentences_can_be_spelt(tmp_path: Path) -> None:
    path = tmp_path / "text.xz"
    path.write_bytes(lzma.compress(b"A CAT A\nA DOG A\nA\nCAT CAT CAT\n"))
    lexicon = {"a": (token_ids("AH"),), "cat": (token_ids("K AE T"),)}
    assert sorted(book_sentences(path, lexicon, 9, np.random.default_rng(1))) == ["a cat a", "cat cat cat"]
