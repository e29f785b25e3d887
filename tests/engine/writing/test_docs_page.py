"""The page on writing: its example runs, and its table of entities is true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.writing.entities import find_entities

PAGE = (Path(__file__).parents[3] / "docs" / "writing.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([a-z, ]+) \| (.*) \| (.*) \|$", PAGE.split("## Entities")[1].split("## ")[0], re.MULTILINE)[1:]


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_the_example_runs(block: str) -> None:
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "entity" in done.stdout


@pytest.mark.parametrize(("kinds", "said", "written"), ROWS)
def test_the_table_of_entities(kinds: str, said: str, written: str) -> None:
    texts = re.sub(r" \(([a-z ]|,)*\)", "", written).split("; ")
    for spoken, text in zip(said.split("; "), texts, strict=True):
        words, out, at = spoken.split(), [], 0
        for entity in find_entities(words):
            assert entity.kind in kinds
            out += [*words[at : entity.first], entity.text]
            at = entity.end
        assert " ".join([*out, *words[at:]]) == text
