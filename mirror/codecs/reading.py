"""Reading what a recogniser wrote: nothing that it may send can break the log that records it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from mirror.codecs import VIOLATION, Frame
from testsets.events import Event, Kind
from testsets.transcript import Word

_LATEST = 2**53  # samples; a broken recogniser's times must not break the file that records them


def json_object(frame: Frame) -> dict[str, Any] | str:
    """The JSON object in a frame, or one line that says why there is none."""
    try:
        found = json.loads(frame)
    except RecursionError:
        return "JSON nested too deeply"
    except ValueError as error:
        return f"malformed JSON: {storable(str(error))}"
    return found if isinstance(found, dict) else f"a message must be a JSON object, got {type(found).__name__}"


def violation(why: str, at_ns: int) -> tuple[Event, ...]:
    """The recogniser broke its own wire."""
    return (Event(Kind.OTHER, at_ns, detail={VIOLATION: storable(why)}),)


def span(start: object, end: object, rate: int) -> tuple[int, int]:
    """Seconds as samples with 0 <= start <= end."""
    first = samples_of(start, rate)
    return first, max(first, samples_of(end, rate))


def samples_of(seconds: object, rate: int) -> int:
    """Seconds as samples, at least 0; what is no number counts as 0."""
    number = seconds if isinstance(seconds, (int, float)) and not isinstance(seconds, bool) else 0
    if not math.isfinite(number):
        return 0
    return int(min(max(0, round(number * rate)), _LATEST))


def storable(value: object) -> str:
    """Text without the lone surrogates that JSON can smuggle in and UTF-8 cannot hold."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def share(value: object) -> float | None:
    """A confidence in 0..1, or None."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    return None


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON list; everything else in it, or instead of it, is passed over."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def mapping(value: object) -> Mapping[str, Any]:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def untimed(text: object) -> tuple[Word, ...]:
    """Words without times, split at white space."""
    return tuple(Word(token) for token in storable(text).split()) if isinstance(text, str) else ()


def bearer(token: str | None) -> dict[str, str]:
    """The header that most recognisers want a key in."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}
