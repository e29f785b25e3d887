"""The engine thread: batching, fairness, back-pressure, places, and failures that stay where they happen."""

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from engine.channel import Channel
from engine.protocol import AudioFormat, AudioType, MessageError
from engine.report import Report
from engine.scheduler import Scheduler
from engine.session_config import SessionConfig

CONFIG = SessionConfig(AudioFormat(AudioType.PCM_F32LE, 16_000), {}, max_delay=11_200)


class Ear:
    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.heard_ns: list[int] = []  # when, by the engine's thread: this one may wake up much later
        self.ended_ns: int | None = None
        self.rooms = 0
        self.changed = threading.Condition()

    def heard(self, report: Report) -> None:
        with self.changed:
            self.reports.append(report)
            self.heard_ns.append(time.monotonic_ns())
            self.ended_ns = self.heard_ns[-1] if report.ended else None
            self.changed.notify_all()

    def has_room(self) -> None:
        with self.changed:
            self.rooms += 1
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, timeout=300)

    def wait_for_end(self) -> str:
        self.wait(lambda: bool(self.reports) and (self.reports[-1].ended or self.reports[-1].error is not None))
        return " ".join(word.text for report in self.reports for word in report.finals)


@pytest.fixture
def scheduler(loudness: Any) -> Iterator[Scheduler]:
    made = Scheduler(loudness, max_sessions=4, max_batch=4, queue_bytes=40_000)
    yield made
    if made._thread.is_alive():
        made.stop()


def pcm(speak: Any, text: str) -> bytes:
    data: np.ndarray = speak(text)
    return data.astype("<f4").tobytes()


def test_streams_that_are_ready_together_step_together(scheduler: Scheduler, loudness: Any, speak: Any) -> None:
    ears = [Ear() for _ in range(4)]
    for ear in ears:
        slot = scheduler.open(CONFIG, ear)
        slot.feed(pcm(speak, "one two three"))
        slot.finish()
    scheduler.start()
    assert [ear.wait_for_end() for ear in ears] == ["one two three"] * 4
    assert loudness.batches == [4] * 4


def test_streams_with_other_chunks_step_apart(scheduler: Scheduler, loudness: Any, speak: Any) -> None:
    slow = SessionConfig(CONFIG.audio_format, {})
    ears = [Ear() for _ in range(4)]
    for ear, config in zip(ears, (CONFIG, slow, CONFIG, slow), strict=True):
        slot = scheduler.open(config, ear)
        slot.feed(pcm(speak, "one ... ... two"))
        slot.finish()
    scheduler.start()
    assert [ear.wait_for_end() for ear in ears] == ["one two"] * 4
    assert 2 in loudness.batches


def test_an_hour_at_once_does_not_hold_up_the_others(scheduler: Scheduler, speak: Any) -> None:
    burst, live = Ear(), Ear()
    slot = scheduler.open(CONFIG, burst)
    text = "one two three four five six seven eight nine ten " * 30
    slot.feed(pcm(speak, text))
    slot.finish()
    other = scheduler.open(CONFIG, live)
    other.feed(pcm(speak, "one two"))
    other.finish()
    scheduler.start()
    assert live.wait_for_end() == "one two"
    assert burst.wait_for_end() == text.strip()
    assert live.ended_ns is not None
    before = sum(ns < live.ended_ns for ns in burst.heard_ns)
    assert before < 20  # of 450: the rest of it is ahead of speech and yields


def test_a_place_that_is_given_back_keeps_nothing_of_its_stream(scheduler: Scheduler, speak: Any) -> None:
    left, other = Ear(), Ear()
    slot = scheduler.open(CONFIG, left)
    slot.feed(pcm(speak, "one two three"))
    scheduler.start()
    left.wait(lambda: bool(left.reports))
    assert slot.channel is not None
    hearing = weakref.ref(slot.channel.hearing)
    slot.close()
    following = scheduler.open(CONFIG, other)
    following.feed(pcm(speak, "one two"))
    following.finish()
    assert other.wait_for_end() == "one two"
    assert slot.channel is None
    assert hearing() is None


def test_a_place_that_is_given_back_while_its_stream_begins_is_closed_and_keeps_nothing(
    scheduler: Scheduler, loudness: Any, speak: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Channel] = []
    monkeypatch.setattr(Channel, "close", lambda channel: closed.append(channel))
    begin, other = loudness.begin, Ear()
    slot = scheduler.open(CONFIG, Ear())

    def vanish(config: SessionConfig) -> Any:
        if not slot.closed:
            slot.close()
        return begin(config)

    monkeypatch.setattr(loudness, "begin", vanish)
    slot.feed(pcm(speak, "one two three"))
    scheduler.start()
    following = scheduler.open(CONFIG, other)
    following.feed(pcm(speak, "one two"))
    following.finish()
    assert other.wait_for_end() == "one two"
    assert slot.channel is None
    assert len(closed) == 1
    assert len(slot.inbox) == 1  # nothing of it was read


def test_a_full_queue_says_when_it_has_room(scheduler: Scheduler, speak: Any) -> None:
    ear = Ear()
    slot = scheduler.open(CONFIG, ear)
    slot.feed(bytes(39_999))
    assert not slot.full
    slot.feed(bytes(1))
    assert slot.full
    assert ear.rooms == 0
    scheduler.start()
    ear.wait(lambda: ear.rooms == 1)
    assert not slot.full


def test_the_last_place_is_refused_until_one_is_given_back(scheduler: Scheduler) -> None:
    slots = [scheduler.open(CONFIG, Ear()) for _ in range(4)]
    with pytest.raises(MessageError, match="quota_exceeded: all 4 sessions"):
        scheduler.open(CONFIG, Ear())
    slots[0].close()
    slots[0].close()
    assert scheduler.sessions == 3
    scheduler.open(CONFIG, Ear())


def test_a_failing_step_ends_its_streams_and_no_other(scheduler: Scheduler, loudness: Any, speak: Any) -> None:
    loudness.break_at = 0.5
    scheduler.start()
    bad, good = Ear(), Ear()
    slot = scheduler.open(CONFIG, bad)
    slot.feed(pcm(speak, "ten ten ten"))
    bad.wait_for_end()
    assert bad.reports[-1].error is not None
    assert bad.reports[-1].error.type == "job_error"
    other = scheduler.open(CONFIG, good)
    other.feed(pcm(speak, "one two"))
    other.finish()
    assert good.wait_for_end() == "one two"


def test_a_stream_that_cannot_begin_ends_alone(scheduler: Scheduler, loudness: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(loudness, "begin", lambda config: None)
    scheduler.start()
    ear = Ear()
    scheduler.open(CONFIG, ear).begin()
    ear.wait_for_end()
    assert ear.reports[-1].error is not None
    assert ear.reports[-1].error.type == "job_error"


def test_audio_that_is_none_ends_its_stream_with_the_clients_error(scheduler: Scheduler) -> None:
    scheduler.start()
    ear = Ear()
    scheduler.open(SessionConfig(AudioFormat(AudioType.FILE, None), {}), ear).feed(b"not a file of audio")
    ear.wait_for_end()
    assert ear.reports[-1].error is not None
    assert ear.reports[-1].error.type == "invalid_audio_type"


def test_a_flush_is_answered_while_the_client_is_silent(scheduler: Scheduler, speak: Any) -> None:
    scheduler.start()
    ear = Ear()
    slot = scheduler.open(SessionConfig(CONFIG.audio_format, {}), ear)
    slot.feed(pcm(speak, "one two"))
    slot.flush(None)
    ear.wait(lambda: any(report.utterance_end is not None for report in ear.reports))
    slot.flush(None)
    ear.wait(lambda: sum(report.utterance_end is not None for report in ear.reports) == 2)
    assert " ".join(word.text for report in ear.reports for word in report.finals) == "one two"


def test_a_closed_stream_is_not_stepped(scheduler: Scheduler, loudness: Any, speak: Any) -> None:
    ear = Ear()
    slot = scheduler.open(CONFIG, ear)
    slot.feed(pcm(speak, "one two three"))
    slot.close()
    scheduler.start()
    time.sleep(0.05)
    assert (ear.reports, loudness.batches) == ([], [])
