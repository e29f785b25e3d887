"""Finals against max_delay."""

from __future__ import annotations

import pytest

from harness.measures.times.deadlines import deadlines, promised_ns
from harness.measures.times.values import Deadlines
from testsets.events import Event, Kind

MS = 1_000_000


@pytest.mark.parametrize(
    ("config", "promised"),
    [
        ({"max_delay": 2}, 2_000 * MS),
        ({"transcription_config": {"max_delay": 0.7}, "max_delay": 4}, 700 * MS),
        ({}, None),
        ({"max_delay": None}, None),
        ({"max_delay": True}, None),
        ({"max_delay": 0}, None),
        ({"max_delay": float("inf")}, None),
        ({"max_delay": float("nan")}, None),
        ({"max_delay": "2"}, None),
    ],
)
def test_what_was_promised_stands_in_the_session_config(config, promised) -> None:
    assert promised_ns(config) == promised


def test_early_in_time_late_and_never(logs) -> None:
    found = logs.log(
        *logs.audio(50),
        logs.final(1_000, ("early", 0, 400)),
        logs.final(2_400, ("in", 500, 900), ("time", 1_000, 1_400)),
        logs.final(3_501, ("late", 1_400, 1_500)),
        logs.partial(3_600, ("never", 3_000, 3_100)),
        failure="died",
    )
    clock = logs.clock(found)
    assert deadlines(found, clock, 2_000 * MS) == Deadlines(early=2, in_time=1, late=2)
    assert deadlines(found, clock, 2_000 * MS, early_ns=1_200 * MS) == Deadlines(early=1, in_time=2, late=2)
    assert deadlines(found, clock, 2_000 * MS, grace_ns=1 * MS) == Deadlines(early=2, in_time=2, late=1)
    assert deadlines(found, clock, 2_000 * MS, expected_words=7) == Deadlines(early=2, in_time=1, late=4)


def test_what_the_end_of_the_stream_finalises_is_in_time_however_soon(logs) -> None:
    found = logs.log(*logs.audio(5), logs.at(Kind.SENT_END, 500), logs.final(510, ("one", 0, 450)), logs.end)
    assert deadlines(found, logs.clock(found), 2_000 * MS) == Deadlines(in_time=1)


def test_a_client_that_stalls_cannot_make_a_recogniser_late(logs) -> None:
    stalled = [
        Event(Kind.AUDIO, 1_000 * MS, due_ns=1_000 * MS, samples=1_000),
        Event(Kind.AUDIO, 4_000 * MS, due_ns=4_000 * MS, samples=2_000),
    ]
    found = logs.log(*stalled, logs.final(3_490, ("one", 0, 500)), logs.final(4_600, ("two", 500, 1_000)), logs.end)
    assert deadlines(found, logs.clock(found), 1_000 * MS) == Deadlines(in_time=1, late=1)


def test_words_without_times_have_no_deadline(logs) -> None:
    found = logs.log(*logs.audio(5), logs.final(450, "one"), logs.end)
    assert deadlines(found, logs.clock(found), 1_000 * MS) is None
