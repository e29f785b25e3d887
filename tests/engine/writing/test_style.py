"""What a session may ask about its writing, and what is refused."""

from typing import Any

import pytest

from engine.protocol import ErrorType, MessageError
from engine.writing.style import ALL_MARKS, Style, read_style


def test_the_defaults() -> None:
    assert read_style({}) == Style()
    assert read_style({"enable_entities": True}).entities
    assert read_style({}, spoken=True).spoken


@pytest.mark.parametrize(
    ("marks", "kept"), [(["all"], ALL_MARKS), ([], set()), ([".", ","], {".", ","}), (["!", ";", "?"], {"?"})]
)
def test_permitted_marks(marks: list[str], kept: set[str]) -> None:
    assert read_style({"punctuation_overrides": {"permitted_marks": marks, "sensitivity": None}}).marks == kept


def test_filters() -> None:
    rules = [{"from": "a", "to": "b"}]
    style = read_style({"transcript_filtering_config": {"remove_disfluencies": True, "replacements": rules}})
    assert style.remove_disfluencies
    assert style.replacements.applied("a") == "b"


@pytest.mark.parametrize(
    "asked",
    [
        {"enable_entities": "yes"},
        {"punctuation_overrides": []},
        {"punctuation_overrides": {"permitted_marks": "."}},
        {"punctuation_overrides": {"permitted_marks": [1]}},
        {"punctuation_overrides": {"sensitivity": 1.1}},
        {"punctuation_overrides": {"sensitivity": True}},
        {"transcript_filtering_config": 1},
        {"transcript_filtering_config": {"remove_disfluencies": 1}},
        {"transcript_filtering_config": {"replacements": {}}},
        {"transcript_filtering_config": {"replacements": ["a"]}},
        {"transcript_filtering_config": {"replacements": [{"from": "", "to": "a"}]}},
        {"transcript_filtering_config": {"replacements": [{"from": "a"}]}},
        {"transcript_filtering_config": {"replacements": [{"from": "/(/", "to": "a"}]}},
    ],
)
def test_what_cannot_be_read_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(MessageError) as caught:
        read_style(asked)
    assert caught.value.type is ErrorType.INVALID_CONFIG
