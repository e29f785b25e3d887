"""A locked file opens whole and unchanged, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.errors import StoreError
from mirror.store.locked import lock, unlock

SECRET = bytes(range(32))
MIB = 2**20


def locked(folder: Path, data: bytes) -> Path:
    (folder / "clear").write_bytes(data)
    lock(folder / "clear", folder / "locked", SECRET, "name")
    return folder / "locked"


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB])
def test_round_trip(tmp_path: Path, size: int) -> None:
    data = bytes(size - 1) + b"x" if size else b""
    path = locked(tmp_path, data)
    unlock(path, tmp_path / "opened", SECRET, "name", "here")
    assert (tmp_path / "opened").read_bytes() == data


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_any_changed_byte_is_found(tmp_path_factory: pytest.TempPathFactory, at: int, by: int) -> None:
    folder = tmp_path_factory.mktemp("locked")
    path = locked(folder, b"speech" * 20)
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= by
    path.write_bytes(data)
    with pytest.raises(StoreError, match="here: "):
        unlock(path, folder / "opened", SECRET, "name", "here")


@pytest.mark.parametrize(("secret", "name"), [(bytes(32), "name"), (SECRET, "other")])
def test_another_key_or_name_opens_nothing(tmp_path: Path, secret: bytes, name: str) -> None:
    path = locked(tmp_path, b"speech")
    with pytest.raises(StoreError, match="does not open"):
        unlock(path, tmp_path / "opened", secret, name, "here")


def test_a_file_cut_between_pieces_does_not_open(tmp_path: Path) -> None:
    path = locked(tmp_path, bytes(2 * MIB))
    path.write_bytes(path.read_bytes()[: -(MIB + 16)])
    with pytest.raises(StoreError, match="piece 0 does not open"):
        unlock(path, tmp_path / "opened", SECRET, "name", "here")
