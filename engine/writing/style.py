"""How a session wants its words written, read from its transcription_config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.protocol import ErrorType, MessageError
from engine.writing.replacement import Replacements, compile_rules

ALL_MARKS = frozenset(".,?")  # that this writer ever sets; the protocol's "!" is permitted and never comes
MOST_RULES = 10_000


@dataclass(frozen=True, slots=True)
class Style:
    """What becomes of spoken words on the wire."""

    spoken: bool = False  # the words as they were recognised and nothing else
    entities: bool = False  # entities are shown as such, with spoken and written form
    marks: frozenset[str] = ALL_MARKS
    sensitivity: float = 0.5  # 0 few marks, 1 many
    remove_disfluencies: bool = False
    replacements: Replacements = field(default_factory=Replacements)


def read_style(asked: Mapping[str, Any], spoken: bool = False) -> Style:
    """Judge enable_entities, punctuation_overrides and transcript_filtering_config.

    Args:
        asked: transcription_config, without nulls.
        spoken: the session wants bare words, whatever else it asks for.

    Raises:
        MessageError: invalid_config.
    """
    punctuation = _object(asked.get("punctuation_overrides", {}), "punctuation_overrides")
    filtering = _object(asked.get("transcript_filtering_config", {}), "transcript_filtering_config")
    return Style(
        spoken,
        _flag(asked.get("enable_entities", False), "enable_entities"),
        _marks(punctuation.get("permitted_marks", asked.get("permitted_marks", ["all"]))),
        _sensitivity(punctuation.get("sensitivity", 0.5)),
        _flag(filtering.get("remove_disfluencies", False), "remove_disfluencies"),
        _replacements(filtering.get("replacements", [])),
    )


def _marks(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(mark, str) for mark in value):
        raise _invalid(f"permitted_marks is {_shown(value)}; send a list of marks, or ['all']")
    return ALL_MARKS if "all" in value else ALL_MARKS & frozenset(value)


def _sensitivity(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise _invalid(f"punctuation_overrides.sensitivity is {_shown(value)}; send a number from 0 to 1")


def _replacements(value: object) -> Replacements:
    if not isinstance(value, list) or len(value) > MOST_RULES:
        raise _invalid(f"replacements is {_shown(value)}; send a list of at most {MOST_RULES} rules")
    rules = []
    for rule in value:
        sides = (rule.get("from"), rule.get("to")) if isinstance(rule, Mapping) else (None, None)
        if not isinstance(sides[0], str) or not sides[0] or not isinstance(sides[1], str):
            raise _invalid(f"replacements has {_shown(rule)}; send {{'from': 'word or /pattern/', 'to': 'text'}}")
        rules.append((sides[0], sides[1]))
    try:
        return compile_rules(rules)
    except ValueError as error:
        raise _invalid(f"replacements: {error}") from None


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _invalid(f"{name} is {_shown(value)}; send an object")
    return {key: item for key, item in value.items() if item is not None}


def _flag(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise _invalid(f"{name} is {_shown(value)}; send true or false")
    return value


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _invalid(reason: str) -> MessageError:
    return MessageError(ErrorType.INVALID_CONFIG, f"transcription_config: {reason}")
