"""Books become numbers and phones, word by word."""

import lzma
from pathlib import Path

import numpy as np

from engine.phones import token_ids
from engine.training.pseudo import books
from engine.training.pseudo.books import read_books, spell_books

Lexicon = dict[str, tuple[tuple[int, ...], ...]]


def test_words_phones_and_places(lexicon: Lexicon) -> None:
    read = spell_books(["The cat sat\n", "\n", "on Zanzibar, the mat.\n"], lexicon)
    assert read.text(0, 7) == "the cat sat on zanzibar the mat"
    assert read.offsets.tolist() == [0, 2, 5, 8, 10, 10, 12, 15]
    assert read.phones.tolist() == list(token_ids("DH AH K AE T S AE T AA N DH AH M AE T"))
    assert [read.word_at(phone) for phone in (0, 1, 2, 9, 10, 14)] == [0, 0, 1, 3, 5, 6]


def test_long_texts_are_spelt_in_pieces(lexicon: Lexicon, monkeypatch: object) -> None:
    lines = ["the cat sat on the mat"] * 5
    whole = spell_books(lines, lexicon)
    monkeypatch.setattr(books, "_PIECE", 7)  # type: ignore[attr-defined]
    assert np.array_equal(spell_books(lines, lexicon).phones, whole.phones)


def test_nothing_to_read(lexicon: Lexicon) -> None:
    assert len(spell_books([], lexicon).words) == 0


def test_packed_and_plain_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    (tmp_path / "a.txt.xz").write_bytes(lzma.compress(b"one\ntwo\n"))
    assert list(read_books(tmp_path / "a.txt")) == list(read_books(tmp_path / "a.txt.xz")) == ["one\n", "two\n"]
