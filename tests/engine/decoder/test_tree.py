"""The lexicon as a tree."""

from engine.decoder.tree import phone_tree


def test_every_pronunciation_leads_to_its_word(small_lexicon):
    tree = phone_tree(small_lexicon)
    for number, variants in enumerate(small_lexicon.pronunciations):
        for variant in variants:
            node = 0
            for phone in variant:
                children = slice(tree.offsets[node], tree.offsets[node + 1])
                node = dict(zip(tree.phone[children].tolist(), tree.child[children].tolist(), strict=True))[phone]
            assert number in tree.word[tree.ends[node] : tree.ends[node + 1]]


def test_words_that_begin_with_themselves_are_marked(small_lexicon):
    assert not phone_tree(small_lexicon).longer.any()
