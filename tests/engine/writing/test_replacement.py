"""Replacements as the protocol's documentation gives them."""

import time

import pytest

from engine.writing.replacement import compile_rules


@pytest.mark.parametrize(
    ("rules", "word", "text"),
    [
        ([("foo", "bar")], "foo", "bar"),
        ([("foo", "bar")], "Foo", "Foo"),
        ([("foo", "bar")], "food", "food"),
        ([("/^[hH]ello$/", "goodbye")], "Hello", "goodbye"),
        ([("/(cheese)/", "[$1]")], "cheese", "[cheese]"),
        ([("/e/", "")], "cheese", "chs"),
        ([("/X/i", "y")], "axe", "aye"),
        ([("/(?<first>.)./", "$<first>$$$&$9")], "ab", "a$ab$9"),
        ([("/a/", "1"), ("a", "2")], "a", "2"),
        ([("/a/", "1"), ("/a/", "3")], "a", "1"),
        ([("a", "b"), ("b", "c")], "a", "b"),
        ([("a", ""), ("/a/", "x")], "a", ""),
    ],
)
def test_the_first_rule_that_fits(rules: list[tuple[str, str]], word: str, text: str) -> None:
    assert compile_rules(rules).applied(word) == text


@pytest.mark.parametrize("pattern", ["/(/", "/[/", "/a/k"])
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="/"):
        compile_rules([(pattern, "x")])


def test_there_is_an_end_to_rules() -> None:
    with pytest.raises(ValueError, match="more than 100 patterns"):
        compile_rules([("/a/", "b")] * 101)
    with pytest.raises(ValueError, match="500 characters"):
        compile_rules([("a" * 501, "b")])


def test_a_pattern_that_takes_for_ever_is_given_up() -> None:
    rules = compile_rules([("/(a|aa|a*b*)+$/", "x"), ("/(a*)*(a*)*c/", "y")])
    begin = time.monotonic()
    rules.applied("a" * 200 + "!")
    assert time.monotonic() - begin < 30
