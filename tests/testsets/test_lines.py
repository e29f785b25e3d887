import contextlib
import gzip
import json
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testsets.errors import FormatError
from testsets.lines import Row, json_row, json_value, numbered, read_text, twins


def test_lines_are_numbered_without_blank_ones_marks_and_line_ends() -> None:
    assert list(numbered("\ufeffa\r\n\r\n b\u2028c \n")) == [(1, "a"), (3, " b\u2028c ")]


def test_bad_files_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no such file"):
        read_text(tmp_path / "gone.txt")
    with pytest.raises(FormatError, match="is a folder; name one file"):
        read_text(tmp_path)
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(FormatError, match=r"latin.txt:1: byte 3 is not UTF-8"):
        read_text(tmp_path / "latin.txt")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ("one\ntwo".encode("utf-16"), "looks like UTF-16; save the file as UTF-8"),
        ("one\ntwo".encode("utf-16-be"), ":1: a NUL character: this is no text file, or UTF-16"),
        (b"one\ntwo\nna\xefve", ":3: byte 10 is not UTF-8"),
        (b"one\ntw\0o", ":2: a NUL character"),
        (b"one\ntwo\n\x1b[2J\0", r":3: a control character [(]0x1b[)]"),
        (gzip.compress(b"one (a)", mtime=0), "is compressed [(]gzip[)]; unpack it first"),
        (lzma.compress(b"one (a)"), "is compressed [(]xz[)]; unpack it first"),
    ],
)
def test_what_is_no_text_is_told_by_name(tmp_path: Path, data: bytes, what: str) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(FormatError, match=what):
        read_text(tmp_path / "file")


def test_files_put_together_keep_no_mark_inside() -> None:
    assert list(numbered("\ufeffa\n\ufeffb\n")) == [(1, "a"), (2, "b")]


def test_ids_that_differ_only_in_case_are_found() -> None:
    assert list(twins(["a", "b", "A", "a", "STRASSE", "straße"])) == [("a", "A"), ("STRASSE", "straße")]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "not JSON"),
        ("[1]", "expected a JSON object, got a list"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ('{"a": 1, "a": 2}', "key 'a' is given twice"),
        ("[" * 100_000, "not"),
        ('{"a": ' + "9" * 5_000 + "}", "not usable JSON"),
        (r'{"a": "\ud83d"}', "half of a character"),
        (" ", "is empty"),
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
        ({"a": " "}, lambda row: row.identity("a"), "'a' is empty"),
        ({"a": "x\ny"}, lambda row: row.identity("a"), "holds control characters"),
        ({"a": {"b": json.loads("[" * 70 + "]" * 70)}}, lambda row: row.mapping("a"), "more than 64 levels deep"),
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


def test_whole_characters_in_two_halves_are_read() -> None:
    assert json_value(r'["\ud83d\ude00"]', "f") == ["😀"]


def test_json_over_several_lines_says_which() -> None:
    with pytest.raises(FormatError, match="f:3: not JSON: Expecting value at character 2"):
        json_value("[\n1,\n ]", "f")


def test_a_long_line_is_not_repeated_whole() -> None:
    error = FormatError("f", "x" * 10_000_000 + "; do this", 7)
    assert len(str(error)) < 500
    assert str(error).startswith("f:7: xxx")
    assert str(error).endswith("; do this")
