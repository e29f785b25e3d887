"""Phrases as a tree: every one can be walked and costs what it should, and nothing else can."""

from hypothesis import given
from hypothesis import strategies as st

from engine.dictionary.graph import Phrase, phrase_graph

labels = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2)), min_size=1, max_size=4).map(tuple)
phrases = st.lists(st.builds(Phrase, labels, st.integers(0, 2), st.floats(0, 9, width=16)), min_size=1, max_size=8)


def walks(extension, state, cost=0.0, taken=()):
    for arc in range(extension.offsets[state], extension.offsets[state + 1]):
        phone, word, dest = int(extension.phone[arc]), int(extension.word[arc]), int(extension.dest[arc])
        total, after = cost + float(extension.cost[arc]), (*taken, (phone, word)) if phone else taken
        if dest >= 0:
            yield after, dest, total
        else:
            yield from walks(extension, ~dest, total, after)


@given(phrases)
def test_the_walks_from_the_door_are_the_phrases_at_their_least_cost(given_phrases):
    least: dict[tuple[tuple[tuple[int, int], ...], int], float] = {}
    for phrase in given_phrases:
        key = phrase.labels, phrase.dest
        least[key] = min(phrase.cost, least.get(key, phrase.cost))
    found = list(walks(phrase_graph(given_phrases), 0))
    assert len(found) == len(least)
    # four float32 differences of costs up to 9: error below 4 roundings of 16 * 2**-24
    assert all(abs(cost - least[labels, dest]) <= 4 * 16 * 2**-24 for labels, dest, cost in found)


@given(phrases)
def test_no_arc_after_the_door_gives_anything_back(given_phrases):
    extension = phrase_graph(given_phrases)
    assert (extension.cost[1:] >= 0).all()
    assert extension.phone[0] == 0
    assert (extension.phone[1:] > 0).all()


def test_phrases_share_their_beginnings():
    shared = phrase_graph([Phrase(((1, 0), (2, 5)), 0, 1.0), Phrase(((1, 0), (3, 6)), 0, 2.0)])
    assert shared.offsets.tolist() == [0, 1, 2, 4]
    assert shared.cost.tolist() == [1.0, 0.0, 0.0, 1.0]
    assert shared.size == 4
