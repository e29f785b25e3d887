"""Erased is erased: keys, files, copies elsewhere; results made of it are marked; what remains still verifies."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mirror.errors import StoreError
from mirror.privacy.keys import key_path, make_key, parse_recipients
from mirror.store.audit import READ, Audit
from mirror.store.cases import as_case, event_log
from mirror.store.erasure import Erased, Order, erase, erasures
from mirror.store.place import Folder
from mirror.store.sealer import seal_store
from mirror.store.session import session_names, sessions
from mirror.store.verify import verify

pyrage = pytest.importorskip("pyrage")
MakeCapture = Callable[..., Path]
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def order(*names: str) -> Order:
    return Order(names, NOW, "tester", "the caller asked")


@pytest.fixture
def identity() -> Any:
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def encrypted(make_capture: MakeCapture, tmp_path: Path, identity: Any) -> Path:
    """A store of two encrypted sessions, ``a`` and ``b``."""
    store = tmp_path / "store"
    store.mkdir()
    recipients = parse_recipients([str(identity.to_public())])
    for name in ("a", "b"):
        make_capture(name=name, key=make_key(store, name, recipients), tags={"tenant": "acme"})
    return store


def test_an_encrypted_capture_opens_with_its_key_only(encrypted: Path, identity: Any, tmp_path: Path) -> None:
    told: list[StoreError] = []
    assert list(sessions(encrypted, told.append)) == []
    assert "session a is encrypted; give the file of a private key" in str(told[0])
    told.clear()
    assert list(sessions(encrypted, told.append, (pyrage.x25519.Identity.generate(),))) == []
    assert "cannot be unwrapped" in str(told[0])
    found = list(sessions(encrypted, pytest.fail, (identity,)))
    assert [event_log(session).transcript.text for session in found] == ["word0 word1 word2"] * 2
    assert as_case(found[0], tmp_path / "audio").audio.samples == 4_800


def test_nothing_said_is_readable_without_the_key(encrypted: Path, identity: Any) -> None:
    seal_store(encrypted, Folder(encrypted), (identity,), False, lambda done: None, pytest.fail)
    for path in encrypted.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"word1" not in data
            assert b"fLaC" not in data
            assert b"StartRecognition" not in data


def test_sealed_under_the_key(encrypted: Path, identity: Any, tmp_path: Path) -> None:
    before = [event_log(session) for session in sessions(encrypted, pytest.fail, (identity,))]
    seal_store(encrypted, Folder(encrypted), (identity,), True, lambda done: None, pytest.fail)
    assert list(encrypted.glob("*.mcap")) == []
    found = list(sessions(encrypted, pytest.fail, (identity,)))
    assert [event_log(session) for session in found] == before
    assert as_case(found[0], tmp_path / "audio").audio.samples == 4_800
    assert verify(Folder(encrypted)).problems == ()
    told: list[StoreError] = []
    assert list(sessions(encrypted, told.append)) == []
    assert len(told) == 2


def test_without_the_key_nothing_is_sealed_and_nothing_lost(encrypted: Path) -> None:
    told: list[StoreError] = []
    seal_store(encrypted, Folder(encrypted), (), True, lambda done: None, told.append)
    assert len(told) == 2
    assert len(list(encrypted.glob("*.mcap"))) == 2


@pytest.mark.parametrize("drop", [False, True])
def test_erase(encrypted: Path, identity: Any, drop: bool) -> None:
    place = Folder(encrypted)
    seal_store(encrypted, place, (identity,), drop, lambda done: None, pytest.fail)
    assert erase(place, order("a")) == Erased(("a",), 1, (), ())
    assert not key_path(encrypted, "a").exists()
    assert [path.name for path in encrypted.rglob("*") if path.stem == "a"] == []
    assert session_names(encrypted) == ["b"]
    found = verify(place)
    assert (found.problems, found.sessions, found.erased) == ((), 1, 1)
    (deed,) = Audit(place).deeds()
    assert (deed.who, deed.action, deed.sessions, deed.why) == ("tester", "erase", ("a",), "the caller asked")
    with pytest.raises(StoreError, match="holds no session 'a'"):
        erase(place, order("a"))


def test_a_copy_of_an_erased_session_is_worth_nothing(encrypted: Path, identity: Any) -> None:
    copy = (encrypted / "a.mcap").read_bytes()
    erase(Folder(encrypted), order("a"))
    (encrypted / "a.mcap").write_bytes(copy)
    told: list[StoreError] = []
    assert [session.id for session in sessions(encrypted, told.append, (identity,))] == ["b"]
    assert "the session was erased" in str(told[0])


def test_erasing_follows_to_where_it_was_sealed(encrypted: Path, identity: Any, tmp_path: Path) -> None:
    far = Folder(tmp_path / "far")
    seal_store(encrypted, far, (identity,), False, lambda done: None, pytest.fail)
    assert (far.root / "keys" / "a.age").exists()
    assert erase(Folder(encrypted), order("a")).keys == 2
    assert not (far.root / "keys" / "a.age").exists()
    assert session_names(far.root) == ["b"]
    assert verify(far).problems == ()


def test_results_are_marked(make_capture: MakeCapture, tmp_path: Path) -> None:
    store = make_capture(name="a").parent
    make_capture(name="a.candidate")
    make_capture(name="b")
    run, gone, given = tmp_path / "run", tmp_path / "gone", tmp_path / "given"
    run.mkdir()
    given.mkdir()
    audit = Audit(Folder(store))
    audit.record(NOW, "tester", READ, ["a", "b"], "a gate", str(run))
    audit.record(NOW, "tester", READ, ["a"], "an export", str(gone))
    audit.record(NOW, "tester", READ, ["b"], "an export", str(tmp_path))
    done = erase(Folder(store), order("a"), [given])
    assert done.sessions == ("a", "a.candidate")
    assert (sorted(done.marked), done.unreached) == ([str(given), str(run)], (str(gone),))
    assert [erasure.session for erasure in erasures(run)] == ["a"]
    assert [erasure.why for erasure in erasures(given)] == ["the caller asked"] * 2
    assert erasures(tmp_path) == ()
    assert json.loads((run / "erasures.jsonl").read_text())["version"] == 1


class Stopping(Folder):
    """A folder that stops working after so many removals."""

    left = 0

    def remove(self, folder: str) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(5, "Input/output error")
        super().remove(folder)


@pytest.mark.parametrize("after", range(5))
def test_erasing_cut_short_is_finished_by_the_next(encrypted: Path, identity: Any, after: int) -> None:
    place = Stopping(encrypted)
    place.left = 100
    seal_store(encrypted, place, (identity,), False, lambda done: None, pytest.fail)
    place.left = after
    with pytest.raises(StoreError, match="erase it again") if after < 4 else contextlib.nullcontext():
        erase(place, order("a"))
    if after < 4:
        erase(Folder(encrypted), order("a"))
    assert session_names(encrypted) == ["b"]
    assert verify(Folder(encrypted)).problems == ()


def test_a_changed_audit_log_is_found(make_capture: MakeCapture) -> None:
    place = Folder(make_capture(name="a").parent)
    Audit(place).record(NOW, "tester", READ, ["a"], "curiosity")
    path = place.root / "audit" / "00000001.json"
    path.write_text(path.read_text().replace("curiosity", "duty"))
    with pytest.raises(StoreError, match="was changed"):
        list(Audit(place).deeds())


def test_what_cannot_be_recorded_is_not_done(make_capture: MakeCapture) -> None:
    store = make_capture(name="a").parent
    (store / "audit").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be recorded"):
        erase(Folder(store), order("a"))
    assert (store / "a.mcap").exists()


def test_one_at_a_time(make_capture: MakeCapture) -> None:
    from mirror.store.turns import own_turn

    path = make_capture(name="a")
    with own_turn(path.parent):
        with pytest.raises(StoreError, match="another process seals or erases here"):
            erase(Folder(path.parent), order("a"))
        with pytest.raises(StoreError, match="another process seals or erases here"):
            seal_store(path.parent, Folder(path.parent), (), True, lambda done: None, pytest.fail)
    assert erase(Folder(path.parent), order("a")).sessions == ("a",)
    with pytest.raises(StoreError, match="cannot be opened"), own_turn(path):
        pass


def test_what_is_being_recorded_is_not_erased(make_capture: MakeCapture) -> None:
    from mirror.store.format import Label
    from mirror.store.writer import SessionWriter

    store = make_capture(name="a").parent
    writer = SessionWriter(store, Label("live", 0, "asr:1"))
    with pytest.raises(StoreError, match="is being recorded"):
        erase(Folder(store), order("a", "live"))
    assert (store / "a.mcap").exists()  # an order is done whole or not begun
    writer.finish()
    assert erase(Folder(store), order("a", "live")).sessions == ("a", "live")
