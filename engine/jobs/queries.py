"""The parameters of a request, judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from engine.jobs.errors import Refusal

FORMATS = ("json-v2", "txt", "srt")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER_US = (1 << 63) - 1


def whole(query: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    """A whole number.

    Raises:
        Refusal: 422.
    """
    text = query.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and least <= int(text) <= most):
        raise _unprocessable(f"{name} is {text[:40]!r}; send a whole number from {least} to {most:,}")
    return int(text)


def flag(query: Mapping[str, str], name: str) -> bool:
    """True or false, the latter where it is not given.

    Raises:
        Refusal: 422.
    """
    match query.get(name, "false").lower():
        case "true" | "1" | "":
            return True
        case "false" | "0":
            return False
        case other:
            raise _unprocessable(f"{name} is {other[:40]!r}; send true or false")


def moment(query: Mapping[str, str], name: str, usual: int) -> int:
    """A calendar time as microseconds since 1970; one without a zone is UTC.

    Raises:
        Refusal: 422.
    """
    text = query.get(name)
    if text is None:
        return usual
    try:
        # In a query, the plus sign of a zone that was not escaped has become a space.
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return _us(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise _unprocessable(f"{name} is {text[:40]!r}; send a time as 2026-01-31T12:00:00Z") from None


def days(query: Mapping[str, str], now_us: int) -> tuple[int, int]:
    """The times from the beginning of day ``since`` to the end of day ``until``, in microseconds since 1970.

    Raises:
        Refusal: 422.
    """
    since, until = _day(query, "since"), _day(query, "until")
    end = _us(until + timedelta(days=1)) if until else now_us
    return (_us(since) if since else 0), end


def output_format(query: Mapping[str, str]) -> str:
    """Which transcript is wanted.

    Raises:
        Refusal: 422.
    """
    wanted = query.get("format", FORMATS[0])
    if wanted not in FORMATS:
        raise Refusal(422, "Format Not Supported", f"format is {wanted[:40]!r}; send one of {', '.join(FORMATS)}")
    return wanted


def _day(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        day = datetime.combine(datetime.strptime(text, "%Y-%m-%d").date(), time(), UTC)  # noqa: DTZ007 - a date
        return min(day, datetime(9000, 1, 1, tzinfo=UTC))
    except ValueError:
        raise _unprocessable(f"{name} is {text[:40]!r}; send a date as 2026-01-31") from None


def _us(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(microseconds=1)


def _unprocessable(detail: str) -> Refusal:
    return Refusal(422, "Unprocessable Entity", detail)
