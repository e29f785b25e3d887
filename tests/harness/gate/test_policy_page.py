"""Every policy that the documentation shows is one that the program reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.gate.policy_file import parse_policy

PAGE = Path(__file__).resolve().parents[3] / "docs" / "policy.md"
POLICIES = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("text", POLICIES)
def test_a_documented_policy_is_read(text: str) -> None:
    assert parse_policy(text, "policy.md").margins


def test_there_are_four() -> None:
    assert len(POLICIES) == 4
