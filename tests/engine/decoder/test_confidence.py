"""Maps from posteriors to confidences."""

import pytest

from engine.decoder.confidence import ConfidenceMap
from engine.errors import ModelError


def test_a_line_through_points():
    chosen = ConfidenceMap.from_table({"posterior": [0, 0.5, 1], "calibrated": [0.1, 0.2, 0.9]}, "model.toml")
    assert [chosen(value) for value in (0.0, 0.25, 0.75, 1.0)] == pytest.approx([0.1, 0.15, 0.55, 0.9])


def test_no_table_changes_nothing():
    assert ConfidenceMap.from_table({}, "model.toml")(0.37) == pytest.approx(0.37)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"posterior": [0, 1]}, "needs posterior and calibrated"),
        ({"posterior": [0, 1], "calibrated": [0, 2]}, "from 0 to 1"),
        ({"posterior": [0, 1], "calibrated": "ab"}, "from 0 to 1"),
        ({"posterior": [0, 1], "calibrated": [0.5]}, "pairs 2 posteriors with 1"),
        ({"posterior": [0, 0], "calibrated": [0, 1]}, "must rise"),
        ({"posterior": [0, 1], "calibrated": [1, 0]}, "must rise"),
    ],
)
def test_tables_that_are_no_map_are_refused(table, message):
    with pytest.raises(ModelError, match=message):
        ConfidenceMap.from_table(table, "model.toml")
