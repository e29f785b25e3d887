"""The line: order, batches, nobody forgotten; and services simulated over it, with a burst beside live streams."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.line import ALONE, Limits, Line
from engine.pace import Pace, samples_ns
from engine.scheduler import AHEAD

CHUNK = 5_120
CHUNK_NS = samples_ns(CHUNK)
SLACK_NS = 200_000_000
LIMITS = Limits(streams=16, samples=16 * CHUNK, ahead=AHEAD)
WAITS = st.lists(
    st.tuples(st.sampled_from([CHUNK, 4 * CHUNK, 640, ALONE]), st.integers(0, 9), st.integers(0, 9)), max_size=60
)


def filled(waits: list[tuple[int, int, int]]) -> Line[int]:
    line: Line[int] = Line(LIMITS)
    for number, (size, here, deadline) in enumerate(waits):
        line.join(number, size, here, deadline)
    return line


@given(st.lists(st.integers(0, 20), max_size=40))
def test_one_at_a_time_leave_by_deadline_and_then_in_turn(deadlines: list[int]) -> None:
    line: Line[int] = Line(Limits(1, CHUNK, 1))
    for number, deadline in enumerate(deadlines):
        line.join(number, CHUNK, 0, deadline)
    left = [number for _ in deadlines for number in line.leave(0, len(deadlines))]
    assert left == sorted(range(len(deadlines)), key=lambda number: (deadlines[number], number))
    assert line.leave(0, 0) == []


@given(WAITS, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 80)), max_size=30))
def test_a_batch_is_the_most_urgent_of_the_most_urgents_size(waits: Any, leaves: list[tuple[int, int]]) -> None:
    line, waiting = filled(waits), dict(enumerate(waits))
    for now, streams in sorted(leaves):
        due = [number for number, (_, here, _) in waiting.items() if here <= now]
        order = sorted(due, key=lambda number: (waiting[number][2], number)) or sorted(
            waiting, key=lambda number: (waiting[number][1], number)
        )
        like = [number for number in order if waiting[number][0] == waiting[order[0]][0]]
        most = LIMITS.of(waiting[order[0]][0]) if order else 0
        if not due and len(waiting) < streams:
            most = min(most, LIMITS.ahead)
        assert len(line) == len(waiting)
        assert line.leave(now, streams) == like[:most]
        for number in like[:most]:
            del waiting[number]


@given(WAITS)
def test_everybody_leaves_once(waits: Any) -> None:
    line, left = filled(waits), []
    while len(line):
        batch = line.leave(5, 0)
        assert batch
        left += batch
    assert sorted(left) == list(range(len(waits)))


def test_long_chunks_go_in_smaller_batches_and_ends_alone() -> None:
    assert [LIMITS.of(size) for size in (640, CHUNK, 2 * CHUNK, 4 * CHUNK, 999 * CHUNK, ALONE)] == [16, 16, 8, 4, 1, 1]


@dataclass
class Talker:
    """A client whose chunks arrive at given moments."""

    arrivals: list[int]  # ns, ascending
    pace: Pace = field(default_factory=Pace)
    done: list[int] = field(default_factory=list)  # ns
    deadlines: list[int] = field(default_factory=list)
    in_line: bool = False


def cost(streams: int) -> int:
    """Of a step, as measured on two kinds of machine: something for the step and something for each stream."""
    return (3 + 5 * streams) * 1_000_000


def play(talkers: list[Talker]) -> None:
    """One engine thread, as ``engine.scheduler`` runs it, in simulated time."""
    line: Line[Talker] = Line(LIMITS)
    now = 0
    while True:
        for one in talkers:
            step = len(one.done)
            if not one.in_line and step < len(one.arrivals) and one.arrivals[step] <= now:
                here = one.pace.came((step + 1) * CHUNK, one.arrivals[step])
                one.deadlines.append(here + SLACK_NS)
                line.join(one, CHUNK, here, here + SLACK_NS)
                one.in_line = True
        batch = line.leave(now, len(talkers))
        if batch:
            now += cost(len(batch))
            for one in batch:
                one.done.append(now)
                one.in_line = False
        else:
            coming = [one.arrivals[len(one.done)] for one in talkers if len(one.done) < len(one.arrivals)]
            if not coming:
                return
            now = min(coming)


def live(phase: int, chunks: int = 30) -> Talker:
    return Talker([phase + step * CHUNK_NS for step in range(chunks)])


PHASES = st.lists(st.integers(0, CHUNK_NS - 1), min_size=1, max_size=24)  # with the burst, 25 * 5 + 2 * 3 ms < 160 ms


@given(PHASES, st.integers(0, 20 * CHUNK_NS), st.integers(50, 400))
def test_a_burst_delays_no_live_stream_by_more_than_a_step_and_makes_none_late(
    phases: list[int], begins: int, chunks: int
) -> None:
    alone, beside, burst = [live(p) for p in phases], [live(p) for p in phases], Talker([begins] * chunks)
    play(alone)
    play([*beside, burst])
    for one, other in zip(alone, beside, strict=True):
        assert all(with_it <= without + cost(16) for without, with_it in zip(one.done, other.done, strict=True))
        assert all(done <= deadline for done, deadline in zip(other.done, other.deadlines, strict=True))
    assert len(burst.done) == chunks
    assert all(done <= deadline for done, deadline in zip(burst.done, burst.deadlines, strict=True))


@given(PHASES)
def test_alone_a_burst_uses_the_idle_time(phases: list[int]) -> None:
    talkers = [*(live(p) for p in phases[:4]), Talker([0] * 60)]
    play(talkers)
    assert talkers[-1].done[-1] < 60 * CHUNK_NS / 4


@settings(max_examples=20)
@given(st.integers(1, 4), st.integers(64, 90), st.integers(0, CHUNK_NS))
def test_nobody_starves_when_there_is_too_much(bursts: int, sessions: int, phase: int) -> None:
    """More than one thread can do: live streams are late together, and a burst ends with them at the latest."""
    talkers = [live(phase * number % CHUNK_NS, 8) for number in range(sessions)]
    play(talkers + [Talker([0] * 8) for _ in range(bursts)])
    ends = [one.done[-1] for one in talkers]
    assert max(ends) - min(ends) <= CHUNK_NS + sum(cost(16) for _ in range(0, sessions + bursts, 16))
