"""The page on dictionaries: its example runs, and its limits are those of the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.dictionary.entries import MOST_ENTRIES, MOST_LETTERS, MOST_SOUNDS, MOST_WORDS

PAGE = (Path(__file__).parents[3] / "docs" / "dictionary.md").read_text(encoding="utf-8")


def test_the_example_runs() -> None:
    pytest.importorskip("onnxruntime", reason="the engine extra is not installed")
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    without, with_it = done.stdout.splitlines()
    assert "Lake Michigan" not in without
    assert "Lake Michigan" in with_it


def test_the_limits_are_those_of_the_code() -> None:
    assert f"up to {MOST_ENTRIES:,}, strings or objects" in PAGE
    assert f"a phrase of up to {MOST_WORDS} words of up to {MOST_LETTERS} letters" in PAGE
    assert f"up to {MOST_SOUNDS} other ways" in PAGE
