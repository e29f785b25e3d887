from hypothesis import given
from hypothesis import strategies as st

from engine.operations.lateness import GRAIN, KEPT, Arrivals

RATE = 32_000  # bytes a second
SECOND = 1_000_000_000
PACKET = RATE // 10


def test_in_real_time_a_point_is_due_when_its_packet_came() -> None:
    arrivals = Arrivals(RATE)
    assert arrivals.due(0) is None
    for number in range(50):
        arrivals.came(PACKET, 7 * SECOND + number * SECOND // 10)
    assert arrivals.heard == 5 * SECOND
    assert arrivals.due(SECOND // 20) == 7 * SECOND + SECOND // 20  # as real time would have it, its packet was early
    assert arrivals.due(SECOND) == 8 * SECOND
    assert arrivals.due(9 * SECOND) == 16 * SECOND  # not there yet


def test_a_burst_is_owed_nothing_sooner_than_its_audio_lasts() -> None:
    arrivals = Arrivals(RATE)
    for _ in range(100):
        arrivals.came(RATE, 3 * SECOND)
    assert arrivals.due(50 * SECOND) == 53 * SECOND
    assert arrivals.due(SECOND) == 4 * SECOND


def test_audio_that_came_late_is_due_late() -> None:
    arrivals = Arrivals(RATE)
    arrivals.came(RATE, 0)
    arrivals.came(RATE, 10 * SECOND)
    assert arrivals.due(2 * SECOND) == 10 * SECOND
    assert arrivals.due(SECOND) == SECOND


@given(st.lists(st.tuples(st.integers(1, 3_000), st.integers(0, SECOND // 5)), min_size=1, max_size=40))
def test_it_is_never_earlier_than_the_packet_and_hardly_later(packets: list[tuple[int, int]]) -> None:
    arrivals, now, heard, exact = Arrivals(RATE), 5 * SECOND, 0, []
    for size, pause in packets:
        now += pause
        heard += size
        arrivals.came(size, now)
        exact.append((heard * SECOND // RATE, now))
    first = exact[0][1]
    for audio, wall in exact:
        due = arrivals.due(audio)
        assert due is not None
        last = max(at for heard_then, at in exact if heard_then <= audio + GRAIN)
        assert max(wall, first + audio) <= due <= max(last, first + audio)


def test_memory_does_not_grow() -> None:
    arrivals = Arrivals(RATE)
    for number in range(70_000):
        arrivals.came(32, number * 1_000_000)
    assert len(arrivals._marks) <= 2 * KEPT // GRAIN + 2
