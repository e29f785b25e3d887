import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.charts.ecdf import LEFT, RIGHT, TICKS, WIDTH, Curve, Limit, ecdf, tick_step

CURVE = Curve("champion", ((0.5, 0.25), (0.6, 0.5), (1.0, 0.75)))


def drawn(*curves: Curve, limit: Limit | None = None, highest: float = 1.2) -> list[ET.Element]:
    return list(ET.fromstring(ecdf(curves, 0.0, highest, limit, "words")))


def path_of(elements: list[ET.Element], name: str) -> str:
    return next(e.attrib["d"] for e in elements if e.attrib["class"] == name)


def test_a_curve_climbs_from_the_floor_and_never_falls() -> None:
    heights = [float(y) for y in re.findall(r"V([\d.]+)", path_of(drawn(CURVE), "curve champion"))]
    assert heights == sorted(heights, reverse=True)
    assert len(heights) == 3


def test_a_curve_that_never_reaches_the_top_goes_on_flat_to_the_edge() -> None:
    assert path_of(drawn(CURVE), "curve champion").endswith(f"H{WIDTH - RIGHT}")


def test_a_curve_beyond_the_edge_is_cut() -> None:
    path = path_of(drawn(CURVE, highest=0.7), "curve champion")
    assert path.count("V") == 2
    assert max(float(x) for x in re.findall(r"[MH]([\d.]+)", path)) <= WIDTH - RIGHT


def test_an_arm_without_delays_has_no_curve() -> None:
    assert not [e for e in drawn(Curve("candidate", ())) if e.attrib["class"].startswith("curve")]


@pytest.mark.parametrize(("seconds", "shown"), [(1.0, True), (3.0, False)])
def test_the_promised_delay_is_drawn_where_it_fits(seconds: float, shown: bool) -> None:
    elements = drawn(CURVE, limit=Limit(seconds, "max_delay"))
    assert any(e.attrib["class"] == "limit" for e in elements) is shown


@settings(deadline=None, max_examples=50)
@given(st.floats(1e-3, 1e4))
def test_about_six_ticks_fit(highest: float) -> None:
    assert TICKS / 2.5 <= highest / tick_step(0.0, highest) <= TICKS * 1.01


def test_the_axis_may_begin_below_zero() -> None:
    xs = [float(e.attrib["x"]) for e in ET.fromstring(ecdf((CURVE,), -0.4, 1.0, None, "words")) if e.tag == "text"]
    assert min(xs) >= 0
    assert LEFT in xs or any(x > LEFT for x in xs)
