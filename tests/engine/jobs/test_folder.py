from pathlib import Path

import pytest

from engine.jobs.errors import StoreError
from engine.jobs.folder import DataFolder
from engine.jobs.store import Store


def test_an_upload_becomes_a_recording(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.upload("a").write_bytes(b"audio")
    folder.accept("a")
    assert folder.recording("a").read_bytes() == b"audio"
    assert not folder.upload("a").exists()
    folder.remove("a")
    folder.remove("a")
    assert not folder.recording("a").exists()
    folder.close()


def test_what_a_kill_left_behind_is_swept(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    for name in ("kept", "gone"):
        folder.recording(name).write_bytes(b"audio")
    folder.upload("kept").write_bytes(b"half")
    folder.sweep(["kept"])
    assert [path.name for path in sorted(tmp_path.rglob("*")) if path.is_file()] == ["jobs.sqlite", "lock", "kept"]
    folder.close()


def test_a_folder_has_one_user(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with pytest.raises(StoreError, match="another service uses it"):
        DataFolder(tmp_path)
    folder.close()
    DataFolder(tmp_path).close()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="name another data folder"):
        DataFolder(tmp_path / "file" / "data")


def test_nobody_else_may_look(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    folder = DataFolder(tmp_path / "data")
    store = Store(folder.database)
    store.requeue()
    private = [tmp_path / "data" / name for name in ("uploads", "recordings", "jobs.sqlite", "jobs.sqlite-wal")]
    assert [path.stat().st_mode & 0o077 for path in private] == [0] * 4
    store.close()
    assert folder.free_bytes() > 0
    folder.close()
