"""Rows that continue shared ones."""

from hypothesis import given
from hypothesis import strategies as st

from engine.decoder.vocabulary import Continued, LongerLexicon


@given(st.lists(st.integers()), st.lists(st.integers()), st.data())
def test_a_continued_row_reads_as_one_list(shared, more, data):
    places = st.integers(0, max(len(shared) - 1, 0))
    changed = data.draw(st.dictionaries(places, st.integers())) if shared else {}
    row = Continued(shared, more, changed)
    plain = [changed.get(place, value) for place, value in enumerate(shared)] + more
    assert list(row) == plain
    assert len(row) == len(plain)
    assert [row[place] for place in range(-len(plain), len(plain))] == plain * 2
    cut = data.draw(st.slices(len(plain)))
    assert row[cut] == plain[cut]


def test_a_longer_lexicon_keeps_the_shared_one(small_lexicon):
    longer = LongerLexicon.of(small_lexicon, {"Zorb": ((1, 2),)}, {2: "CAT"})
    size = len(small_lexicon.words)
    assert (longer.words[size], longer.pronunciations[size], longer.words[2]) == ("Zorb", ((1, 2),), "CAT")
    assert longer.pronunciations[2] is small_lexicon.pronunciations[2]
    assert small_lexicon.words[2] == "cat"
