"""An alphabet comes from its lexicon, and English reads as it always did."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import phones
from engine.alphabet import ENGLISH, alphabet_of, read_lexicon, words_in
from engine.errors import ModelError


def test_a_lexicon_of_arpabet_is_english(tmp_path: Path) -> None:
    path = tmp_path / "small.dict"
    path.write_text("cat K AE1 T\ncat(2) K AA0 T # rare\na AH0\n")
    assert alphabet_of(path) == ENGLISH
    assert read_lexicon(path, ENGLISH) == phones.read_lexicon(path)


def test_another_language_has_the_phones_of_its_lexicon(tmp_path: Path) -> None:
    path = tmp_path / "cy.dict"
    path.write_text("bore b ɔ r ɛ\nllan ɬ a1 n\nllan(2) ɬ a2 n\n")
    alphabet = alphabet_of(path)
    assert alphabet.tokens == ("<blk>", "a1", "a2", "b", "n", "r", "ɔ", "ɛ", "ɬ")
    one, two = read_lexicon(path, alphabet)["llan"]
    assert one != two, "a tone is part of the phone, unlike a stress digit of English"


def test_a_phone_outside_the_alphabet_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cy.dict"
    path.write_text("llan ɬ a n\n")
    with pytest.raises(ModelError, match=r"llan.*ɬ in pronunciation"):
        read_lexicon(path, ENGLISH)


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff\xfe", b"alone\n"])
def test_what_is_no_lexicon_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.dict"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"x\.dict"):
        alphabet_of(path)


@given(st.text(st.sampled_from("abcXYZ .,-!?19\n"), max_size=40))
def test_english_words_are_those_of_the_english_reader(text: str) -> None:
    assert words_in(text) == phones.words_of(text)


def test_words_of_any_script() -> None:
    assert words_in("Don’t stop, l'été!") == ["don't", "stop", "l'été"]
    assert words_in("नमस्ते दुनिया 42") == ["नमस्ते", "दुनिया"]
