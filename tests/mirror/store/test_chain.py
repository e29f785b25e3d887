"""The chain finds every change of a record, and two writers at once lose nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.errors import StoreError
from mirror.store.chain import FIRST, Chain
from mirror.store.place import Folder


def filled(root: Path, count: int) -> Chain:
    chain = Chain(Folder(root), "chain")
    for number in range(count):
        chain.append({"action": "seal", "session": f"s{number}"})
    return chain


def test_records_follow_from_each_other(tmp_path: Path) -> None:
    assert Chain(Folder(tmp_path), "chain").head() == (0, FIRST)
    chain = filled(tmp_path, 3)
    records = list(chain.records())
    assert [record.number for record in records] == [1, 2, 3]
    assert [record.previous for record in records] == [FIRST, records[0].sha256, records[1].sha256]
    assert Chain(Folder(tmp_path), "chain").head() == (3, records[2].sha256)


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    one, other = Chain(Folder(tmp_path), "chain"), Chain(Folder(tmp_path), "chain")
    for number in range(6):
        (one, other)[number % 2].append({"session": str(number)})
    assert [record.body["session"] for record in one.records()] == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize("field", ["body", "number", "previous", "sha256", "version"])
def test_a_changed_field_is_found(tmp_path: Path, field: str) -> None:
    filled(tmp_path, 3)
    path = tmp_path / "chain" / "00000002.json"
    row = json.loads(path.read_text())
    row[field] = {"body": {"session": "other"}, "number": 3, "previous": FIRST, "sha256": FIRST, "version": 9}[field]
    path.write_text(json.dumps(row))
    with pytest.raises(StoreError, match=r"00000002\.json"):
        list(Chain(Folder(tmp_path), "chain").records())


@given(st.integers(0, 400), st.integers(1, 255))
def test_any_changed_byte_is_found(tmp_path_factory: pytest.TempPathFactory, at: int, by: int) -> None:
    root = tmp_path_factory.mktemp("chain")
    chain = filled(root, 2)
    before = list(chain.records())
    path = root / "chain" / "00000001.json"
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= by
    path.write_bytes(data)
    try:
        after = list(Chain(Folder(root), "chain").records())
    except StoreError:
        return
    assert after == before  # a blank in place of a line feed, or so, says the same


@pytest.mark.parametrize("number", [1, 2])
def test_a_record_that_is_gone_is_found(tmp_path: Path, number: int) -> None:
    filled(tmp_path, 3)
    (tmp_path / "chain" / f"{number:08d}.json").unlink()
    with pytest.raises(StoreError, match=f"{number:08d}.json: is missing"):
        list(Chain(Folder(tmp_path), "chain").records())
