"""Words that stand at the places of a best path."""

import numpy as np

from engine.decoder.finals import judge
from engine.decoder.lattice import WordLattice
from engine.decoder.options import DecodeOptions
from engine.decoder.words import DecodedWord
from engine.lexicon import WordLexicon

LEXICON = WordLexicon(("", "a", "cat", "cats", "sat"), ((),) * 5)
HEARD = (1, 2, 4)
TIMED = tuple(DecodedWord(text, start, end, 0.5) for text, start, end in (("a", 2, 4), ("cat", 5, 9), ("sat", 12, 15)))


def lattice(cat: float, cats: float) -> WordLattice:
    """a (cat | cats) sat, with these probabilities."""
    i32, f32 = np.int32, np.float32
    score = np.log([1.0, cat, cats, 1.0]).astype(f32)
    return WordLattice(
        np.array([2, 5, 12, 18], i32), np.array([0, 1, 1, 2], i32), np.array([1, 2, 2, 3], i32),
        np.array([1, 2, 3, 4], i32), score, np.zeros(4, f32), np.array([-np.inf] * 3 + [0], f32),
    )  # fmt: skip


def judged(found: WordLattice, most: int, **options):
    return judge(found, HEARD, TIMED, most, LEXICON, DecodeOptions(posterior_scale=1.0, **options))


def test_words_keep_the_times_of_the_search_and_get_their_posteriors():
    found = judged(lattice(0.75, 0.25), 4)
    assert found.numbers == HEARD
    assert [(word.start_frame, word.end_frame) for word in found.words] == [(2, 4), (5, 9), (12, 15)]
    np.testing.assert_allclose([word.confidence for word in found.words], [1.0, 0.75, 1.0], atol=1e-6)


def test_only_the_words_at_the_first_places_become_final():
    found = judged(lattice(0.75, 0.25), 2)
    assert [word.text for word in found.words] == ["a", "cat"]


def test_a_second_pass_that_prefers_another_word_is_followed_in_the_same_place():
    found = judged(lattice(0.25, 0.75), 2)
    assert [(word.text, word.start_frame, word.end_frame) for word in found.words] == [("a", 2, 4), ("cats", 5, 9)]
