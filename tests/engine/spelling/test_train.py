"""Training from a dictionary file, as a newcomer would."""

import logging
from pathlib import Path

import numpy as np
import pytest

from engine.phones import read_lexicon, token_ids
from engine.spelling.speller import Speller
from engine.spelling.store import load_model
from engine.spelling.train import SpellingErrors, divide, main, measure, train

WORDS = [f"{a}{b}{c}" for a in "bdfklmnprst" for b in "aeio" for c in "bdgklmnpt"]
SOUNDS = {"a": "AE1", "e": "EH1", "i": "IH1", "o": "AA1"}


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    path = tmp_path / "regular.dict"
    spelt = [" ".join([word, *(SOUNDS.get(letter, letter.upper()) for letter in word)]) for word in WORDS]
    path.write_text("\n".join([*spelt, "4th F AO1 R TH", "w D AH1 B AH0 L Y UW0"]), encoding="utf-8")
    return path


def test_held_out_words_of_a_regular_language_are_said_rightly(
    dictionary: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert (
        main(["--lexicon", str(dictionary), "--out", str(tmp_path / "out"), "--order", "3", "--hold-out", "0.1"]) == 0
    )
    assert "held out: 40 words: 0.00% of words wrong, 0.00% of phones" in caplog.text
    model, _ = load_model(tmp_path / "out" / "letters.npz.xz")
    assert model.trie.order <= 3


def test_the_division_is_the_seeds_and_loses_no_word(dictionary: Path) -> None:
    lexicon = read_lexicon(dictionary)
    kept, held = divide(lexicon, 0.25, np.random.default_rng(7))
    assert {**kept, **held} == lexicon
    assert not kept.keys() & held.keys()
    assert divide(lexicon, 0.25, np.random.default_rng(7))[1] == held


def test_of_several_variants_the_nearest_counts(dictionary: Path) -> None:
    speller = Speller(*train(read_lexicon(dictionary), 3, 0.0))
    truth = {"bat": (token_ids("B EY T S"), token_ids("B AE T")), "dog": (token_ids("D AO K"),)}
    assert measure(speller, truth) == SpellingErrors(2, 1, 6, 2)


def test_a_dictionary_that_cannot_be_learnt_is_refused() -> None:
    with pytest.raises(ValueError, match="check its format"):
        train({"4th": (token_ids("F AO R TH"),)})
