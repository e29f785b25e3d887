"""The catalogue answers queries, its index is only a cache, and retention knows what is old."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import mirror.store.catalogue as module
from mirror.errors import StoreError
from mirror.store.catalogue import Query, Row, catalogue
from mirror.store.place import Folder
from mirror.store.retention import is_older, parse_age
from mirror.store.sealer import seal_store
from mirror.store.sidecar import Sidecar, write_sidecar

MakeCapture = Callable[..., Path]
SECOND = 1_000_000_000


@pytest.fixture
def store(make_capture: MakeCapture) -> Path:
    make_capture(name="a", began_utc_ns=1 * SECOND, tags={"tenant": "acme"}, packets=2)
    make_capture(name="b", began_utc_ns=2 * SECOND, tags={"tenant": "acme"}, language="de", packets=8)
    return make_capture(name="c", began_utc_ns=3 * SECOND, tags={"tenant": "other"}, packets=4).parent


def found(store: Path, index: Path | None = None, **query: Any) -> list[str]:
    return [row.session for row in catalogue(Folder(store), index, Query(**query), pytest.fail)]


QUERIES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["a", "b", "c"]),
    ({"tenant": "acme"}, ["a", "b"]),
    ({"since_utc_ns": 2 * SECOND}, ["b", "c"]),
    ({"until_utc_ns": 2 * SECOND}, ["a"]),
    ({"language": "de"}, ["b"]),
    ({"min_seconds": 0.4}, ["b", "c"]),
    ({"tags": {"tenant": "other"}}, ["c"]),
    ({"tenant": "acme", "min_seconds": 0.4, "language": "en"}, []),
]


@pytest.mark.parametrize("sealed", [False, True])
def test_queries(store: Path, sealed: bool) -> None:
    if sealed:
        seal_store(store, Folder(store), (), True, lambda done: None, pytest.fail)
    for query, names in QUERIES:
        assert found(store, store / "index.sqlite", **query) == names


def test_rows_are_equal_sealed_or_not(store: Path) -> None:
    def rows() -> list[Row]:
        return list(catalogue(Folder(store), None, Query(), pytest.fail))

    before = rows()
    seal_store(store, Folder(store), (), False, lambda done: None, pytest.fail)
    after = rows()
    assert [row.sealed for row in after] == [True] * 3
    values = [{name: getattr(row, name) for name in Row.__slots__ if name != "sealed"} for row in after]
    assert values == [{name: getattr(row, name) for name in Row.__slots__ if name != "sealed"} for row in before]


def test_the_index_saves_reading_and_follows_changes(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = store / "index.sqlite"
    read: list[str] = []
    real = module.the_session

    def counting(place: Any, name: str, identities: Any = ()) -> Any:
        read.append(name)
        return real(place, name, identities)

    monkeypatch.setattr(module, "the_session", counting)
    assert found(store, index) == found(store, index) == ["a", "b", "c"]
    assert read == ["a", "b", "c"]
    write_sidecar(store / "b.mcap", Sidecar({"accent": "scottish"}))
    assert found(store, index, tags={"accent": "scottish"}) == ["b"]
    (store / "c.mcap").unlink()
    assert found(store, index) == ["a", "b"]
    assert read == ["a", "b", "c", "b"]


@pytest.mark.parametrize("damage", [b"this is no database, though it is long enough to be one" * 9, b"", None])
def test_an_index_that_is_damaged_or_cannot_be_is_no_matter(store: Path, damage: bytes | None) -> None:
    index = store / "index.sqlite"
    if damage is None:
        index.mkdir()
    else:
        index.write_bytes(damage)
    assert found(store, index) == ["a", "b", "c"]


def test_one_that_cannot_be_read_is_told(store: Path) -> None:
    (store / "b.mcap").write_bytes(b"nothing")
    told: list[StoreError] = []
    rows = list(catalogue(Folder(store), None, Query(), told.append))
    assert [row.session for row in rows] == ["a", "c"]
    assert "b.mcap: torn before its label" in str(told[0])


@pytest.mark.parametrize(("text", "age"), [("12h", 12 * 3_600), ("30d", 30 * 86_400), ("8w", 56 * 86_400)])
def test_ages(text: str, age: int) -> None:
    assert parse_age(text) == timedelta(seconds=age)


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1.5d", "1y", "9999999d"])
def test_what_is_no_age(text: str) -> None:
    with pytest.raises(ValueError, match="no time to keep"):
        parse_age(text)


def test_what_is_old(store: Path) -> None:
    place = Folder(store)
    assert [is_older(place, name, 2 * SECOND) for name in "abc"] == [True, False, False]
    (store / "b.mcap").write_bytes(b"nothing")
    os.utime(store / "b.mcap", ns=(SECOND, SECOND))
    assert is_older(place, "b", 2 * SECOND)  # what nobody can open must not stay for ever
