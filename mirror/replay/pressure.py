"""How fast a recogniser took its audio: what it held back, and how far its confirmations were behind. A result."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from mirror.replay.ranks import rank
from testsets.events import EventLog, Kind


@dataclass(frozen=True, slots=True)
class BackPressure:
    """Over all packets of all logs; None where nothing was confirmed."""

    packets: int
    held: int  # packets that could not leave when they were due, because nothing more was taken
    held_ns: int  # for how long, together
    held_max_ns: int
    acks: int
    ack_p50_ns: int | None  # from a packet's leaving to its confirmation
    ack_p99_ns: int | None
    ack_max_ns: int | None
    unconfirmed_max_ns: int | None  # most audio that was under way without a confirmation

    def to_dict(self) -> dict[str, Any]:
        """Its figures by name, times in nanoseconds."""
        return asdict(self)


def back_pressure(logs: Iterable[EventLog]) -> BackPressure:
    """Back-pressure over all sessions; logs may come one by one."""
    packets, held, lag, open_ns = 0, array("q"), array("q"), array("q")
    for log in logs:
        sent: dict[int, int] = {}  # cumulative samples -> when the packet left
        latest = 0
        for event in log.events:
            if event.kind is Kind.AUDIO and event.samples is not None:
                packets, latest = packets + 1, event.samples
                sent[event.samples] = event.wall_ns
                if event.detail.get("held_ns"):
                    held.append(int(event.detail["held_ns"]))
            elif event.kind is Kind.ACK and event.samples in sent:
                lag.append(event.wall_ns - sent[event.samples])
                open_ns.append((latest - event.samples) * 1_000_000_000 // log.rate)
    lags = sorted(lag)
    return BackPressure(
        packets=packets,
        held=len(held),
        held_ns=sum(held),
        held_max_ns=max(held, default=0),
        acks=len(lags),
        ack_p50_ns=rank(lags, 50),
        ack_p99_ns=rank(lags, 99),
        ack_max_ns=rank(lags, 100),
        unconfirmed_max_ns=max(open_ns, default=None),
    )
