"""Every policy that the documentation shows is one that the program reads."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from harness.gate.policy import (
    Findings,
    LooksRule,
    Margin,
    Minimum,
    PaceRule,
    Policy,
    Slices,
    SpeakerRule,
    WordRule,
    policy_keys,
)
from harness.gate.policy_file import parse_policy

PAGE = Path(__file__).resolve().parents[3] / "docs" / "policy.md"
POLICIES = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("text", POLICIES)
def test_a_documented_policy_is_read(text: str) -> None:
    assert parse_policy(text, "policy.md").margins


def test_there_are_four() -> None:
    assert len(POLICIES) == 4


def test_every_measure_that_can_have_a_margin_is_listed() -> None:
    text = PAGE.read_text(encoding="utf-8")
    names = {key.partition(".")[0] for key in policy_keys()}
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_every_key_of_a_policy_is_explained() -> None:
    text = PAGE.read_text(encoding="utf-8")
    tables = [Policy, Margin, Minimum, Findings, PaceRule, WordRule, SpeakerRule, LooksRule, Slices]
    keys = {field.name for table in tables for field in fields(table)}
    assert [key for key in sorted(keys) if not re.search(rf"`{key}`|`\[{key}\]`|^{key} = |^\[{key}", text, re.M)] == []
