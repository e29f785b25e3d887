from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.job import State, timestamp


@given(st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1)))  # noqa: DTZ001 - hypothesis wants bounds without zone
def test_a_timestamp_is_the_time_to_the_microsecond(naive: datetime) -> None:
    when = naive.replace(tzinfo=UTC)
    us = (when - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution)
    assert timestamp(us) == when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert datetime.fromisoformat(timestamp(us)) == when


@pytest.mark.parametrize(
    ("state", "over", "kept"),
    [
        (State.QUEUED, False, True), (State.RUNNING, False, True), (State.DONE, True, True),
        (State.REJECTED, True, True), (State.DELETED, True, False), (State.EXPIRED, True, False),
    ],
)  # fmt: skip
def test_states(state: State, over: bool, kept: bool) -> None:
    assert (state.over, state.kept) == (over, kept)
