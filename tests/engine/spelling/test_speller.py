"""Saying words, from the joint model and from lists."""

from pathlib import Path

import pytest

from engine.phones import TOKENS, token_ids
from engine.spelling.speller import Speller
from engine.spelling.train import train

FAMILY = {
    first + middle + last: f"{FIRST} {MIDDLE} {LAST}"
    for first, FIRST in {"b": "B", "ph": "F", "s": "S", "t": "T"}.items()
    for middle, MIDDLE in {"a": "AE", "e": "EH", "o": "AA"}.items()
    for last, LAST in {"t": "T", "g": "G", "ck": "K", "x": "K S"}.items()
}


@pytest.fixture(scope="module")
def speller() -> Speller:
    learnt = {word: (token_ids(said),) for word, said in FAMILY.items() if word not in ("phox", "beg")}
    learnt |= {
        f"{first}it": (token_ids(f"{sound} IH T"), token_ids(f"{sound} AY T")) for first, sound in ["bB", "sS", "tT"]
    }
    known = {f"{name}.": (token_ids(said),) for name, said in {"b": "B IY", "c": "S IY", "a": "EY"}.items()}
    known |= {
        "four": (token_ids("F AO R"),),
        "two": (token_ids("T UW"),),
        "the": (token_ids("DH AH"), token_ids("DH IY")),
    }
    return Speller(*train(learnt, order=4, threshold=0.0), known)


def said(speller: Speller, word: str) -> str:
    return " ".join(TOKENS[phone] for phone in speller.spell(word)[0].phones)


def test_words_never_seen_are_said_by_analogy(speller: Speller) -> None:
    assert said(speller, "phox") == "F AA K S"
    assert said(speller, "beg") == "B EH G"


def test_listed_words_keep_their_variants_in_order(speller: Speller) -> None:
    ways = speller.spell("The", 3)
    assert [way.phones for way in ways] == [token_ids("DH AH"), token_ids("DH IY")]
    assert sum(way.probability for way in ways) == pytest.approx(1.0)


def test_several_pronunciations_come_likeliest_first_and_stay_below_one(speller: Speller) -> None:
    ways = speller.spell("bit", 4)
    assert {token_ids("B IH T"), token_ids("B AY T")} <= {way.phones for way in ways}
    assert len({way.phones for way in ways}) == len(ways) <= 4
    chances = [way.probability for way in ways]
    assert chances == sorted(chances, reverse=True)
    assert 0.0 < sum(chances) <= 1.0 + 1e-9


def test_phrases_numbers_letters_and_possessives_are_put_together(speller: Speller) -> None:
    assert said(speller, "2-bat") == "T UW B AE T"
    assert said(speller, "BC") == "B IY S IY"
    assert said(speller, "BC's") == "B IY S IY Z"
    assert said(speller, "b.c.") == "B IY S IY"
    assert said(speller, "báck") == "B AE K"


@pytest.mark.parametrize("word", ["", "  ", "'", "...", "日本", "привет", "b€t"])
def test_what_cannot_be_said_is_refused_by_name(speller: Speller, word: str) -> None:
    with pytest.raises(ValueError, match=r"say|said"):
        speller.spell(word)


def test_a_letter_without_a_listed_name_is_said_as_a_word(speller: Speller) -> None:
    assert said(speller, "x") == "K S"


def test_the_likeliest_or_none(speller: Speller) -> None:
    assert speller.say("phox") == token_ids("F AA K S")
    assert speller.say("日本") is None


def test_a_very_long_word_is_said(speller: Speller) -> None:
    assert len(speller.spell("bat" * 500)[0].phones) == 1500


def test_a_stranger_gets_the_shipped_model() -> None:
    shipped = Speller.load()
    assert said(shipped, "phoenix") == "F IY N IH K S"
    assert said(shipped, "a.m.") == "EY EH M"
    assert (Path(__file__).parents[3] / "engine/models/english/letters.npz.xz").stat().st_size < 1_500_000
