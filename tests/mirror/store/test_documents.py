"""The Python of docs/store.md and docs/privacy.md, executed as it stands, and their commands understood."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from understudy.commands.store import app

DOCS = Path(__file__).resolve().parents[3] / "docs"
MakeCapture = Callable[..., Path]


def names_of(page: str) -> dict[str, Any]:
    """What the Python blocks of a page define."""
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text(), re.M | re.S):
        exec(compile(block, page, "exec"), names)  # our own pages, which is the point
    return names


def commands() -> list[str]:
    pages = ("store.md", "privacy.md")
    blocks = [
        block for page in pages for block in re.findall(r"^```sh\n(.*?)^```", (DOCS / page).read_text(), re.M | re.S)
    ]
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("understudy store ")]


def test_seal_and_read_as_documented(make_capture: MakeCapture, tmp_path: Path, capsys: Any) -> None:
    store = make_capture().parent
    ((case, log),) = names_of("store.md")["seal_and_read"](store, tmp_path / "audio")
    assert (case.audio.samples, log.transcript.text) == (4_800, "word0 word1 word2")


def test_forget_as_documented(make_capture: MakeCapture, tmp_path: Path) -> None:
    path = make_capture()
    keys, marks = names_of("privacy.md")["forget"](path.parent, path.stem, tmp_path)
    assert (keys, [mark.session for mark in marks], path.exists()) == (0, [path.stem], False)


@pytest.mark.parametrize("line", commands())
def test_commands_are_spelled_as_documented(line: str) -> None:
    _, _, command, *rest = shlex.split(line)
    result = CliRunner().invoke(app, [command, *rest, "--help"], catch_exceptions=False)
    assert result.exit_code == 0
    for option in (word for word in rest if word.startswith("--")):
        assert option in result.stdout
