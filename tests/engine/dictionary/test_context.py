"""Where phrases lead in a graph."""

import pytest

from engine.dictionary.context import after_words, hub_of
from engine.phones import token_ids
from kernels.token_passing import interleaved

START, HUB, AFTER_NEW = range(3)


@pytest.fixture(scope="module")
def arrays(graph):
    return interleaved(graph)


def said(lexicon, *words):
    numbers = {word: number for number, word in enumerate(lexicon.words)}
    return [(lexicon.pronunciations[numbers[word]][0], numbers[word]) for word in words]


def test_all_histories_back_off_to_the_hub(arrays):
    assert hub_of(arrays) == HUB


def test_a_graph_without_histories_is_its_own_hub(arrays):
    assert hub_of(arrays._replace(offsets=arrays.offsets[1:])) == 0


@pytest.mark.parametrize(
    ("words", "state", "cost"),
    [
        (["cat"], HUB, 6.0),
        (["new"], AFTER_NEW, 6.0),
        (["new", "york"], HUB, 7.0),  # as the history has it,
        (["new", "cat"], HUB, 13.5),  # or by backing off
        (["york", "new"], AFTER_NEW, 12.0),
    ],
)
def test_a_phrase_leads_where_the_graph_would_be_after_it(arrays, lexicon, words, state, cost):
    assert after_words(arrays, HUB, said(lexicon, *words)) == (state, pytest.approx(cost))


def test_sounds_that_the_graph_does_not_say_lead_nowhere(arrays, lexicon):
    number = lexicon.words.index("cat")
    assert after_words(arrays, HUB, [(token_ids("K AE S"), number)]) is None
    assert after_words(arrays, HUB, [(token_ids("K AE T S"), number)]) is None
