"""The second pass against every path of small lattices, scored one by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rescoring.neural import NeuralModel
from engine.rescoring.options import RescoringOptions
from engine.rescoring.second_pass import SecondPass

WIDE = RescoringOptions(neural_share=0.0, most=64, beam=1e9)


def tiny_network(seed):
    rng = np.random.default_rng(seed)
    shapes = [(7, 3), (7,), (4, 6), (4,), (3, 4), (3,)]
    return NeuralModel(*(rng.normal(0, 0.5, shape).astype(np.float32) for shape in shapes))


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 10_000), st.integers(2, 7), st.lists(st.integers(1, 4), max_size=4), st.sampled_from([0.0, 0.5, 1.0])
)
def test_every_path_changes_by_what_the_models_differ_in(small, seed, nodes, history, weight):
    lattice = small.lattice(np.random.default_rng(seed), nodes)
    first, second = small.tries(seed % 7)
    found = SecondPass(*small.tries(seed % 7), None, replace(WIDE, weight=weight)).rescore(
        lattice, tuple(history), ended=True
    )
    expected = {
        words: score
        + weight * (small.spoken(second, words, tuple(history)) - small.spoken(first, words, tuple(history)))
        for words, score in small.paths(lattice).items()
    }
    ours = small.paths(found)
    assert ours.keys() == expected.keys()
    for words, score in expected.items():
        assert ours[words] == pytest.approx(score, abs=2e-3)


def test_a_sentence_that_goes_on_is_not_ended(small):
    lattice = small.lattice(np.random.default_rng(3), 5)
    first, second = small.tries(1)
    ours = small.paths(SecondPass(*small.tries(1), None, WIDE).rescore(lattice, ()))
    for words, score in small.paths(lattice).items():
        change = small.spoken(second, words, end=False) - small.spoken(first, words, end=False)
        assert ours[words] == pytest.approx(score + change, abs=2e-3)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.floats(0.1, 6.0))
def test_a_beam_keeps_all_that_is_near_the_best_and_nothing_far(small, seed, beam):
    lattice = small.lattice(np.random.default_rng(seed), 6)
    whole = SecondPass(*small.tries(2), None, WIDE).rescore(lattice, ())
    near = SecondPass(*small.tries(2), None, replace(WIDE, beam=beam)).rescore(lattice, ())
    every, kept = small.paths(whole), small.paths(near)
    best = max(every.values())
    assert {w for w, score in every.items() if score > best - beam + 1e-3} <= kept.keys()
    assert max(kept.values()) == pytest.approx(best, abs=1e-4)


def test_few_states_a_node_still_find_a_path_and_a_good_one(small):
    worse = 0.0
    for seed in range(20):
        lattice = small.lattice(np.random.default_rng(seed), 7)
        best, narrow = (
            max(small.paths(SecondPass(*small.tries(3), None, replace(WIDE, most=most)).rescore(lattice, ())).values())
            for most in (64, 2)
        )
        assert narrow <= best + 1e-4
        worse += best - narrow
    assert worse / 20 < 0.5


def test_the_neural_model_is_mixed_in_word_by_word(small):
    lattice = small.lattice(np.random.default_rng(5), 5)
    network, share = tiny_network(1), 0.4
    first, second = small.tries(4)
    options = replace(WIDE, neural_share=share)
    ours = small.paths(SecondPass(*small.tries(4), network, options).rescore(lattice, (2, 3), ended=True))

    def learned(sentence, word):
        context = np.array([[1, *sentence][-2:]]) if len(sentence) else np.array([[1, 1]])
        return float((network.answers(context) @ network.embedding[word] + network.bias[word])[0])

    for words, score in small.paths(lattice).items():
        change, said = 0.0, [4, 5]
        for number in [*(word + 2 for word in words), 2]:
            lexicon = tuple(n - 2 for n in said)
            tail = () if number == 2 else (number - 2,)
            count = small.spoken(second, tail, lexicon, end=number == 2)
            change += np.logaddexp(np.log(1 - share) + count, np.log(share) + learned(said, number))
            change -= small.spoken(first, tail, lexicon, end=number == 2)
            said.append(number)
        assert ours[words] == pytest.approx(score + change, abs=2e-3)


def test_words_that_no_model_knows_keep_their_scores(small):
    lattice = small.lattice(np.random.default_rng(8), 4)
    strange = replace(lattice, word=np.full_like(lattice.word, 99))
    ours = SecondPass(*small.tries(0), None, WIDE).rescore(strange, (99,))
    assert sorted(ours.grammar) == pytest.approx(sorted(strange.grammar), abs=1e-5)
    assert set(ours.word) == {99}


def test_an_empty_lattice_stays(small):
    lattice = small.lattice(np.random.default_rng(0), 2)
    empty = type(lattice)(
        lattice.frames[:1], *(part[:0] for part in (lattice.source, lattice.target, lattice.word)),
        lattice.acoustic[:0], lattice.grammar[:0], np.zeros(1, np.float32),
    )  # fmt: skip
    assert SecondPass(*small.tries(0), None, WIDE).rescore(empty, (1, 2)) is empty
