"""Words and pronunciations."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.lexicon import WordLexicon, choose_words, with_possessives
from engine.phones import token_ids

variant = st.lists(st.integers(1, 39), min_size=1, max_size=6).map(tuple)
word = st.text("abcdefghijklmnopqrstuvwxyz'", min_size=1, max_size=8)


@given(st.dictionaries(word, st.lists(variant, min_size=1, max_size=3, unique=True), min_size=1))
def test_packing_keeps_every_word_and_variant(spelt):
    lexicon = WordLexicon(("", *spelt), ((), *(tuple(variants) for variants in spelt.values())))
    assert WordLexicon.unpack(**lexicon.pack()) == lexicon


def test_possessives_end_as_they_are_said():
    owners = {"cat": "K AE T", "dog": "D AO G", "fox": "F AA K S"}
    lexicon = {name: (token_ids(spelling),) for name, spelling in owners.items()}
    grown = with_possessives(lexicon, ["cat's", "dog's", "fox's", "cats'", "bird's", "dog"])
    assert grown["cat's"] == (token_ids("K AE T S"),)
    assert grown["dog's"] == (token_ids("D AO G Z"),)
    assert grown["fox's"] == (token_ids("F AA K S IH Z"),)
    assert "bird's" not in grown
    assert set(lexicon) < set(grown)


def test_wanted_words_come_before_frequent_ones():
    lexicon = {name: (token_ids("AH"),) for name in ("a", "b", "c")}
    assert choose_words(Counter(a=5, b=3, z=9), lexicon, 2, ["c", "y"]) == ["a", "c"]
