"""Names and how they are written."""

import pytest

from engine.writing.capitals import written_names


@pytest.mark.parametrize(
    ("spoken", "text"),
    [
        ("i'm in london", "I'm in London"),
        ("a new york minute", "a New York minute"),
        ("new york's mayor", "New York's mayor"),
        ("a new yorker", "a new yorker"),
        ("mary's lamb", "Mary's lamb"),
        ("rio de janeiro", "Rio de Janeiro"),
        ("may will march", "may will march"),
        ("", ""),
    ],
)
def test_names(spoken: str, text: str) -> None:
    words = spoken.split()
    names = written_names(words)
    assert " ".join(names.get(place, word) for place, word in enumerate(words)) == text
