"""The limits of a session's time, by a clock that is told."""

import pytest

from engine.limits import Limits, SessionClock
from engine.protocol import ErrorType, MessageError

MINUTE = 60 * 1_000_000_000


def told(clock: SessionClock, start: int, end: int) -> list[tuple[int, str]]:
    """What is said between two minutes, looked at every minute."""
    return [(minute, warning.reason) for minute in range(start, end) for warning in clock.due(minute * MINUTE)]


def test_silence_is_warned_about_and_ends_the_session() -> None:
    clock = SessionClock(Limits(), 0)
    assert told(clock, 0, 60) == [
        (45, "Session will timeout in 15m due to inactivity, no audio sent within the last 45m"),
        (50, "Session will timeout in 10m due to inactivity, no audio sent within the last 50m"),
        (55, "Session will timeout in 5m due to inactivity, no audio sent within the last 55m"),
    ]
    with pytest.raises(MessageError) as caught:
        clock.due(60 * MINUTE)
    assert caught.value.type is ErrorType.IDLE_TIMEOUT


def test_audio_begins_the_silence_anew() -> None:
    clock = SessionClock(Limits(), 0)
    assert len(told(clock, 0, 50)) == 1
    clock.heard(50 * MINUTE)
    assert clock.next() == 95 * MINUTE
    assert [minute for minute, _ in told(clock, 50, 106)] == [95, 100, 105]


def test_a_long_session_is_warned_and_ended_whatever_it_hears() -> None:
    clock = SessionClock(Limits(session=100 * MINUTE), 7)
    said = []
    for minute in range(100):
        clock.heard(minute * MINUTE + 7)
        said += [warning.reason for warning in clock.due(minute * MINUTE + 7)]
    assert [reason.split(" due")[0] for reason in said] == [
        "Session will timeout in 45m", "Session will timeout in 30m", "Session will timeout in 15m",
    ]  # fmt: skip
    with pytest.raises(MessageError) as caught:
        clock.due(100 * MINUTE + 7)
    assert caught.value.type is ErrorType.SESSION_TIMEOUT


def test_who_looks_rarely_is_told_once_and_the_next_moment_is_known() -> None:
    clock = SessionClock(Limits(session=20 * MINUTE, idle=60 * MINUTE), 0)
    assert clock.next() == 5 * MINUTE
    assert len(clock.due(6 * MINUTE)) == 1
    assert clock.next() == 20 * MINUTE
    late = SessionClock(Limits(), 0)
    assert len(late.due(56 * MINUTE)) == 1
    assert late.next() == 60 * MINUTE
