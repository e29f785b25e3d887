from dataclasses import replace

import pytest

from harness.results import Finding, Outcome
from reports.view.verdict import LOOK_AT, figure, headline, verdict_view


@pytest.mark.parametrize(
    ("outcome", "words"), [(Outcome.PASS, "may replace"), (Outcome.FAIL, "must not"), (Outcome.HOLD, "does not say")]
)
def test_the_headline_says_what_to_do(make_run, outcome: Outcome, words: str) -> None:
    assert words in headline(make_run(outcome))
    assert "models:/reference@candidate" in headline(make_run(outcome))


def test_a_failing_slice_is_looked_at_before_the_worst_utterance(make_run) -> None:
    titles = [p.title for p in verdict_view(make_run(Outcome.FAIL)).look_at]
    assert titles == ["WER on noise=babble", "Worst utterance: rms-numbers-000", "WER on age=child"]


def test_a_doubt_that_holds_the_verdict_comes_first(make_run) -> None:
    assert verdict_view(make_run(Outcome.HOLD)).look_at[0].title == "WER on content=numbers"


def test_wrong_evidence_comes_before_wrong_numbers_and_crowds_nothing_out(make_run) -> None:
    run = make_run(Outcome.FAIL)
    kinds = ("missing", "missing", "pace", "unequal", "few")
    wrong = tuple(Finding(kind, Outcome.FAIL, "candidate", (), f"something is {kind}") for kind in kinds)
    pointers = verdict_view(replace(run, verdict=replace(run.verdict, findings=wrong))).look_at
    assert len(pointers) == LOOK_AT
    titles = ["Evidence: missing, candidate", "Evidence: pace, candidate", "Worst utterance: rms-numbers-000"]
    assert [p.title for p in pointers] == titles


def test_a_pass_with_nothing_to_worry_about_points_nowhere(make_run) -> None:
    run = make_run(Outcome.PASS, edges=0)
    quiet = replace(run, comparisons=tuple(c for c in run.comparisons if c.outcome is Outcome.PASS))
    assert verdict_view(quiet).look_at == ()


def test_a_figure_leaves_out_what_is_undefined(make_comparison) -> None:
    assert figure(make_comparison(values=(None, 0.1), margin=None)) == "WER: – → 10.00\u00a0%"
    assert figure(make_comparison()).endswith("at most +0.55\u00a0pp, margin +1.00\u00a0pp")


def test_a_run_of_nothing_still_has_a_reason(nothing) -> None:
    assert verdict_view(nothing).reasons == ("The gate gave no reason.",)
    assert headline(nothing) == "The evidence does not say whether the candidate may replace the champion."
