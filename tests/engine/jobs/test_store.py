"""Jobs on disk: what is told is kept, in the order in which it came, whatever happens to the process."""

import multiprocessing
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.jobs.errors import StoreError
from engine.jobs.job import Job, Remark, State
from engine.jobs.store import FORMAT, Store

CONFIG = {"type": "transcription", "transcription_config": {"language": "en"}, "tracking": {"title": "\ud800 é"}}
RESULTS = [{"type": "word", "start_time": 0.0, "end_time": 1.0, "alternatives": [{"content": "secret"}]}]


def job(job_id: str, at: int = 1) -> Job:
    return Job(job_id, at, "talk.wav", CONFIG, "standard", 16_000)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "jobs.sqlite")
    yield store
    store.close()


def test_a_job_is_kept_as_it_was(store: Store, tmp_path: Path) -> None:
    kept = replace(job("a"), remarks=(Remark(5, "ignored"),))
    store.add(kept)
    store.close()
    again = Store(tmp_path / "jobs.sqlite")
    assert again.find("a") == kept
    assert again.find("b") is None
    again.close()


def test_the_oldest_is_claimed_first_and_once(store: Store) -> None:
    for name in "cab":
        store.add(job(name))
    claimed = [store.claim(9) for _ in range(4)]
    assert [one and one.id for one in claimed] == ["c", "a", "b", None]
    assert claimed[0] == replace(job("c"), state=State.RUNNING, attempts=1, started_us=9)


def test_a_finished_job_has_its_results(store: Store) -> None:
    store.add(job("a"))
    assert not store.finish("a", RESULTS, 5, 7)  # nobody claimed it
    store.claim(6)
    assert store.finish("a", RESULTS, 5, 7)
    assert store.results("a") == RESULTS
    assert store.find("a") == replace(job("a"), state=State.DONE, attempts=1, started_us=6, finished_us=7, samples=5)


def test_a_rejected_job_says_why_after_what_was_said_before(store: Store) -> None:
    store.add(replace(job("a"), remarks=(Remark(1, "first"),)))
    store.claim(6)
    assert store.reject("a", "no audio", 8)
    found = store.find("a")
    assert found is not None
    assert (found.state, found.remarks) == (State.REJECTED, (Remark(1, "first"), Remark(8, "no audio")))


def test_what_was_running_waits_again(store: Store) -> None:
    store.add(job("a"))
    store.claim(1)
    assert store.requeue() == 1
    second = store.claim(2)
    assert second is not None
    assert second.attempts == 2
    store.release("a")  # a stop of the service is no failed attempt
    third = store.claim(3)
    assert third is not None
    assert third.attempts == 2


@pytest.mark.parametrize("state", [State.DELETED, State.EXPIRED])
def test_an_erased_job_leaves_no_word_behind(store: Store, tmp_path: Path, state: State) -> None:
    store.add(job("a"))
    store.claim(1)
    store.finish("a", RESULTS, 16_000, 2)
    store.erase("a", state)
    assert store.results("a") is None
    found = store.find("a")
    assert found is not None
    assert (found.state, found.data_name, found.config) == (state, "", {})
    content = b"".join(path.read_bytes() for path in tmp_path.glob("jobs.sqlite*"))
    assert b"secret" not in content
    assert b"talk.wav" not in content
    assert store.usage("anyone", 0, 9) == [("en", "standard", 1, 16_000)]


def test_a_deleted_job_is_not_finished(store: Store) -> None:
    store.add(job("a"))
    store.claim(1)
    store.erase("a", State.DELETED)
    assert not store.finish("a", RESULTS, 1, 2)
    assert not store.reject("a", "late", 2)
    assert store.results("a") is None


def test_lists_are_of_the_newest_first(store: Store) -> None:
    for number in range(5):
        store.add(job(f"j{number}", at=number))
    store.erase("j3", State.DELETED)
    assert [one.id for one in store.recent("anyone", 9, -1, 100, erased=False)] == ["j4", "j2", "j1", "j0"]
    assert [one.id for one in store.recent("anyone", 4, 1, 100, erased=True)] == ["j3", "j2"]
    assert [one.id for one in store.recent("anyone", 9, -1, 2, erased=True)] == ["j4", "j3"]
    assert sorted(store.kept()) == ["j0", "j1", "j2", "j4"]


def test_owners_see_their_own_jobs(store: Store) -> None:
    store.add(replace(job("a"), owner="key-1"))
    store.add(replace(job("b"), owner="key-2"))
    assert [one.id for one in store.recent("key-1", 9, -1, 100, erased=True)] == ["a"]
    store.claim(1)
    store.finish("a", [], 7, 5)
    assert store.usage("key-1", 0, 9) == [("en", "standard", 1, 7)]
    assert store.usage("key-2", 0, 9) == []


def test_nobody_waits_behind_all_jobs_of_another(store: Store) -> None:
    for name, owner in (("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c"), ("b2", "b")):
        store.add(replace(job(name), owner=owner))
    claimed = [store.claim(at) for at in range(1, 7)]
    assert [one and one.id for one in claimed] == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_only_what_ended_long_ago_is_old(store: Store) -> None:
    for name in "ab":
        store.add(job(name))
        store.claim(1)
    store.finish("a", [], 0, 5)
    assert store.finished_before(5) == []
    assert store.finished_before(6) == ["a"]


def test_rejected_audio_is_no_usage(store: Store) -> None:
    store.add(job("a"))
    store.claim(1)
    store.reject("a", "noise", 2)
    assert store.usage("anyone", 0, 9) == []
    store.erase("a", State.DELETED)
    assert store.usage("anyone", 0, 9) == []


def test_a_full_disk_changes_nothing(store: Store) -> None:
    store.add(job("a"))
    store.claim(1)
    store._database.execute("PRAGMA max_page_count = 1")  # sqlite's own way to be out of room
    big = [{"alternatives": [{"content": "x" * 100_000}]}]
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.finish("a", big, 1, 2)
    found = store.find("a")
    assert found is not None
    assert (found.state, store.results("a")) == (State.RUNNING, None)
    store._database.execute("PRAGMA max_page_count = 1000000")
    assert store.finish("a", big, 1, 2)


def _add_and_die(path: str, told: Any) -> None:
    store = Store(Path(path))
    for number in range(1_000):
        store.add(job(f"j{number}"))
        told.value = number + 1
        if number == 20:
            os._exit(9)


def test_what_was_taken_survives_a_kill(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    told = context.Value("i", 0)
    child = context.Process(target=_add_and_die, args=(str(tmp_path / "jobs.sqlite"), told))
    child.start()
    child.join()
    store = Store(tmp_path / "jobs.sqlite")
    assert store.waiting() == told.value == 21
    store.close()


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA user_version = {FORMAT + 1}")
    other.close()
    with pytest.raises(StoreError, match=f"format {FORMAT + 1} is unknown"):
        Store(path)


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"no database at all, but some text" * 100)
    with pytest.raises(StoreError, match="another data folder"):
        Store(tmp_path / "jobs.sqlite")


class Life(RuleBasedStateMachine):
    """The store against a dictionary, in any order of events."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store(Path(":memory:"))
        self.states: dict[str, State] = {}

    def teardown(self) -> None:
        self.store.close()

    def pick(self, number: int) -> str | None:
        return list(self.states)[number % len(self.states)] if self.states else None

    @rule()
    def add(self) -> None:
        name = f"j{len(self.states)}"
        self.store.add(job(name))
        self.states[name] = State.QUEUED

    @rule()
    def claim(self) -> None:
        waiting = [name for name, state in self.states.items() if state is State.QUEUED]
        claimed = self.store.claim(1)
        assert (claimed and claimed.id) == (waiting[0] if waiting else None)
        if claimed:
            self.states[claimed.id] = State.RUNNING

    @rule(number=st.integers(0, 9), state=st.sampled_from([State.DONE, State.REJECTED]))
    def end(self, number: int, state: State) -> None:
        if (name := self.pick(number)) is None:
            return
        changed = (
            self.store.finish(name, RESULTS, 1, 2) if state is State.DONE else self.store.reject(name, "because", 2)
        )
        assert changed == (self.states[name] is State.RUNNING)
        if changed:
            self.states[name] = state

    @rule(number=st.integers(0, 9))
    def erase(self, number: int) -> None:
        if (name := self.pick(number)) is not None:
            self.store.erase(name, State.DELETED)
            self.states[name] = State.DELETED

    @rule()
    def restart(self) -> None:
        running = [name for name, state in self.states.items() if state is State.RUNNING]
        assert self.store.requeue() == len(running)
        self.states |= dict.fromkeys(running, State.QUEUED)

    @invariant()
    def agrees(self) -> None:
        told = {one.id: one.state for one in self.store.recent("anyone", 9, -1, 100, erased=True)}
        assert told == self.states
        for name, state in self.states.items():
            assert (self.store.results(name) is not None) == (state is State.DONE)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=10, stateful_step_count=20, deadline=None)
