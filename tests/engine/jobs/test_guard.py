from pathlib import Path

import pytest

from engine.jobs.errors import Refusal
from engine.jobs.guard import Guard
from engine.operations.errors import OperationsError
from engine.operations.key_file import write_keys
from engine.operations.keys import KeyRing, make_key
from engine.service_config import ServiceConfig


def test_an_open_door_asks_nothing() -> None:
    guard = Guard(ServiceConfig())
    assert guard.admit([], "") == "anyone"
    assert guard.tls is None


def test_a_revoked_key_is_shut_out_after_a_reload(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret, key = make_key("ours", "2026-01-01")
    path = tmp_path / "keys.json"
    write_keys(path, KeyRing((key,)))
    guard = Guard(ServiceConfig(keys_file=path))
    assert guard.admit([f"Bearer {secret}"], "") == key.id
    for presented in ([], ["Bearer us_no_such_key"], ["Bearer a", "Bearer b"]):
        with pytest.raises(Refusal, match="401 Permission Denied"):
            guard.admit(presented, "")
    write_keys(path, KeyRing((key,)).revoke(key.id, "2026-02-01"))
    guard.reload()
    with pytest.raises(Refusal, match="403 Forbidden"):
        guard.admit([f"Bearer {secret}"], "")
    path.write_text("no keys")
    guard.reload()
    assert "nothing was changed" in caplog.text
    with pytest.raises(Refusal):
        guard.admit([], "")


def test_keys_that_cannot_be_read_shut_the_service(tmp_path: Path) -> None:
    with pytest.raises(OperationsError):
        Guard(ServiceConfig(keys_file=tmp_path / "none.json"))
