"""Queries of n-grams: links, scores and states against back-off on lists of words, and against the engine's own."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kernels.ngram_query import cpu, reference

Array = NDArray[Any]
MODULE = "kernels.ngram_query.gpu"


class Model(NamedTuple):
    """A model and its n-grams."""

    tables: cpu.Tables
    grams: reference.Listed


def model(vocabulary: int, longest: int, seed: int, dense: float = 0.4, pruned: float = 0.2) -> Model:
    """A random model; some n-grams are listed whose endings are not, as pruning leaves them."""
    rng = np.random.default_rng(seed)
    level = [(word,) for word in range(vocabulary)]
    orders, children = [level], []
    for _ in range(longest - 1):
        longer, many = [], []
        listed = {gram for order in orders for gram in order}
        for gram in level:
            own = [
                (*gram, word)
                for word in range(vocabulary)
                if rng.random() < dense and ((*gram[1:], word) in listed or rng.random() < pruned)
            ]
            longer += own
            many.append(len(own))
        children += many
        orders.append(longer)
        level = longer
    every = [gram for order in orders for gram in order]
    first = np.full(len(every) + 1, len(every), np.int32)
    first[: len(children) + 1] = vocabulary + np.concatenate([[0], np.cumsum(children, dtype=int)])
    backoff = rng.normal(size=len(every)).astype(np.float32)
    backoff[np.diff(first) == 0] = 0.0
    words = np.array([gram[-1] for gram in every], np.uint16)
    log_prob = (-5 * rng.random(len(every))).astype(np.float32)
    tables = cpu.tables(first, words, log_prob, backoff, vocabulary, longest)
    return Model(tables, {gram: node for node, gram in enumerate(every)})


def questions(made: Model, queries: int, words: int, seed: int) -> tuple[list[reference.Words], Array, Array]:
    """Histories of any length, their states, and words that may be asked for."""
    rng, vocabulary = np.random.default_rng(seed), made.tables.vocabulary
    histories = [tuple(rng.integers(0, vocabulary, rng.integers(0, 6)).tolist()) for _ in range(queries)]
    state = [reference.state_of(made.grams, history, made.tables.longest) for history in histories]
    return histories, np.array(state, np.int32), rng.integers(-1, vocabulary, (queries, words)).astype(np.int32)


def check(
    made: Model, histories: list[reference.Words], words: Array, score: Array, following: Array, unit: float
) -> None:
    """Scores add up at most ``longest`` numbers: a rounding each."""
    tables = made.tables
    expected, after = reference.query(made.grams, tables.log_prob, tables.backoff, tables.longest, histories, words)
    sizes = np.abs(tables.log_prob).max() + tables.longest * np.abs(tables.backoff).max()
    asked = words >= 0
    assert (np.abs(score[asked] - expected[asked]) <= (tables.longest * unit + 2.0**-24) * sizes).all()
    assert (score[~asked] == -np.inf).all()
    np.testing.assert_array_equal(following, after)


def test_all_nodes_are_found_and_linked() -> None:
    made = model(6, 4, 0)
    assert reference.listed(made.tables.first, made.tables.word, 6) == made.grams
    for gram, node in made.grams.items():
        assert made.tables.shorter[node] == (reference.state_of(made.grams, gram[1:], 9) if len(gram) > 1 else -1)
    assert made.tables.deepest == sum(len(gram) < 4 for gram in made.grams)


@settings(max_examples=60)
@given(st.integers(1, 7), st.integers(1, 4), st.integers(0, 9999), st.sampled_from([0.0, 0.4, 1.0]), st.integers(0, 5))
def test_cpu(vocabulary: int, longest: int, seed: int, dense: float, words: int) -> None:
    made = model(vocabulary, longest, seed, dense)
    histories, state, asked = questions(made, 9, words, seed)
    score, following = np.full(asked.shape, np.nan, np.float32), np.full(asked.shape, -9, np.int32)
    cpu.query(made.tables, state, asked, score, following)
    check(made, histories, asked, score, following, 0.0)  # sums are float64


def test_a_stream_follows_its_own_states() -> None:
    made, rng = model(5, 3, 3), np.random.default_rng(0)
    state, history = np.full(1, -1, np.int32), ()
    for word in rng.integers(0, 5, 60).tolist():
        score, following = np.empty((1, 1), np.float32), np.empty((1, 1), np.int32)
        cpu.query(made.tables, state, np.array([[word]], np.int32), score, following)
        check(made, [history], np.array([[word]]), score, following, 0.0)
        history, state = (*history, word), following[0]


def test_scores_are_the_engines() -> None:
    from engine.ngram.compact import TrieArrays
    from engine.ngram.query import word_scores

    made = model(7, 3, 5)
    histories, state, asked = questions(made, 40, 1, 1)
    pairs = [(h[-2:], w) for h, w in zip(histories, asked[:, 0], strict=True)]
    trie = TrieArrays(*made.tables[:4], made.tables.longest)
    padded = np.array([(0,) * (2 - len(h)) + h for h, _ in pairs], np.int32)
    used = np.array([len(h) for h, _ in pairs], np.int32)
    theirs = word_scores(trie, padded, used, np.maximum(asked[:, 0], 0))
    score, following = np.empty(asked.shape, np.float32), np.empty(asked.shape, np.int32)
    cpu.query(made.tables, state, np.maximum(asked, 0), score, following)
    np.testing.assert_array_equal(score[:, 0], theirs)


def on_device(call: Any, made: Model, state: Array, asked: Array) -> tuple[Array, Array]:
    score, following = np.full(asked.shape, np.nan, np.float32), np.full(asked.shape, -9, np.int32)
    tables = made.tables
    arguments = (tables.first, tables.word, tables.log_prob, tables.backoff, tables.shorter, tables.deepest)
    *_, score, following = call(MODULE, "query", *arguments, state, asked, score, following)
    return score, following


@pytest.mark.parametrize(("longest", "queries", "words"), [(3, 40, 7), (1, 5, 3), (4, 3, 100)])
def test_gpu_interpreted(interpreted: Any, longest: int, queries: int, words: int) -> None:
    made = model(9, longest, 2)
    histories, state, asked = questions(made, queries, words, 3)
    check(made, histories, asked, *on_device(interpreted, made, state, asked), 2.0**-24)


@pytest.mark.gpu
def test_gpu(on_gpu: Any) -> None:
    made = model(30, 3, 2, 0.3)
    histories, state, asked = questions(made, 500, 16, 3)
    check(made, histories, asked, *on_device(on_gpu, made, state, asked), 2.0**-24)


def test_gpu_compiles_without_spilling(ahead: Any) -> None:
    from kernels.ngram_query import gpu

    whole = dict.fromkeys(("first", "shorter", "state", "words", "following"), "*i32")
    floats = dict.fromkeys(("log_prob", "backoff", "score"), "*fp32")
    types = {**whole, **floats, "word": "*u16", "count": "i32", "each": "i32", "deepest": "i32"}
    used = ahead(gpu._query, types, {"BLOCK": gpu.BLOCK}, gpu.WARPS)
    assert used.spilled == 0
    assert used.registers <= 64


def test_bad_input_is_told_before_anything_runs(interpreted: Any) -> None:
    made = model(5, 3, 1)
    _, state, asked = questions(made, 4, 3, 0)
    score, following = np.full((4, 3), np.nan, np.float32), np.zeros((4, 3), np.int32)
    wrong = [
        ("words have shape", made.tables, state, asked[0]),
        ("state has shape", made.tables, state[:2], asked),
        ("first has shape", made.tables._replace(first=made.tables.first[1:]), state, asked),
    ]
    for message, tables, states, words in wrong:
        with pytest.raises(ValueError, match=message):
            cpu.query(tables, states, words, score, following)
        with pytest.raises(ValueError, match=message):
            on_device(interpreted, made._replace(tables=tables), states, words)
    with pytest.raises(ValueError, match="of another model"):
        cpu.query(made.tables, state + 9999, asked, score, following)
    with pytest.raises(ValueError, match="of another model"):
        cpu.query(made.tables, state, asked + 5, score, following)
    assert np.isnan(score).all()
