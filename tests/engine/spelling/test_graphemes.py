from hypothesis import given
from hypothesis import strategies as st

from engine.phones import BLANK, words_of
from engine.spelling.graphemes import LETTERS, letters_of, plain_letters


def spelt(text: str) -> str:
    return "".join(LETTERS[number] for number in letters_of(text))


def test_the_alphabet_begins_with_the_blank_and_has_every_sign_once() -> None:
    assert LETTERS[0] == BLANK
    assert len(LETTERS) == len(set(LETTERS)) == 29


def test_a_transcript_is_its_words_with_single_spaces() -> None:
    assert spelt("  Don\u2019t stop, well-known\nfriend!") == "don't stop well known friend"


def test_accents_and_ligatures_are_folded() -> None:
    assert spelt("Café Æneas Straße smørrebrød") == "cafe aeneas strasse smorrebrod"


def test_no_words_give_no_letters() -> None:
    assert letters_of("") == letters_of("... 42 \u4f60\u597d") == ()


@given(st.text())
def test_any_text_is_spelt_without_blanks_or_doubled_spaces(text: str) -> None:
    result = spelt(text)
    assert BLANK not in result
    assert result.split() == words_of(plain_letters(text))
    assert result == " ".join(result.split())
