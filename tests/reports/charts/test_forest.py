import re
import xml.etree.ElementTree as ET
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.charts.forest import WIDTH, ForestMark, forest

MARK = ForestMark(point=0.002, lower=-0.004, upper=0.008, bound=0.007, margin=0.01, noise=0.001, half=0.025)


def classes(svg: str) -> list[str]:
    return [element.attrib["class"] for element in ET.fromstring(svg)]


def test_everything_is_drawn_once() -> None:
    assert classes(forest(MARK, "words")) == ["noise", "zero", "margin", "span", "span", "span", "bound", "point"]


def test_what_is_undefined_is_not_drawn() -> None:
    bare = ForestMark(point=0.0, lower=None, upper=None, bound=None, margin=None, noise=None, half=1.0)
    assert classes(forest(bare, "words")) == ["zero", "point"]


def test_an_interval_beyond_the_edge_ends_in_an_arrow() -> None:
    drawn = classes(forest(replace(MARK, upper=0.9, point=0.8), "words"))
    assert drawn.count("arrow") == 1
    assert "point" not in drawn


def test_margins_of_rows_with_different_margins_stand_under_each_other() -> None:
    found = {
        re.search(r'class="margin" d="M([\d.]+)', forest(replace(MARK, margin=m, half=2.5 * m), "words"))[1]
        for m in (0.01, 0.002, 0.1)
    }
    assert len(found) == 1


@settings(deadline=None, max_examples=50)
@given(*(st.floats(-1e6, 1e6) for _ in range(3)), st.floats(0, 1e3))
def test_it_is_xml_and_nothing_leaves_the_picture(point: float, lower: float, upper: float, half: float) -> None:
    svg = forest(ForestMark(point, lower, upper, upper, 0.01, 0.001, half), '"><script>')
    for element in ET.fromstring(svg):
        start = element.attrib.get("d", "M0")[1:].split()[0].split("v")[0]
        assert -1 <= float(start) <= WIDTH + 1
