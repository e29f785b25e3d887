"""``understudy keys``: made once, listed without secrets, revoked for good."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engine.operations.key_file import read_keys
from understudy.commands.keys import app
from understudy.errors import UsageError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_key_is_printed_once_and_works(home: Path) -> None:
    made = run("create", "call centre")
    secret = made.stdout.strip()
    found = read_keys(home / "keys.json").find(secret)
    assert found is not None
    assert found.name == "call centre"
    listed = run("list").stdout
    assert found.id in listed
    assert "call centre" in listed
    assert secret not in listed


def test_everything_as_json(home: Path) -> None:
    made = json.loads(run("create", "a", "--json").stdout)
    assert set(made) == {"key", "id", "name", "created", "sha256"}
    run("revoke", made["id"])
    (listed,) = json.loads(run("list", "--json").stdout)["keys"]
    assert (listed["id"], listed["name"]) == (made["id"], "a")
    assert listed["revoked"] is not None


def test_another_file(home: Path, tmp_path: Path) -> None:
    run("create", "a", "--file", str(tmp_path / "other.json"))
    assert len(read_keys(tmp_path / "other.json").keys) == 1
    assert not (home / "keys.json").exists()


def test_mistakes_are_told(home: Path) -> None:
    assert isinstance(run("list").exception, UsageError)
    run("create", "a")
    assert "no key 'nobody'" in str(run("revoke", "nobody").exception)
