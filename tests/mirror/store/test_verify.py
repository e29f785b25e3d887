"""Verification finds any change since sealing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mirror.store.place import Folder
from mirror.store.sealer import seal_store
from mirror.store.verify import verify

MakeCapture = Callable[..., Path]


@pytest.fixture
def store(make_capture: MakeCapture) -> Path:
    for name in ("a", "b"):
        make_capture(name=name)
    folder = make_capture(name="c").parent
    seal_store(folder, Folder(folder), (), True, lambda done: None, pytest.fail)
    return folder


def told(store: Path, head: str | None = None) -> list[str]:
    return [str(error).removeprefix(f"{store}/") for error in verify(Folder(store), head).problems]


def test_nothing_changed(store: Path) -> None:
    found = verify(Folder(store))
    assert (found.records, found.sessions, found.erased, found.problems, found.unfinished) == (3, 3, 0, (), ())
    assert told(store, found.head) == []


@pytest.mark.parametrize("name", ["audio.flac", "events.parquet", "details.json", "entry.json"])
def test_any_changed_file_is_found(store: Path, name: str) -> None:
    path = store / "sealed" / "b" / name
    for at in range(0, path.stat().st_size, 97):
        data = bytearray(path.read_bytes())
        data[at] ^= 1
        path.write_bytes(data)
        assert [line.startswith(f"sealed/b/{name}: was changed") for line in told(store)] == [True]
        data[at] ^= 1
        path.write_bytes(data)
    assert told(store) == []


def test_files_that_went_or_came(store: Path) -> None:
    (store / "sealed" / "a" / "audio.flac").unlink()
    (store / "sealed" / "b" / "entry.json").unlink()
    (store / "sealed" / "c" / "more.txt").write_text("more")
    assert told(store) == [
        "sealed/a/audio.flac: is gone; restore it from a backup",
        "sealed/b: is gone though nobody erased it; restore it from a backup",
        "sealed/c/more.txt: was added; remove it",
    ]


def test_sessions_exchanged_are_found(store: Path) -> None:
    one, other = store / "sealed" / "a", store / "sealed" / "b"
    one.rename(store / "t")
    other.rename(one)
    (store / "t").rename(other)
    assert len(told(store)) == 2


def test_the_chain_itself(store: Path) -> None:
    head = verify(Folder(store)).head
    last = store / "chain" / "00000003.json"
    text = last.read_text()
    last.unlink()
    assert verify(Folder(store)).unfinished == ("c",)
    assert [line for line in told(store, head) if "its end was cut off" in line]
    last.write_text(text.replace('"c"', '"d"'))
    assert "was changed" in told(store)[0]
