import stat
from pathlib import Path

import pytest

from engine.operations.errors import OperationsError
from engine.operations.key_file import read_keys, write_keys
from engine.operations.keys import KeyRing, make_key


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    secret, key = make_key("ä name", "2026-11-23")
    ring = KeyRing((key, make_key("b", "2026-11-24")[1])).revoke(key.id, "2026-11-25")
    write_keys(path, ring)
    write_keys(path, ring)
    assert read_keys(path) == ring
    assert secret not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 1, "keys": [{"id": "a"}]}', '{"format": 2}'])
def test_a_damaged_file_is_one_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(OperationsError, match=r"keys\.json"):
        read_keys(path)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(OperationsError, match="understudy keys create"):
        read_keys(tmp_path / "keys.json")
    with pytest.raises(OperationsError, match="cannot be written"):
        write_keys(Path("/proc/nowhere/keys.json"), KeyRing())
