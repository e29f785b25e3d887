"""Tokens, spelling and the dictionary format."""

import lzma
from pathlib import Path

import pytest

from engine.phones import BLANK, TOKENS, first_pronunciation, read_lexicon, token_ids, words_of

DICTIONARY = "a AH0\na(2) EY1\ncat K AE1 T # animal\ndon't D OW1 N T\n"


def test_forty_tokens_blank_first_then_alphabetical() -> None:
    assert len(TOKENS) == 40
    assert TOKENS[0] == BLANK
    assert list(TOKENS[1:]) == sorted(TOKENS[1:])


def test_stress_is_ignored() -> None:
    assert token_ids("K AE1 T") == token_ids("K AE0 T") == token_ids("K AE T")


def test_an_unknown_phone_is_named() -> None:
    with pytest.raises(ValueError, match="QQ"):
        token_ids("K QQ T")


@pytest.mark.parametrize("packed", [False, True])
def test_variants_keep_their_order_and_comments_vanish(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("small.dict.xz" if packed else "small.dict")
    path.write_bytes(lzma.compress(DICTIONARY.encode()) if packed else DICTIONARY.encode())
    lexicon = read_lexicon(path)
    assert lexicon["a"] == (token_ids("AH0"), token_ids("EY1"))
    assert lexicon["cat"] == (token_ids("K AE1 T"),)
    assert first_pronunciation("A cat, don't", lexicon) == token_ids("AH0 K AE1 T D OW1 N T")
    assert first_pronunciation("a dog", lexicon) is None


def test_words_lose_punctuation_but_not_apostrophes() -> None:
    assert words_of("Well-known: \u2018don\u2019t', etc.") == ["well", "known", "don't'", "etc"]
