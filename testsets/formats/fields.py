"""Lines of white-space separated fields, as all NIST formats have them, and seconds on the audio clock."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Never

from testsets.errors import FormatError
from testsets.lines import numbered

COMMENT = ";;"
LARGEST_S = 1e8  # three years; more is a wrong unit, not a recording
LONGEST_NUMBER = 40  # characters; more digits than any clock has
DECIMALS = 6  # a microsecond, finer than half a sample at any rate audio has


@dataclass(frozen=True, slots=True)
class Line:
    """A line that knows where it stands."""

    text: str
    where: str
    number: int

    def fail(self, what: str) -> Never:
        raise FormatError(self.where, what, self.number)

    def fields(self, layout: str, least: int, most: int | None = None, rest: bool = False) -> list[str]:
        """The fields of the line.

        Args:
            layout: how the line should look, for the error.
            least: fewest fields.
            most: most fields; None for as many as ``least``.
            rest: keep everything after ``most - 1`` fields as one field.
        """
        most = least if most is None else most
        found = self.text.split(maxsplit=most - 1 if rest else most)
        if not least <= len(found) <= most:
            many = f"more than {most}" if len(found) > most else str(len(found))
            self.fail(f"{many} fields; expected '{layout}'")
        return found

    def samples(self, seconds: str, rate: int, name: str) -> int:
        """A time in seconds as whole samples."""
        return round(self.seconds(seconds, name) * rate)

    def seconds(self, text: str, name: str) -> float:
        seconds = parse_number(text)
        if seconds is None:
            self.fail(f"{name} {text!r} is not a number of seconds")
        if not (math.isfinite(seconds) and 0 <= seconds <= LARGEST_S):
            self.fail(f"{name} {text!r} must lie between 0 and {LARGEST_S:.0f} s")
        return seconds

    def confidence(self, text: str) -> float:
        """A probability as a number from 0 to 1."""
        value = parse_number(text)
        if value is None or not 0 <= value <= 1:
            self.fail(f"confidence {text!r} must be a number from 0 to 1")
        return value


def parse_number(text: str) -> float | None:
    """A number as the formats write it, or None: float() alone would also take 1_000 for a thousand."""
    if len(text) > LONGEST_NUMBER or "_" in text or not text.isascii():
        return None
    try:
        return float(text)
    except ValueError:
        return None


def data_lines(text: str, where: str) -> Iterator[Line]:
    """The lines of a text, without blank lines and ``;;`` comments.

    Raises:
        FormatError: a line holds a carriage return: with CR alone as line end, a file would read as one long line.
    """
    for number, line in numbered(text):
        if "\r" in line:
            raise FormatError(where, "a carriage return inside a line; end lines with LF or CR LF", number)
        if not line.lstrip().startswith(COMMENT):
            yield Line(line, where, number)


def in_seconds(samples: int, rate: int) -> str:
    """Samples as seconds, exact enough to read the same number of samples back."""
    return f"{samples / rate:.{DECIMALS}f}"


def as_field(value: str, name: str, recording: str) -> str:
    """A value that may stand in a white-space separated line.

    Raises:
        FormatError: it is empty, holds white space, or would read as a comment.
    """
    if not value or value.split() != [value] or value.startswith(COMMENT):
        raise FormatError(recording or "a segment", f"{name} {value!r} cannot be written: use a name without spaces")
    return value
