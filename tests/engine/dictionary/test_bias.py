"""What entries cost."""

import pytest

from engine.dictionary.bias import Bias
from engine.dictionary.sounds import SaidWord

LONG, SHORT = (SaidWord("gnocchi", (1, 2, 3, 4, 5)),), (SaidWord("al", (1, 2)),)
BIAS = Bias(share=2.0, spread=1.0, gain=3.0, least=1.0, brief=0.5, enough=5)


def test_a_word_of_many_costs_more_than_the_only_one():
    assert BIAS.cost(LONG, None, 1) == 2.0
    assert BIAS.cost(LONG, None, 1000) == pytest.approx(2.0 + 6.9078, abs=1e-4)


def test_short_words_cost_more():
    assert BIAS.cost(SHORT, None, 1) == 3.5


@pytest.mark.parametrize(("known", "cost"), [(20.0, 2.0), (4.5, 1.5), (2.0, 1.0)])
def test_a_known_phrase_is_cheaper_than_in_the_graph_but_never_free(known, cost):
    assert BIAS.cost(LONG, known, 1) == cost
