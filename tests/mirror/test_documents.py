"""The Python of docs/capture.md and docs/replay.md, executed as it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mirror.capture.tee import open_tee
from mirror.privacy.rules import EVERYTHING, parse_rules
from mirror.replay import replay
from testsets import audio
from testsets.case import Case

DOCS = Path(__file__).resolve().parents[2] / "docs"


def names_of(page: str) -> dict[str, Any]:
    """What the Python blocks of a page define."""
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text(), re.M | re.S):
        exec(compile(block, page, "exec"), names)  # our own pages, which is the point
    return names


async def test_capture_and_read_as_documented(
    stage_of: Callable[..., Any], make_case: Callable[..., Case], tmp_path: Path, capsys: Any
) -> None:
    case = make_case(seconds=0.2)
    samples, _ = audio.read(case.audio.path)
    async with stage_of() as stage, open_tee(stage.url, tmp_path / "store", rules=EVERYTHING) as tee:
        await replay(case, samples, tee.url)
    ((kept, log),) = names_of("capture.md")["read"](tmp_path / "store", tmp_path / "audio")
    assert (kept.audio.samples, log.transcript.text) == (3_200, "word2")
    async with stage_of() as stage:
        failure, text, late = await names_of("replay.md")["play"](kept, stage.url)
    assert (failure, text, late.packets) == (None, "word2", 2)


async def test_record_as_documented(tmp_path: Path, capsys: Any) -> None:
    (text,) = re.findall(r"^```toml\n(.*?)^```", (DOCS / "capture.md").read_text(), re.M | re.S)
    assert parse_rules(text, "capture.md").tenants["acme"].share == 1.0
    await names_of("capture.md")["record"](tmp_path / "store", text)
    assert capsys.readouterr().out.startswith("ws://127.0.0.1:")
