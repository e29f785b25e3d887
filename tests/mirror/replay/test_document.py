"""docs/replay.md against the product: its Python runs, its options, addresses and keys exist."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mirror.codecs.wires import schemes, wire_of
from mirror.replay import back_pressure, lateness
from testsets.case import Case
from understudy.commands.replay import replay as command
from understudy.replay_display import Progress, ReplayResult

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "replay.md").read_text()


def python() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S):
        exec(compile(block, "replay.md", "exec"), names)  # our own page, which is the point
    return names


async def test_load_as_documented(stage_of: Callable[..., Any], make_case: Callable[..., Case], tmp_path: Path) -> None:
    async with stage_of() as stage:
        logs = await python()["load"]([make_case(seconds=0.2)], stage.url, tmp_path)
    assert [(log.case_id, log.failure) for log in logs] == [("case", None), ("case#2", None)]
    assert [packets for packets in stage.packets if packets] == [4, 4]


def test_every_option_is_documented_and_no_other() -> None:
    known = {f"--{name.replace('_', '-')}" for name in inspect.signature(command).parameters} - {
        "--source",
        "--as-json",
    }
    found = set(re.findall(r"--[a-z][a-z-]+", PAGE)) - {"--champion", "--candidate"}
    assert found == known | {"--json"}


def test_every_wire_is_documented() -> None:
    named = re.findall(r"^\| `([^`]+)` \|", PAGE, re.M)
    wires = {(wire_of(address).name, wire_of(address).codec is None) for address in named}
    assert wires == {(wire_of(f"{scheme}h").name, wire_of(f"{scheme}h").codec is None) for scheme in schemes()}


def test_every_key_of_the_json_is_documented() -> None:
    result = ReplayResult(Progress(0, 0, 0, 0, 0), {}, [], {}, lateness([]), back_pressure([]), None, None).to_dict()
    keys = {*result, *result["lateness"], *result["back_pressure"]}
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()
