"""A delay and its two parts: waiting for audio, and computing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.measures.times.arrivals import Arrivals

pairs = st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 3_000 * 10**6)), max_size=8)


def test_waiting_for_audio_and_computing_stand_apart(logs) -> None:
    clock = logs.clock(logs.log(*logs.audio(10)))
    found = Arrivals.of([(250, 730 * 10**6)], censored=1)
    assert logs.milliseconds(found.delays(clock)) == ([480], 1)
    assert logs.milliseconds(found.algorithmic(clock)) == ([450], 1)  # audio up to 700 ms had left
    assert logs.milliseconds(found.computational(clock)) == ([30], 1)


def test_after_the_last_audio_all_waiting_is_computing(logs) -> None:
    clock = logs.clock(logs.log(*logs.audio(3)))
    found = Arrivals.of([(300, 1_000 * 10**6)])
    assert logs.milliseconds(found.algorithmic(clock)) == ([0], 0)
    assert logs.milliseconds(found.computational(clock)) == ([700], 0)


def test_of_audio_sent_all_at_once_nothing_was_waited_for(logs) -> None:
    clock = logs.clock(logs.log(*logs.burst(4_000)))
    found = Arrivals.of([(4_000, 900 * 10**6)])
    assert logs.milliseconds(found.algorithmic(clock)) == ([0], 0)
    assert round(found.computational(clock).observed_ns[0] / 1e6) == 900


def test_a_late_sender_is_in_the_delay_and_in_neither_part(logs) -> None:
    clock = logs.clock(logs.log(*logs.audio(10, late=40)))
    found = Arrivals.of([(200, 460 * 10**6)])
    parts = (found.delays(clock), found.algorithmic(clock), found.computational(clock))
    assert [logs.milliseconds(part)[0] for part in parts] == [[260], [200], [20]]


@given(pairs)
def test_of_a_punctual_sender_the_parts_add_up(logs, found) -> None:
    clock = logs.clock(logs.log(*logs.audio(10)))
    for pair in found:
        one = Arrivals.of([pair])
        whole, a, b = (
            part.observed_ns[0] for part in (one.delays(clock), one.algorithmic(clock), one.computational(clock))
        )
        assert whole == a + b
        assert b >= 0
