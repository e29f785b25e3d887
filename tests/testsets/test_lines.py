import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testsets.errors import FormatError
from testsets.lines import Row, json_row, numbered, read_text


def test_lines_are_numbered_without_blank_ones_marks_and_line_ends() -> None:
    assert list(numbered("\ufeffa\r\n\r\n b\u2028c \n")) == [(1, "a"), (3, " b\u2028c ")]


def test_bad_files_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no such file"):
        read_text(tmp_path / "gone.txt")
    with pytest.raises(FormatError, match="cannot be read"):
        read_text(tmp_path)
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(FormatError, match="byte 3 is not UTF-8"):
        read_text(tmp_path / "latin.txt")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "not JSON"),
        ("[1]", "expected a JSON object, got a list"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ('{"a": 1, "a": 2}', "key 'a' is given twice"),
        ("[" * 100_000, "not"),
        ('{"a": ' + "9" * 5_000 + "}", "not usable JSON"),
    ],
)
def test_bad_rows_name_file_and_line(line: str, what: str) -> None:
    with pytest.raises(FormatError, match=f"f:3: .*{what}"):
        json_row(line, "f", 3)


@pytest.mark.parametrize(
    ("values", "read", "what"),
    [
        ({}, lambda row: row.text("a"), "'a' is missing"),
        ({"a": 1}, lambda row: row.text("a"), "'a' must be a string, got a number"),
        ({"a": True}, lambda row: row.integer("a"), "got true or false"),
        ({"a": 1.5}, lambda row: row.integer("a"), "whole number"),
        ({"a": -1}, lambda row: row.integer("a"), "at least 0"),
        ({"a": "x"}, lambda row: row.optional_number("a"), "a number, got a string"),
        ({"a": 10**400}, lambda row: row.optional_number("a"), "too large"),
        ({"a": [1]}, lambda row: row.rows("a"), "must hold objects"),
        ({"a": [[1]]}, lambda row: row.pairs("a"), "pairs of whole numbers"),
        ({"b": 1}, lambda row: row.allow("a"), "unknown key 'b'; known are a"),
    ],
)
def test_values_that_do_not_fit_are_refused(values: dict[str, object], read: object, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        read(Row(values, "f", 1))  # type: ignore[operator]


@given(st.text())
def test_any_line_is_a_row_or_a_format_error(line: str) -> None:
    with contextlib.suppress(FormatError):
        assert isinstance(json_row(line, "f", 1), Row)
