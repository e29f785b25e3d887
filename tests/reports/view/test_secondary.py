"""What informs and never decides: matched-pairs tests and the normaliser's own share."""

from dataclasses import replace

import pytest

from harness.results import MatchedTest, NormaliserShare, Outcome, RulesShare
from reports.view.secondary import matched_tests, normaliser_view, p_value


def test_every_test_is_a_row_and_an_untestable_one_a_dash(make_run, make_comparison) -> None:
    tests = (MatchedTest("mapsswe", 0.0001, 210, 30, 12), MatchedTest("sign", None, 2, 1, 1))
    run = replace(make_run(Outcome.PASS), comparisons=(replace(make_comparison(), matched=tests),))
    first, second = matched_tests(run)
    assert (first.test, first.p, first.pairs) == ("MAPSSWE", "< 0.001", "210\u00a0segments")
    assert (second.test, second.p) == ("sign test", "–")


def test_p_values_promise_three_digits() -> None:
    assert [p_value(p) for p in (0.856, 0.00049, 1.0)] == ["0.856", "< 0.001", "1.000"]


@pytest.mark.parametrize(
    ("own", "said"),
    [(None, "undefined"), (0.0, "leave the difference"), (-0.004, "favour of the candidate"), (0.01, "the champion")],
)
def test_the_normalisers_own_share_is_said_in_a_sentence(own: float | None, said: str) -> None:
    levels = (("none", 0.5, 0.4), ("english-1#0", 0.4, None))
    groups = (RulesShare("numbers", 3, 0, 5, 4), RulesShare("fillers", 0, 0, 0, 0))
    view = normaliser_view(NormaliserShare(levels, own, groups))
    assert view is not None
    assert said in view.sentence
    assert [row.one_sided for row in view.groups] == [True]
    assert view.levels[1][2:] == ("–", "–")


def test_nothing_is_said_without_references() -> None:
    assert normaliser_view(None) is None
