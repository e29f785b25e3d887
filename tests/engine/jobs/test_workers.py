"""The threads that recognise, against a recogniser that can be held back or made to fail."""

import json
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.jobs import workers as module
from engine.jobs.folder import DataFolder
from engine.jobs.job import Job, State
from engine.jobs.meters import JobMeters
from engine.jobs.settings import JobSettings
from engine.jobs.store import Store
from engine.jobs.workers import MOST_ATTEMPTS, Workers
from engine.protocol import ErrorType, MessageError

CONFIG = {"type": "transcription", "transcription_config": {"language": "en"}}
NET = 60  # seconds: a net, never what is measured


class Shop:
    """A store with workers; ``over`` tells of every job that left a worker."""

    def __init__(self, data: Path, recording: Callable[..., Path], counting: Any) -> None:
        self.recording, self.counting = recording, counting
        self.folder = DataFolder(data)
        self.store = Store(self.folder.database)
        self.over: queue.Queue[str] = queue.Queue()
        self.settings = JobSettings(data)
        self.workers = self.staff()

    def staff(self) -> Workers:
        recognisers = {"standard": self.counting}
        self.meters = JobMeters(self.store.waiting, "1", {}, lambda: 0)
        put = self.over.put
        return Workers(self.store, self.folder, recognisers, self.settings, self.meters, lambda: 7, put)

    def add(self, job_id: str, content: bytes | None = None, point: str = "standard", config: Any = CONFIG) -> None:
        audio = content if content is not None else self.recording(2.0).read_bytes()
        self.folder.recording(job_id).write_bytes(audio)
        self.store.add(Job(job_id, 1, "a.wav", config, point, 0))
        self.workers.wake()

    def job(self, job_id: str) -> Job:
        found = self.store.find(job_id)
        assert found is not None
        return found


@pytest.fixture
def shop(tmp_path: Path, recording, counting) -> Iterator[Shop]:
    shop = Shop(tmp_path / "data", recording, counting)
    yield shop
    counting.go.set()
    shop.workers.stop()
    shop.store.close()
    shop.folder.close()


def test_what_waits_is_recognised_in_order(shop: Shop) -> None:
    shop.add("a")
    shop.add("b")
    shop.workers.start()
    assert [shop.over.get(timeout=NET) for _ in range(2)] == ["a", "b"]
    shop.add("c")
    assert shop.over.get(timeout=NET) == "c"
    results = shop.store.results("c")
    assert results is not None
    assert [result["alternatives"][0]["content"] for result in results] == ["W0", "w1", "."]
    assert [(result["start_time"], result["end_time"]) for result in results[:2]] == [(0.0, 1.0), (1.0, 2.0)]
    assert (shop.job("c").state, shop.job("c").samples, shop.job("c").finished_us) == (State.DONE, 32_000, 7)


def test_each_operating_point_has_its_recogniser(tmp_path: Path, shop: Shop) -> None:
    other = type(shop.counting)()
    shop.workers = Workers(
        shop.store, shop.folder, {"standard": shop.counting, "enhanced": other}, shop.settings, shop.meters,
        lambda: 7, shop.over.put,
    )  # fmt: skip
    shop.add("a", point="enhanced")
    shop.add("b", point="standard")
    shop.workers.start()
    assert [shop.over.get(timeout=NET) for _ in range(2)] == ["a", "b"]
    assert (other.heard, shop.counting.heard) == (1, 1)


def test_a_job_is_heard_as_it_was_configured(shop: Shop) -> None:
    config = {"type": "transcription", "transcription_config": {"language": "en", "additional_vocab": ["Zyzzyva"]}}
    shop.workers.start()
    shop.add("a", config=config)
    assert shop.over.get(timeout=NET) == "a"
    assert [entry.content for entry in shop.counting.configs[0].vocabulary] == ["Zyzzyva"]


def test_what_fails_fails_alone(shop: Shop) -> None:
    shop.counting.failure = RuntimeError("made to fail")
    shop.workers.start()
    shop.add("a")
    assert shop.over.get(timeout=NET) == "a"
    shop.counting.failure = None
    shop.add("b", content=b"no audio")
    shop.add("c", point="enhanced")
    shop.add("d")
    assert [shop.over.get(timeout=NET) for _ in range(3)] == ["b", "c", "d"]
    assert [shop.job(name).state for name in "abcd"] == [State.REJECTED] * 3 + [State.DONE]
    told = [shop.job(name).remarks[-1].message for name in "abc"]
    assert "see the service's log" in told[0]
    assert "not audio" in told[1]
    assert "'enhanced' is not served any more" in told[2]


def test_a_dictionary_without_room_waits_for_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    shop.counting.failure = MessageError(ErrorType.QUOTA_EXCEEDED, "no room")
    shop.workers.start()
    shop.add("a")
    assert shop.over.get(timeout=NET) == "a"
    shop.counting.failure = None
    while shop.job("a").state is not State.DONE:
        assert shop.over.get(timeout=NET) == "a"
    assert shop.job("a").attempts == 1
    shop.counting.failure = MessageError(ErrorType.INVALID_CONFIG, "not so")
    shop.add("b")
    while shop.over.get(timeout=NET) != "b":
        pass
    assert (shop.job("b").state, shop.job("b").remarks[-1].message) == (State.REJECTED, "not so")


def test_a_deleted_job_is_dropped(shop: Shop) -> None:
    shop.counting.go.clear()
    shop.add("a")
    shop.workers.start()
    assert shop.counting.begun.wait(NET)
    shop.store.erase("a", State.DELETED)
    shop.workers.cancel("a")
    shop.counting.go.set()
    assert shop.over.get(timeout=NET) == "a"
    assert (shop.job("a").state, shop.store.results("a")) == (State.DELETED, None)
    shop.workers.cancel("a")  # nobody runs it: nothing to do
    shop.add("b")
    assert shop.over.get(timeout=NET) == "b"


def test_a_stop_puts_back_what_is_unfinished(shop: Shop) -> None:
    shop.counting.go.clear()
    shop.add("a", content=shop.recording(25.0).read_bytes())
    shop.workers.start()
    assert shop.counting.begun.wait(NET)
    stopping = threading.Thread(target=shop.workers.stop)
    stopping.start()
    assert shop.workers._stopping.wait(NET)
    shop.counting.go.set()
    stopping.join(NET)
    assert (shop.job("a").state, shop.job("a").attempts) == (State.QUEUED, 0)
    shop.workers = shop.staff()
    shop.workers.start()
    assert [shop.over.get(timeout=NET) for _ in range(2)] == ["a", "a"]
    assert (shop.job("a").state, shop.job("a").attempts) == (State.DONE, 1)


def test_what_a_kill_left_running_is_begun_again_but_not_for_ever(shop: Shop) -> None:
    shop.add("a")
    shop.add("b")
    for _ in range(MOST_ATTEMPTS):
        shop.store.claim(1)  # always "a": nobody else took it yet
        shop.store.requeue()
    shop.workers.start()
    assert [shop.over.get(timeout=NET) for _ in range(2)] == ["a", "b"]
    assert "never ended" in shop.job("a").remarks[-1].message
    assert shop.job("b").state is State.DONE


def test_a_full_disk_delays_what_was_heard_and_loses_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    failures = iter([True, True])
    finish = shop.store.finish

    def full(*arguments: Any) -> bool:
        if next(failures, False):
            raise sqlite3.OperationalError("database or disk is full")
        return finish(*arguments)

    monkeypatch.setattr(shop.store, "finish", full)
    shop.add("a")
    shop.workers.start()
    assert shop.over.get(timeout=NET) == "a"
    assert (shop.job("a").state, shop.counting.heard) == (State.DONE, 1)


def test_a_configuration_of_another_version_is_one_rejected_job(shop: Shop) -> None:
    shop.add("a")
    shop.store._database.execute("UPDATE jobs SET config = ?", (json.dumps({"type": "other"}),))
    shop.workers.start()
    assert shop.over.get(timeout=NET) == "a"
    assert shop.job("a").state is State.REJECTED
