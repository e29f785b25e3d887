"""The memory map: every buffer has its box, where the plan put it."""

from xml.etree import ElementTree

import pytest

from kernels.memory import Spec, plan
from understudy.memory_map_svg import PARTS, map_svg, part_of

SVG = "{http://www.w3.org/2000/svg}"
SPECS = [
    Spec("features", 640, 0, 1),
    Spec("blocks.0/attention/<q>", 1024, 1, 3),
    Spec("blocks.0/convolution/x", 64, 2, 2),
    Spec("blocks.0/widen", 2048, 4, 5),
]


def drawn(specs):
    planned = plan(specs)
    return planned, ElementTree.fromstring(map_svg(specs, planned, "A & B"))


def test_every_buffer_has_a_box_of_its_size_and_life():
    planned, root = drawn(SPECS)
    boxes = {g.find(f"{SVG}title").text.split(":")[0]: g.find(f"{SVG}rect").attrib for g in root.findall(f"{SVG}g")}
    assert set(boxes) == {spec.name for spec in SPECS}
    widest, narrow = boxes["blocks.0/attention/<q>"], boxes["blocks.0/convolution/x"]
    assert float(widest["width"]) / float(narrow["width"]) == pytest.approx(3, abs=0.01)
    assert float(widest["height"]) / float(narrow["height"]) == pytest.approx(16, rel=0.05)
    assert len({box["class"] for box in boxes.values()}) == len(PARTS)
    for one in SPECS:
        for other in SPECS:
            if one is not other and one.meets(other):
                low = (
                    float(boxes[one.name]["y"]) + float(boxes[one.name]["height"])
                    <= float(boxes[other.name]["y"]) + 0.2
                )
                assert low == (planned.offsets[one.name] > planned.offsets[other.name])


def test_peak_and_bound_are_told():
    planned, root = drawn(SPECS)
    told = " ".join(text.text for text in root.iter(f"{SVG}text"))
    assert "A & B" in told
    assert f"peak {planned.peak:,} bytes = lower bound" in told


def test_a_peak_above_the_bound_says_how_far():
    # Three buffers of which each pair meets once, in a ring with long ones: no plan reaches the bound.
    specs = [Spec("a", 128, 0, 3), Spec("b", 64, 3, 6), Spec("c", 128, 6, 9), Spec("d", 64, 0, 1), Spec("e", 64, 8, 9)]
    planned = plan(specs)
    told = map_svg(specs, type(planned)(planned.offsets, 2 * planned.peak, planned.lower_bound, "size"), "x")
    assert "% above the lower bound (dashed)" in told


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("blocks.3/attention/Mul_4", 0),
        ("blocks.3/convolution/norm", 1),
        ("blocks.11/widen/MatMul", 2),
        ("pair/MatMul", 3),
    ],
)
def test_parts_of_the_reference_body(name, part):
    assert part_of(name) == part
