"""The lexicon as a tree."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.decoder.tree import grown_tree, phone_tree
from engine.lexicon import WordLexicon

variants = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple), min_size=1, max_size=3).map(tuple)


def words_at(tree, phones):
    """Words of which these phones are a pronunciation."""
    node = 0
    for phone in phones:
        children = slice(tree.offsets[node], tree.offsets[node + 1])
        following = dict(zip(tree.phone[children].tolist(), tree.child[children].tolist(), strict=True))
        if phone not in following:
            return set()
        node = following[phone]
    return set(tree.word[tree.ends[node] : tree.ends[node + 1]].tolist())


def test_every_pronunciation_leads_to_its_word(small_lexicon):
    tree = phone_tree(small_lexicon)
    for number, spelt in enumerate(small_lexicon.pronunciations):
        assert all(number in words_at(tree, variant) for variant in spelt)


def test_words_that_begin_with_themselves_are_marked(small_lexicon):
    assert not phone_tree(small_lexicon).longer.any()


@given(st.lists(variants, max_size=5), st.lists(variants, max_size=5))
def test_a_grown_tree_is_the_tree_of_all_words(shared, more):
    def tree_of(pronunciations):
        return phone_tree(WordLexicon(("",) * (1 + len(pronunciations)), ((), *pronunciations)))

    before = tree_of(shared)
    kept = [part.copy() for part in before]
    grown, whole = grown_tree(before, more), tree_of([*shared, *more])
    for variant in {one for spelt in [*shared, *more] for one in spelt}:
        for end in range(len(variant) + 1):
            assert words_at(grown, variant[:end]) == words_at(whole, variant[:end])
    assert [part.dtype for part in grown] == [part.dtype for part in whole]
    assert [len(part) for part in grown] == [len(part) for part in whole]
    assert grown.longer.tolist() == whole.longer.tolist()
    assert all((one == other).all() for one, other in zip(kept, before, strict=True))
    assert np.diff(grown.offsets).min() >= 0
