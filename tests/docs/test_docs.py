"""What the documents show must exist: every command and option of every shell block, every link to a file of ours."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from understudy.cli import COMMANDS, build

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.M | re.S)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")


def commands_of(page: Path) -> list[list[str]]:
    """The ``understudy ...`` calls of a page's shell blocks, continuation lines joined, pipes cut off."""
    calls = []
    for block in BLOCK.findall(page.read_text()):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            words = words[: next((i for i, w in enumerate(words) if w in {"|", ">", "&", "&&", ";"}), None)]
            if words and words[0].endswith("understudy"):
                calls.append(words[1:])
    return calls


@cache
def help_of(*path: str) -> str:
    result = CliRunner().invoke(build(path[:1]), [*path, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 0, result.output
    return result.output


CALLS = [pytest.param(call, id=f"{page.name}: {' '.join(call)}") for page in PAGES for call in commands_of(page)]


@pytest.mark.parametrize("call", CALLS)
def test_documented_commands_and_options_exist(call: list[str]) -> None:
    options = [w.split("=")[0] for w in call if w.startswith("-")]
    if call and not call[0].startswith("-"):
        assert call[0] in COMMANDS
        path = call[:1]
        if (
            len(call) > 1
            and re.search(rf"^\s+{re.escape(call[1])}\s", help_of(call[0]), re.M)
            and COMMANDS[call[0]][1] == "app"
        ):
            path = call[:2]
        text = help_of(*path)
    else:
        text = CliRunner().invoke(build(()), ["--help"]).output
    assert [o for o in options if not re.search(rf"(?<!\S){re.escape(o)}\b", text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()] == []
