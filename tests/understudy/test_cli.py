"""The command line's own promises: version, help, one line for a user's mistake, exit code 2."""

import subprocess
import sys

import pytest

from understudy import __version__


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "understudy", *arguments], capture_output=True, text=True, timeout=60)


def test_version() -> None:
    assert run("--version").stdout == f"understudy {__version__}\n"


def test_help_names_every_command() -> None:
    from understudy.cli import COMMANDS

    text = run("--help").stdout
    assert [name for name in COMMANDS if f" {name} " not in text] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("nosuchcommand",),
        ("gate", "--no-such-option"),
        ("gate", "--champion", "http://x"),
        ("serve", "--model", "reference/99"),
        ("gate", "--champion", "models:/nosuch@champion"),
        ("gate", "--testset", "no/such/file.jsonl"),
        ("gate", "--policy", "no/such/policy.toml"),
        ("gate", "--candidate", "file:no/such/hyps.jsonl"),
        ("gate", "--champion", "ws://127.0.0.1:9/v2", "--candidate", "ws://127.0.0.1:9/v2", "--testset", "rehearsal"),
        ("report", "no/such/run"),
        ("rescore", "no/such/run"),
    ],
    ids=" ".join,
)
def test_mistakes_end_in_one_line_and_exit_code_two(arguments: tuple[str, ...], tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith(("understudy: ", "Error: ")), result.stderr


@pytest.mark.parametrize("address", ["file:no/such.jsonl", "ws://127.0.0.1:9/v2"])
def test_an_address_that_answers_nothing_starts_and_leaves_nothing(address: str, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert run("gate", "--candidate", address).returncode == 2
    assert list(tmp_path.iterdir()) == []
