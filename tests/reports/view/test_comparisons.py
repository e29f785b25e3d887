import re
from dataclasses import replace

import pytest

from harness.results import Interval, Outcome, Role
from reports.charts.forest import EDGE, WIDTH
from reports.view.comparisons import Scale, mark_of, measure_tables, slice_tables


def test_what_decides_stands_first_and_the_rest_by_family(make_run) -> None:
    deciding, *others = measure_tables(make_run(Outcome.PASS))
    assert deciding.title == "What decides"
    assert [r.title for r in deciding.rows][:3] == ["WER", "DER", "Final latency p50"]
    assert all(row.gating for row in deciding.rows)
    assert [table.title for table in others] == ["Words", "Time"]
    assert not any(row.gating for table in others for row in table.rows)


def test_slices_are_grouped_by_measure_and_the_deciding_group_is_first(make_run) -> None:
    tables = slice_tables(make_run(Outcome.FAIL))
    assert [(t.title, t.gating) for t in tables] == [("WER", 5), ("DER", 0)]
    assert not tables[0].rows[-1].gating


def test_the_most_worrying_slice_leads_its_group(make_run, make_comparison) -> None:
    calm = make_comparison(slice_="a=1")
    worse = replace(make_comparison(slice_="a=2"), p_worse_adjusted=0.001)
    unknown = make_comparison(slice_="a=3", values=(None, None))
    run = replace(make_run(Outcome.PASS), comparisons=(unknown, calm, worse))
    assert [r.title for r in slice_tables(run)[0].rows] == ["a=2", "a=1", "a=3"]


def test_an_undefined_row_is_dashes_with_a_reason_and_never_zero(make_run) -> None:
    tables = measure_tables(make_run(Outcome.PASS))
    row = next(r for table in tables for r in table.rows if r.title == "CER")
    shown = (row.champion, row.candidate, row.difference, row.interval, row.bound, row.margin, row.mde, row.noise)
    assert set(shown) == {"–"}
    assert row.chart is None
    assert row.because == "no case has characters; 24 skipped: no reference"


def test_failed_sessions_are_counted_beside_the_row(make_run, make_comparison) -> None:
    run = replace(make_run(Outcome.PASS), comparisons=(replace(make_comparison(), failed=3),))
    assert measure_tables(run)[0].rows[0].clusters == "23\u00a0clusters, 3\u00a0failed"


def test_a_row_is_drawn_in_units_of_its_margin_else_like_its_kind(make_comparison) -> None:
    assert mark_of(make_comparison(margin=0.02), Scale(3.0, 9.0)).half == pytest.approx(0.06)
    assert mark_of(make_comparison(margin=None, role=Role.DIAGNOSTIC), Scale(3.0, 0.3)).half == 0.3
    assert mark_of(make_comparison(margin=0.0), Scale(None, 0.3)).half == 0.3
    assert mark_of(make_comparison(values=(0.1, None)), Scale(None, 0.3)) is None


@pytest.mark.parametrize(("gain", "margin_at"), [(0.0, 2.5), (0.05, 5.67), (0.4, 10.0)])
def test_a_large_gain_widens_the_scale_but_the_margin_stays_visible(make_run, make_comparison, gain, margin_at) -> None:
    one = make_comparison(values=(0.5, 0.5 - gain))
    chart = measure_tables(replace(make_run(Outcome.PASS), comparisons=(one,)))[0].rows[0].chart
    x = float(re.search(r'class="margin" d="M([\d.]+)', chart)[1])
    assert (x - WIDTH / 2) * margin_at == pytest.approx(WIDTH / 2 - EDGE, abs=1)


def test_the_drawing_says_itself_in_words(make_run, make_comparison) -> None:
    one = replace(make_comparison(), interval=Interval(-0.001, 0.004, 0.9))
    chart = measure_tables(replace(make_run(Outcome.PASS), comparisons=(one,)))[0].rows[0].chart
    assert "90\u00a0% interval −0.10\u00a0pp … +0.40\u00a0pp, margin +1.00\u00a0pp, noise floor" in chart


def test_percentiles_that_only_inform_are_thinned_out_in_slices(make_run, make_comparison) -> None:
    every = [
        make_comparison("final_latency", "a=1", statistic=s, role=role)
        for s, role in (("p50", Role.DIAGNOSTIC), ("p90", Role.DIAGNOSTIC), ("p99", Role.GATING))
    ]
    tables = slice_tables(replace(make_run(Outcome.PASS), comparisons=tuple(every)))
    assert [t.title for t in tables] == ["Final latency p99", "Final latency p50"]


def test_the_meaning_of_a_measure_is_said_once(make_run, make_comparison) -> None:
    found = tuple(make_comparison("final_latency", statistic=s) for s in ("p50", "p95"))
    notes = [r.note for r in measure_tables(replace(make_run(Outcome.PASS), comparisons=found))[0].rows]
    assert notes == ["word spoken until its final arrives", ""]


def test_the_rules_behind_the_margins_are_said_once(make_run, make_comparison) -> None:
    found = (make_comparison(), make_comparison("cer"), replace(make_comparison("der"), margin_rule="5 %"))
    table = measure_tables(replace(make_run(Outcome.PASS), comparisons=found))[0]
    assert table.margins == "WER, CER: absolute; DER: 5 %"


def test_only_what_needs_explaining_is_explained(make_run, make_comparison) -> None:
    quiet = [make_comparison(), make_comparison("cer", outcome=Outcome.FAIL, role=Role.DIAGNOSTIC)]
    loud = [
        make_comparison("der", outcome=Outcome.FAIL),
        make_comparison("x", outcome=Outcome.HOLD, role=Role.DIAGNOSTIC),
    ]
    tables = measure_tables(replace(make_run(Outcome.FAIL), comparisons=(*quiet, *loud)))
    rows = [row for table in tables for row in table.rows]
    assert {r.title: bool(r.because) for r in rows} == {"WER": False, "CER": False, "DER": True, "x": True}


def test_what_holds_the_verdict_stands_above_what_passes(make_run, make_comparison) -> None:
    outcomes = (Outcome.PASS, Outcome.HOLD, Outcome.FAIL)
    found = tuple(make_comparison(slice_=f"a={o.value}", outcome=o) for o in outcomes)
    rows = slice_tables(replace(make_run(Outcome.FAIL), comparisons=found))[0].rows
    assert [r.title for r in rows] == ["a=FAIL", "a=HOLD", "a=PASS"]
