"""Hand-made event logs on a clock where one sample lasts a millisecond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import strategies as st

from harness.measures.counts import Delays
from harness.measures.times.clock import AudioClock
from testsets.events import Event, EventLog, Kind
from testsets.transcript import Transcript, Word

MS = 1_000_000
RATE = 1_000

Timed = tuple[str, int, int]


class Logs:
    """What tests write logs with; all times are milliseconds."""

    end = Event(Kind.ENDED, 10_000 * MS)
    # words in spoken order: (text, length, pause before it)
    spoken = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(40, 300), st.integers(0, 900)), max_size=12).map(
        lambda rows: [
            (text, sum(a + b for _, a, b in rows[:i]) + gap, sum(a + b for _, a, b in rows[: i + 1]))
            for i, (text, _, gap) in enumerate(rows)
        ]
    )

    def audio(self, packets: int, late: int = 0, size: int = 100) -> list[Event]:
        """A steady live stream that begins at wall time 0; packet k leaves when its last sample is spoken."""
        counts = [k * size for k in range(1, packets + 1)]
        return [Event(Kind.AUDIO, (n + late) * MS, due_ns=n * MS, samples=n) for n in counts]

    def burst(self, samples: int, packets: int = 4) -> list[Event]:
        """Everything at once."""
        return [Event(Kind.AUDIO, k, due_ns=0, samples=samples * (k + 1) // packets) for k in range(packets)]

    def partial(self, at: int, *words: Timed | str) -> Event:
        return Event(Kind.PARTIAL, at * MS, words=tuple(map(_word, words)))

    def final(self, at: int, *words: Timed | str) -> Event:
        return Event(Kind.FINAL, at * MS, words=tuple(map(_word, words)))

    def at(self, kind: Kind, at: int) -> Event:
        return Event(kind, at * MS)

    def log(self, *events: Event, failure: str | None = None) -> EventLog:
        return EventLog("case", "digest", RATE, tuple(sorted(events, key=lambda e: e.wall_ns)), failure)

    def clock(self, log: EventLog) -> AudioClock:
        made = AudioClock.of(log)
        assert made is not None
        return made

    def reference(self, *words: Timed) -> Transcript:
        return Transcript(tuple(map(_word, words)), RATE)

    def shifted(self, log: EventLog, by_ns: int) -> EventLog:
        """The same session at another time."""
        events = []
        for e in log.events:
            due_ns = None if e.due_ns is None else e.due_ns + by_ns
            events.append(replace(e, wall_ns=e.wall_ns + by_ns, due_ns=due_ns))
        return replace(log, events=tuple(events))

    def cut(self, log: EventLog, at: int) -> EventLog:
        """The same session, but the recogniser died."""
        kept = (e for e in log.events if e.kind is Kind.AUDIO or e.wall_ns <= at * MS)
        return replace(log, events=tuple(kept), failure="died")

    def session(self, words: Sequence[Timed], hold: int = 300, wrong: Sequence[bool] = ()) -> EventLog:
        """A live session: a partial each packet, and finals ``hold`` ms after a word's end.

        Args:
            wrong: of each packet, whether its partial gets the last word wrong; right where it does not say.
        """
        packets = max((end for _, _, end in words), default=0) // 100 + hold // 100 + 2
        events, done = self.audio(packets), 0
        for k in range(1, packets + 1):
            due = [word for word in words[done:] if word[2] + hold <= k * 100]
            done += len(due)
            shown = [word for word in words[done:] if word[2] <= k * 100]
            if shown and k <= len(wrong) and wrong[k - 1]:
                shown[-1] = ("um", *shown[-1][1:])
            events += [self.final(k * 100 + 5, *due)] * bool(due) + [self.partial(k * 100 + 10, *shown)]
        return self.log(*events, self.at(Kind.SENT_END, packets * 100), self.at(Kind.ENDED, packets * 100 + 30))

    def milliseconds(self, delays: Delays | None) -> tuple[list[float], int]:
        assert delays is not None
        return [ns / MS for ns in delays.observed_ns], delays.censored


def _word(word: Timed | str) -> Word:
    return Word(word) if isinstance(word, str) else Word(*word)


LOGS = Logs()


@pytest.fixture(scope="session")
def logs() -> Logs:
    return LOGS
