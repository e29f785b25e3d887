from dataclasses import replace

from harness.results import Arm, Outcome
from reports.view.utterances import MOST_IMPROVEMENTS, MOST_REGRESSIONS, severity_text, utterances_view


def test_regressions_come_before_improvements_and_the_worst_first(make_run) -> None:
    cards = utterances_view(make_run(Outcome.PASS)).cards
    assert [c.verb for c in cards] == ["regression"] * 5 + ["improvement"] * 2
    assert cards[0].severity == "9\u00a0more errors"
    assert cards[-1].severity == "2\u00a0fewer errors"


def test_edge_cases_of_one_case_share_a_card_and_the_worst_is_heard(make_run, make_edge_case) -> None:
    one, two = make_edge_case(1, "a"), make_edge_case(1, "a", kind="deletion", severity=5)
    slow = replace(make_edge_case(1, "a", kind="latency", severity=900), start=0, detail="slow")
    cards = utterances_view(replace(make_run(Outcome.PASS), edge_cases=(one, two, slow))).cards
    assert [c.kinds for c in cards] == [("deletion", "number", "latency")]
    assert cards[0].edge is two
    assert cards[0].details == (one.detail, "slow")


def test_the_page_is_bounded_and_says_what_it_hides(make_run, make_edge_case) -> None:
    better = [make_edge_case(200 + k, "a", arm=Arm.CHAMPION) for k in range(MOST_IMPROVEMENTS + 3)]
    worse = [make_edge_case(k, "a") for k in range(MOST_REGRESSIONS + 8)]
    view = utterances_view(replace(make_run(Outcome.PASS), edge_cases=(*better, *worse)))
    assert [c.verb for c in view.cards] == ["regression"] * MOST_REGRESSIONS + ["improvement"] * MOST_IMPROVEMENTS
    assert view.hidden.startswith("11\u00a0more utterances")


def test_latency_is_told_in_milliseconds(make_edge_case) -> None:
    assert severity_text(make_edge_case(1, "a", kind="latency", severity=1200)) == "1,200 ms later"
    assert severity_text(make_edge_case(1, "a", kind="latency", severity=90, arm=Arm.CHAMPION)) == "90 ms earlier"


def test_filters_offer_what_the_cards_have(make_run) -> None:
    view = utterances_view(make_run(Outcome.PASS))
    assert view.kinds == ("name", "number", "substitution")
    assert view.tags == ("noise=babble", "noise=clean")


def test_a_tag_that_is_no_slice_is_found_by_the_search_alone(make_run) -> None:
    card = utterances_view(make_run(Outcome.PASS)).cards[0]
    assert card.tags == ("noise=clean",)
    assert "accent=american" in card.search


def test_nothing_run_is_not_called_equal(nothing) -> None:
    assert utterances_view(nothing).none == "Nothing was run, so nothing can differ."
