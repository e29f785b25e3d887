"""Back-pressure from an event log: what was held back, and how far confirmations were behind."""

from __future__ import annotations

from mirror.replay import back_pressure, lateness
from mirror.replay.lateness import EDGES_NS, MS
from testsets.events import Event, EventLog, Kind


def log(*events: Event) -> EventLog:
    return EventLog("a", "r", 1_000, events)


def sent(samples: int, wall_ns: int, due_ns: int, **detail: int) -> Event:
    return Event(Kind.AUDIO, wall_ns, due_ns, samples, detail=detail)


def test_held_packets_and_lagging_acks() -> None:
    found = back_pressure([
        log(
            sent(100, 10, 10), sent(200, 20, 20), Event(Kind.ACK, 25, samples=100),
            sent(300, 90, 30, held_ns=55), Event(Kind.ACK, 95, samples=200), Event(Kind.ACK, 99, samples=7),
        ),
        log(sent(100, 10, 10)),
    ])  # fmt: skip
    assert (found.packets, found.held, found.held_ns, found.held_max_ns) == (4, 1, 55, 55)
    assert (found.acks, found.ack_p50_ns, found.ack_p99_ns, found.ack_max_ns) == (2, 15, 75, 75)
    assert found.unconfirmed_max_ns == 100_000_000
    empty = back_pressure([])
    assert (empty.packets, empty.ack_p50_ns, empty.unconfirmed_max_ns) == (0, None, None)


def test_what_the_recogniser_held_back_is_not_the_replays_lateness() -> None:
    found = lateness([log(sent(100, 10, 10), sent(200, 20 + 60 * MS, 20, held_ns=59 * MS))])
    assert (found.max_ns, found.valid) == (MS, True)


def test_histogram_counts_every_packet_once() -> None:
    late = [0, EDGES_NS[0], EDGES_NS[0] + 1, EDGES_NS[-1] + 1]
    found = lateness([log(*(sent(1, 5 + value, 5) for value in late))])
    assert sum(found.histogram) == found.packets == 4
    assert found.to_dict()["histogram"] == [[EDGES_NS[0], 2], [EDGES_NS[1], 1], [None, 1]]
