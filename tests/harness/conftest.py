"""A small made world for gate tests: cases, and recognisers that err and answer late as told."""

from __future__ import annotations

import numpy as np
import pytest

from harness.results import ArmRecord, RunRecord, TestSetRecord
from testsets.case import AudioRef, Case
from testsets.events import Event, EventLog, Kind
from testsets.transcript import SpeakerTurn, Transcript, Word

RATE = 1_000
MS = 1_000_000
WORDS = ["the", "weather", "will", "be", "fine", "today", "so", "we", "may", "walk", "to", "town", "before", "five"]


class World:
    """Cases and answers, made from seeds."""

    words = WORDS
    rate = RATE

    def cases(self, clusters: int = 12, each: int = 4) -> list[Case]:
        """Cases of ``clusters`` speakers, half of them tagged noisy, a quarter with turns; references of 14 words."""
        words = tuple(Word(word, 300 * k, 300 * k + 200) for k, word in enumerate(WORDS))
        return [
            Case(
                id=f"s{cluster}-{i}",
                audio=AudioRef(f"/audio/s{cluster}-{i}.flac", RATE, 300 * len(WORDS)),
                reference=Transcript(words, RATE),
                turns=(SpeakerTurn("a", 0, 300 * len(WORDS)),) if i % 4 == 0 else (),
                cluster=f"s{cluster}",
                tags={"condition": "noisy" if i % 2 else "clean"},
            )
            for cluster in range(clusters)
            for i in range(each)
        ]

    def answer(self, case: Case, rng: np.random.Generator, error_rate: float = 0.1, delay_ms: int = 400) -> EventLog:
        """A live session: packets of 100 ms on time, one partial and one final a word, about ``delay_ms`` after it."""
        assert case.reference is not None
        events = [Event(Kind.STARTED, 0)]
        for k in range(1, case.audio.samples // 100 + 1):
            events.append(Event(Kind.AUDIO, k * 100 * MS, k * 100 * MS, k * 100))
        for word in case.reference.words:
            text = "wrong" if rng.random() < error_rate else word.text
            said = Word(text, word.start, word.end)
            late = delay_ms + int(rng.integers(-20, 20))
            events.append(Event(Kind.PARTIAL, ((word.end or 0) + late // 2) * MS, words=(said,)))
            events.append(Event(Kind.FINAL, ((word.end or 0) + late) * MS, words=(said,)))
        events.append(Event(Kind.ENDED, max(e.wall_ns for e in events)))
        events.sort(key=lambda event: event.wall_ns)
        return EventLog(case.id, "digest", RATE, tuple(events))

    def answers(self, cases: list[Case], seed: int, error_rate: float = 0.1, delay_ms: int = 400) -> list[EventLog]:
        """One answer a case."""
        rng = np.random.default_rng(seed)
        return [self.answer(case, rng, error_rate, delay_ms) for case in cases]

    def record(self, **digests: str) -> RunRecord:
        """A record whose arms have these digests."""
        arms = tuple(ArmRecord(arm, arm, digest, {"language": "en"}) for arm, digest in digests.items())
        return RunRecord("r", "2026-11-22T00:00:00Z", 1, "basic-1", {}, "p", arms, (TestSetRecord("t", "f00", 48),), {})


@pytest.fixture
def world() -> World:
    return World()
