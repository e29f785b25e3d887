"""Estimating, mixing, pruning and writing models: against definitions, and against kenlm's reading of the file."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ngram.arpa import write_arpa
from engine.ngram.counts import count, look_up
from engine.ngram.kneser_ney import discounts, estimate
from engine.ngram.mix import interpolate
from engine.ngram.model import BackoffModel
from engine.ngram.prune import prune
from engine.ngram.vocabulary import BEGIN, END, UNKNOWN, Vocabulary

WORDS = ["a", "b", "c", "d"]
VOCABULARY = Vocabulary.of(WORDS)
texts = st.lists(st.lists(st.sampled_from([*WORDS, "zz"]), max_size=6), min_size=1, max_size=12)


def packed(*numbers: int) -> np.ndarray:
    key = 0
    for number in numbers:
        key = key << 16 | number
    return np.array([key], np.uint64)


def probability(model: BackoffModel, *numbers: int) -> float:
    return math.exp(model.log_prob(packed(*numbers), len(numbers))[0])


def sums_to_one(model: BackoffModel) -> None:
    everything = [UNKNOWN, *range(END, len(VOCABULARY))]
    for before in [(BEGIN, 3), (3, 4), (5, 6), (0, 3), (3, 0)]:
        total = sum(probability(model, *before, word) for word in everything)
        assert total == pytest.approx(1.0, abs=1e-9)


def plain_kneser_ney(sentences):
    """Trigram probabilities by the formula, with dictionaries."""
    marked = [[BEGIN, *(VOCABULARY.numbers.get(word, UNKNOWN) for word in words), END] for words in sentences]
    tri = Counter(tuple(s[i : i + 3]) for s in marked for i in range(len(s) - 2))
    raw2 = Counter(tuple(s[i : i + 2]) for s in marked for i in range(len(s) - 1))
    bi = Counter(gram[1:] for gram in tri)
    bi.update({gram: times for gram, times in raw2.items() if gram[0] == BEGIN})
    uni = Counter(gram[1] for gram in bi)
    uni.pop(BEGIN, None)

    def taken(table, times):
        return discounts(np.array(list(table.values())))[min(times, 3)]

    def chain(table, lower, gram):
        *before, word = gram
        same = {other: times for other, times in table.items() if list(other[:-1]) == before}
        total = sum(same.values())
        if not total:
            return lower(word)
        left = sum(taken(table, times) for times in same.values()) / total
        times = table.get(tuple(gram), 0)
        return (times - taken(table, times)) / total + left * lower(word)

    def p1(word):
        total = sum(uni.values())
        left = sum(taken(uni, times) for times in uni.values()) / total / (len(VOCABULARY) - 1)
        return (uni.get(word, 0) - taken(uni, uni.get(word, 0))) / total + left

    return lambda a, b, c: chain(tri, lambda w: chain(bi, p1, (b, w)), (a, b, c))


@settings(deadline=None, max_examples=40)
@given(texts)
def test_estimates_equal_the_formula(sentences):
    model = estimate(VOCABULARY.encode(sentences), VOCABULARY, 3, (1, 1, 1))
    truth = plain_kneser_ney(sentences)
    sums_to_one(model)
    for gram in [(BEGIN, 3, 4), (3, 4, 5), (4, 4, 4), (5, 3, END), (0, 3, 4), (3, 3, 0)]:
        assert probability(model, *gram) == pytest.approx(truth(*gram), rel=1e-9)


@settings(deadline=None, max_examples=25)
@given(texts, texts, st.floats(0.05, 0.95))
def test_a_mixture_is_the_weighted_mean_where_listed_and_sums_to_one(one, other, share):
    models = [estimate(VOCABULARY.encode(text), VOCABULARY, 3, (1, 1, 1)) for text in (one, other)]
    mixed = interpolate(models, [share, 1 - share])
    sums_to_one(mixed)
    keys = mixed.orders[2].keys
    expected = share * np.exp(models[0].log_prob(keys, 3)) + (1 - share) * np.exp(models[1].log_prob(keys, 3))
    np.testing.assert_allclose(np.exp(mixed.log_prob(keys, 3)), expected, rtol=1e-9)


@settings(deadline=None, max_examples=25)
@given(texts, st.floats(1e-4, 0.1))
def test_pruning_drops_ngrams_and_still_sums_to_one(sentences, threshold):
    stream = VOCABULARY.encode(sentences)
    model = estimate(stream, VOCABULARY, 3, (1, 1, 1))

    def weight(keys, order):
        seen = count(stream, order)
        return look_up(seen.keys, seen.counts, keys) / len(stream)

    pruned = prune(model, [threshold, threshold], weight)
    sums_to_one(pruned)
    assert [len(level) for level in pruned.orders] <= [len(level) for level in model.orders]
    untouched = prune(model, [-1.0, -1.0], weight)
    assert [len(level) for level in untouched.orders] == [len(level) for level in model.orders]


def test_no_ngram_crosses_a_sentence():
    stream = VOCABULARY.encode([["a", "b"], ["c"]])
    pairs = {(int(key) >> 16, int(key) & 0xFFFF) for key in count(stream, 2).keys}
    assert pairs == {(BEGIN, 3), (3, 4), (4, END), (BEGIN, 5), (5, END)}


def test_kenlm_reads_the_file_with_our_probabilities(tmp_path):
    kenlm = pytest.importorskip("kenlm", reason="kenlm, the oracle, is not installed")
    rng = np.random.default_rng(1)
    sentences = [[WORDS[int(i)] for i in rng.integers(0, 4, rng.integers(1, 9))] for _ in range(200)]
    model = estimate(VOCABULARY.encode(sentences), VOCABULARY, 3, (1, 1, 2))
    write_arpa(model, tmp_path / "model.arpa")
    oracle = kenlm.Model(str(tmp_path / "model.arpa"))
    for sentence in sentences[:40]:
        numbers = [BEGIN, *(VOCABULARY.numbers[word] for word in sentence), END]
        ours = probability(model, *numbers[:2])
        total = math.log10(ours) + sum(
            math.log10(probability(model, *numbers[place - 2 : place + 1])) for place in range(2, len(numbers))
        )
        assert oracle.score(" ".join(sentence)) == pytest.approx(total, abs=1e-4 * len(numbers))


def test_mixing_needs_one_vocabulary_and_weights_that_add_up():
    model = estimate(VOCABULARY.encode([["a"]]), VOCABULARY, 2, (1, 1))
    stranger = Vocabulary.of(["x"])
    with pytest.raises(ValueError, match="one vocabulary"):
        interpolate([model, estimate(stranger.encode([["x"]]), stranger, 2, (1, 1))], [0.5, 0.5])
    with pytest.raises(ValueError, match="add up to one"):
        interpolate([model, model], [0.5, 0.4])


def test_a_vocabulary_holds_a_word_once():
    with pytest.raises(ValueError, match="once"):
        Vocabulary.of(["a", "a"])
    assert defaultdict(int, VOCABULARY.numbers)["a"] == 3
