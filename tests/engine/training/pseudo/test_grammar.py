"""A grammar gives the sentences of a meaning, and no others."""

from pathlib import Path

import pytest

from engine.errors import TrainingError
from engine.training.pseudo.grammar import Grammar, read_grammar

TEXT = """
context:
  expressions:
    order:
      - "[Give me, I want] [a, an] $size:size $drink:drink (please)"
      - "$drink:drink, now"
    stop:
      - stop it
"""


@pytest.fixture
def grammar(tmp_path: Path) -> Grammar:
    path = tmp_path / "g.yaml"
    path.write_text(TEXT)
    return read_grammar(path)


def test_choices_options_and_slots(grammar: Grammar) -> None:
    said = grammar.sentences("order", {"size": "small", "drink": "Iced Mocha"})
    assert len(said) == 8
    assert "i want a small iced mocha please" in said
    assert "give me an small iced mocha" in said


def test_only_expressions_with_exactly_these_slots(grammar: Grammar) -> None:
    assert grammar.sentences("order", {"drink": "milk"}) == ("milk , now",)
    assert grammar.sentences("order", {}) == ()
    assert grammar.sentences("stop", {}) == ("stop it",)
    assert grammar.sentences("unknown", {"drink": "milk"}) == ()


@pytest.mark.parametrize("text", ["", "a: [", "context: {}", "context:\n  expressions: 3", "- 1"])
def test_no_grammar_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "g.yaml"
    path.write_text(text)
    with pytest.raises(TrainingError, match="command grammar"):
        read_grammar(path)
