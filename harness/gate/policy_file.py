"""Policies as TOML files: every mistake is told with the file and the key."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from importlib.resources import files
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harness.errors import PolicyError
from harness.gate.policy import Margin, Policy, policy_keys
from harness.measures.catalogue import CATALOGUE
from harness.measures.normalisation.packs import PACKS


def parse_policy(text: str, where: str) -> Policy:
    """A policy from the text of its file.

    Raises:
        PolicyError: not TOML, an unknown key, a value of the wrong type or range; file and key are named.
    """
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(where, "file", f"not TOML: {error}") from None
    try:
        policy = TypeAdapter(Policy).validate_python(plain)
    except ValidationError as error:
        raise _speak(where, error) from None
    _check_names(where, policy)
    return policy


def default_policy_text() -> str:
    """The text of the policy that is used where none is given."""
    return files("harness.gate").joinpath("default.toml").read_text(encoding="utf-8")


def default_policy() -> Policy:
    """The policy that is used where none is given."""
    return parse_policy(default_policy_text(), "default.toml")


def _speak(where: str, error: ValidationError) -> PolicyError:
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return PolicyError(where, ".".join(path), f"unknown key{_nearest(path[-1], _all_keys(Policy))}")
    if first["type"].startswith("missing"):
        return PolicyError(where, ".".join(path), "is missing; add it (docs/policy.md shows every key)")
    got = repr(first.get("input"))
    return PolicyError(where, ".".join(path), f"{first['msg'][:1].lower()}{first['msg'][1:]}, got {got[:60]}")


def _check_names(where: str, policy: Policy) -> None:
    tables = {"margins": policy.margins} | {f"overrides.{s}": m for s, m in policy.overrides.items()}
    for table, margins in tables.items():
        for key, margin in margins.items():
            if key not in policy_keys():
                raise PolicyError(where, f"{table}.{key}", f"no such measure{_nearest(key, policy_keys())}")
            _check_margin(where, f"{table}.{key}", CATALOGUE[key.partition(".")[0]].unit, margin)
    if policy.normaliser not in PACKS:
        raise PolicyError(where, "normaliser", f"no such pack {policy.normaliser!r}; there are {', '.join(PACKS)}")
    fractions = policy.looks.fractions
    if list(fractions) != sorted(set(fractions)):
        raise PolicyError(where, "looks.fractions", f"ascending shares of the cases are needed, got {list(fractions)}")


def _check_margin(where: str, key: str, unit: str, margin: Margin) -> None:
    if margin.rule == "":
        raise PolicyError(where, key, "says no margin; give absolute, absolute_ms or relative")
    if unit == "s" and margin.absolute is not None:
        raise PolicyError(where, key, "is a delay; give absolute_ms, not absolute")
    if unit != "s" and margin.absolute_ms is not None:
        what = (
            "is a ratio; give absolute (0.01 is one percentage point)"
            if unit == "ratio"
            else "is a factor; give absolute"
        )
        raise PolicyError(where, key, f"{what}, not absolute_ms")


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else "; docs/policy.md lists them all"


def _all_keys(cls: Any) -> set[str]:
    keys: set[str] = {f.name for f in fields(Margin)}
    for f in fields(cls):
        keys.add(f.name)
        if is_dataclass(f.default):
            keys |= {inner.name for inner in fields(f.default)}
    return keys
