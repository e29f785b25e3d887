from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measures.counts import Delays
from harness.measures.times.histogram import DelayHistogram
from harness.results import Arm, Outcome
from reports.view import latency
from reports.view.latency import POINTS, curve_points, latency_figures, pool


def test_one_figure_for_each_delay_with_all_arms(make_run) -> None:
    figures = latency_figures(make_run(Outcome.PASS))
    assert [f.title for f in figures] == ["Final latency", "Partial latency"]
    assert [e.title for e in figures[0].legend] == ["champion", "champion again", "candidate"]
    assert "3 never arrived" in figures[0].legend[0].text
    assert "max_delay 1.8 s" in figures[0].chart
    assert "max_delay" not in figures[1].chart


def test_arms_with_different_max_delay_have_no_common_limit(make_run) -> None:
    run = make_run(Outcome.PASS)
    other = replace(run.record.arms[2], config={"transcription_config": {"max_delay": 4}})
    run = replace(run, record=replace(run.record, arms=(*run.record.arms[:2], other)))
    assert "max_delay" not in latency_figures(run)[0].chart


def test_nothing_measured_draws_nothing(nothing) -> None:
    assert latency_figures(nothing) == ()
    assert pool(nothing, Arm.CHAMPION, "final_latency") == Delays()


def test_delays_that_all_never_ended_draw_nothing(make_run) -> None:
    run = make_run(Outcome.PASS)
    unit = replace(run.units[0], measures={"final_latency": Delays((), 4)})
    assert latency_figures(replace(run, units=(unit,))) == ()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-(10**9), 10**10), min_size=1, max_size=500), st.integers(0, 50))
def test_a_curve_ends_at_the_share_that_arrived(delays: list[int], censored: int) -> None:
    found = Delays.of(delays, censored)
    points = curve_points(found)
    assert len(points) <= POINTS
    assert list(points) == sorted(points)
    assert points[-1] == (max(delays) / 1e9, pytest.approx(len(delays) / found.count))


def test_a_very_long_stream_is_drawn_from_a_histogram(make_run, monkeypatch) -> None:
    run = make_run(Outcome.PASS)
    exact = curve_points(pool(run, Arm.CHAMPION, "final_latency"))
    monkeypatch.setattr(latency, "EXACT_UP_TO", 3)
    pooled = pool(run, Arm.CHAMPION, "final_latency")
    assert isinstance(pooled, DelayHistogram)
    rough = curve_points(pooled)
    assert [share for _, share in rough] == [share for _, share in exact]
    assert all(0 <= b - a <= abs(a) / 1000 + 1e-9 for (a, _), (b, _) in zip(exact, rough, strict=True))
    assert len(latency.latency_figures(run)) >= 1
