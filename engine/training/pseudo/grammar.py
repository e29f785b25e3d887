"""Sentences that a command grammar allows for a meaning: an intent and the values of its slots."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from engine.errors import TrainingError

_PART = re.compile(r"\[([^\]]*)\]|\(([^)]*)\)|\$([\w.]+):(\w+)|([^\s\[\]()$]+)")


@dataclass(frozen=True, slots=True)
class Grammar:
    """Expressions by intent, written as in Rhino: ``[one, of, these]``, ``(perhaps this)``, ``$kind:slot``, words.

    Source: https://picovoice.ai/docs/rhino/ (expression syntax).
    """

    expressions: Mapping[str, tuple[str, ...]]

    def sentences(self, intent: str, slots: Mapping[str, str]) -> tuple[str, ...]:
        """Give every sentence of an intent that fills exactly these slots with these values."""
        found: dict[str, None] = {}
        for expression in self.expressions.get(intent, ()):
            parts = _PART.findall(expression)
            if sorted(name for *_, name, _ in parts if name) == sorted(slots):
                found.update(dict.fromkeys(_expand(parts, slots)))
        return tuple(found)


def read_grammar(path: Path) -> Grammar:
    """Read a grammar in YAML.

    Raises:
        TrainingError: it is no YAML, or has no ``context: expressions:``.
    """
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        listed = table["context"]["expressions"]
        return Grammar({str(intent): tuple(map(str, texts)) for intent, texts in listed.items()})
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as wrong:
        what = f"no command grammar ({wrong}); give one with context: expressions: INTENT: [sentence, ...]"
        raise TrainingError(str(path), what) from None


def _expand(parts: Sequence[tuple[str, str, str, str, str]], slots: Mapping[str, str]) -> Iterator[str]:
    choices: list[list[str]] = []
    for one_of, perhaps, _, slot, word in parts:
        if slot:
            choices.append([slots[slot]])
        elif one_of:
            choices.append([choice.strip() for choice in one_of.split(",")])
        elif perhaps:
            choices.append([*(choice.strip() for choice in perhaps.split(",")), ""])
        else:
            choices.append([word])
    for chosen in itertools.product(*choices):
        yield " ".join(" ".join(chosen).lower().split())
