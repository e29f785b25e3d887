"""NLP: one token a line with its speaker, times, punctuation, case and entities; a file is a recording.

Source: fstalign, docs/NLP-Format.md and src/Nlp.cpp: columns separated by ``|`` and named in the first line. Columns
that are not known are passed over, as there; only ``token`` must be given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from testsets.errors import FormatError
from testsets.formats.fields import Line, in_seconds
from testsets.lines import numbered, read_text, write_text
from testsets.transcript import Transcript, Word

COLUMNS = ("token", "speaker", "ts", "endTs", "punctuation", "prepunctuation", "case", "tags", "wer_tags", "confidence")
CASES = ("", "UC", "LC", "CA", "MC")  # unknown, first capital, lower, all capitals, mixed

_QUOTED = r"(?:'[^']*'|\"[^\"]*\")"
_LIST = re.compile(rf"\[\s*(?:{_QUOTED}(?:\s*,\s*{_QUOTED})*)?\s*\]")
_ITEM = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; times are samples at the rate the file was read with."""

    token: str
    speaker: str | None = None
    start: int | None = None
    end: int | None = None
    punctuation: str = ""  # written after the token
    prepunctuation: str = ""  # written before it
    case: str = ""  # one of CASES
    tags: tuple[str, ...] = ()  # "0:YEAR": id and class of an entity, for its alternatives
    wer_tags: tuple[str, ...] = ()  # "0": ids of every entity that the token belongs to
    confidence: float | None = None

    def __post_init__(self) -> None:
        if (self.start is None) != (self.end is None):
            raise ValueError(f"token {self.token!r}: give both ts and endTs, or neither")
        if self.start is not None and self.end is not None and not 0 <= self.start <= self.end:
            raise ValueError(f"token {self.token!r} ends before it starts")

    @property
    def text(self) -> str:
        """The token as it is written in a text: its case, and its punctuation beside it."""
        token = self.token
        if token == token.lower() and self.case in ("UC", "CA"):
            token = token.upper() if self.case == "CA" else token[:1].upper() + token[1:]
        return f"{self.prepunctuation}{token}{self.punctuation}"


def parse(text: str, where: str, rate: int) -> tuple[Token, ...]:
    """Read NLP.

    Args:
        text: the file's text.
        where: its name, for errors.
        rate: samples per second in which times are returned.

    Raises:
        FormatError: the header or a line is malformed.
    """
    lines = (Line(line, where, number) for number, line in numbered(text))
    header = next(lines, None)
    if header is None:
        return ()
    columns = _columns(header)
    return tuple(_token(line, columns, rate) for line in lines)


def render(tokens: Iterable[Token], rate: int) -> str:
    """Write NLP.

    Raises:
        FormatError: a value holds what separates values or lines.
    """
    return "".join(line + "\n" for line in [_SEPARATOR.join(COLUMNS), *(_line(token, rate) for token in tokens)])


def load(path: str | Path, rate: int) -> tuple[Token, ...]:
    """Read an NLP file; see ``parse``."""
    return parse(read_text(path), str(path), rate)


def save(path: str | Path, tokens: Iterable[Token], rate: int) -> None:
    """Write an NLP file; see ``render``."""
    write_text(path, render(tokens, rate))


def transcript(tokens: Iterable[Token], rate: int) -> Transcript:
    """The tokens as words in the order of the file, written with their case and punctuation."""
    words = (Word(token.text, token.start, token.end, token.confidence, token.speaker) for token in tokens)
    return Transcript(tuple(words), rate)


def load_transcript(path: str | Path, rate: int) -> dict[str, Transcript]:
    """The words of an NLP file under its name without the ending, for the format names no recording."""
    return {Path(path).stem: transcript(load(path, rate), rate)}


def _columns(header: Line) -> list[str]:
    _refuse_returns(header)
    columns = [column.strip() for column in header.text.split(_SEPARATOR)]
    if "token" not in columns:
        header.fail(f"no column 'token'; expected '{_SEPARATOR.join(COLUMNS)}' or part of it")
    twice = next((column for column in COLUMNS if columns.count(column) > 1), None)
    if twice is not None:
        header.fail(f"column {twice!r} is given twice")
    return columns


def _refuse_returns(line: Line) -> None:
    if "\r" in line.text:  # with CR alone as line end, a file reads as one long line
        line.fail("a carriage return inside a line; end lines with LF or CR LF")


def _token(line: Line, columns: list[str], rate: int) -> Token:
    _refuse_returns(line)
    values = [value.strip(" \t") for value in line.text.split(_SEPARATOR, len(columns))]
    if len(values) != len(columns):
        many = f"more than {len(columns)}" if len(values) > len(columns) else str(len(values))
        line.fail(f"{many} values for {len(columns)} columns; expected '{_SEPARATOR.join(columns)}'")
    row = dict(zip(columns, values, strict=True))
    token, case = row["token"], row.get("case", "")
    if not token:
        line.fail("the token is empty")
    if case not in CASES:
        line.fail(f"case {case!r} is not one of {', '.join(CASES[1:])}")
    try:
        return Token(
            token,
            row.get("speaker") or None,
            _time(line, row, "ts", rate),
            _time(line, row, "endTs", rate),
            row.get("punctuation", ""),
            row.get("prepunctuation", ""),
            case,
            _items(line, row, "tags"),
            _items(line, row, "wer_tags"),
            line.confidence(row["confidence"]) if row.get("confidence") else None,
        )
    except FormatError:
        raise
    except ValueError as error:
        line.fail(str(error))


def _time(line: Line, row: dict[str, str], column: str, rate: int) -> int | None:
    return line.samples(row[column], rate, column) if row.get(column) else None


def _items(line: Line, row: dict[str, str], column: str) -> tuple[str, ...]:
    text = row.get(column, "")
    if text in ("", "[]"):
        return ()
    if not _LIST.fullmatch(text):
        line.fail(f"{column} {text!r} is no list such as ['0:YEAR', '1:DATE']")
    return tuple(single or double for single, double in _ITEM.findall(text))


def _line(token: Token, rate: int) -> str:
    row = (
        token.token,
        token.speaker or "",
        "" if token.start is None else in_seconds(token.start, rate),
        "" if token.end is None else in_seconds(token.end, rate),
        token.punctuation,
        token.prepunctuation,
        token.case,
        _list(token.tags),
        _list(token.wer_tags),
        "" if token.confidence is None else repr(token.confidence),
    )
    for column, value in zip(COLUMNS, row, strict=True):
        if _SEPARATOR in value or "\n" in value or "\r" in value or value != value.strip(" \t"):
            raise FormatError("NLP", f"{column} {value!r} cannot be written: no '|', line ends or outer spaces")
    if not token.token:
        raise FormatError("NLP", "an empty token cannot be written")
    return _SEPARATOR.join(row)


def _list(items: tuple[str, ...]) -> str:
    for item in items:
        if "'" in item:
            raise FormatError("NLP", f"entity {item!r} cannot be written: no quotes")
    return "[" + ", ".join(f"'{item}'" for item in items) + "]"
