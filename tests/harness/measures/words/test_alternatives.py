"""sclite's notation for what may be said in several ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import EvidenceError
from harness.measures.words.alternatives import Lattice, parse_alternatives


def wordings(lattice: Lattice) -> set[str]:
    """Every path, optional words in parentheses."""
    paths: dict[int, set[tuple[str, ...]]] = {0: {()}}
    for arc in lattice.arcs:
        assert arc.source < arc.target
        word = () if arc.word is None else (f"({arc.word})" if arc.optional else arc.word,)
        paths.setdefault(arc.target, set()).update(path + word for path in paths[arc.source])
    return {" ".join(path) for path in paths[lattice.nodes - 1]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {""}),
        ("i've { um / uh / @ } as far", {"i've um as far", "i've uh as far", "i've as far"}),
        ("{what are/what're / @}", {"", "what are/what're"}),
        ("{what are / what're}you", {"what are you", "what're you"}),
        ("{ a { b / c d } / @ } e", {"a b e", "a c d e", "e"}),
        ("(uh) so (%hesitation)", {"(uh) so (%hesitation)"}),
        ("and/or 1/2", {"and/or 1/2"}),
        ("@ a", {"a"}),
        ("{ { a / b } / { c / d } }", {"a", "b", "c", "d"}),
        ("{ a / b } { c / d }", {"a c", "a d", "b c", "b d"}),
    ],
)
def test_wordings(text: str, expected: set[str]) -> None:
    assert wordings(parse_alternatives(text)) == expected


@pytest.mark.parametrize(
    ("text", "character", "what"),
    [
        ("so { a / b", 4, "never closed"),
        ("a } b", 3, "outside of braces"),
        ("a / b", 3, "outside of braces"),
        ("a { b }", 3, "2 to 255"),
        ("{ a / }", 7, "write @"),
        ("(you know)", 1, "one by one"),
        ("{ " * 1_000, 41, "nested"),
        ("{ " + " / ".join("a" * 300) + " }", 1, "2 to 255"),
    ],
)
def test_a_bad_notation_is_named_with_its_place(text: str, character: int, what: str) -> None:
    with pytest.raises(EvidenceError, match=rf"^call-7: character {character}: .*{what}"):
        parse_alternatives(text, "call-7")


@given(st.text("ab{}/@() ", max_size=40))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        lattice = parse_alternatives(text)
    except EvidenceError:
        return
    assert wordings(lattice)
    assert wordings(lattice.normalised(str.split)) == wordings(lattice)


@given(st.lists(st.sampled_from(["a", "b", "it's"]), max_size=8))
def test_plain_words_have_one_wording(words: list[str]) -> None:
    assert wordings(Lattice.of(words)) == wordings(parse_alternatives(" ".join(words))) == {" ".join(words)}


def test_neighbouring_words_are_rewritten_together() -> None:
    lattice = parse_alternatives("at twenty five { twenty / past twenty five } (twenty) five twenty five (uh)")
    rewritten = lattice.normalised(lambda text: text.replace("twenty five", "25").split())
    assert wordings(rewritten) == {"at 25 twenty (twenty) five 25 (uh)", "at 25 past 25 (twenty) five 25 (uh)"}


def test_words_are_rewritten_where_they_stand() -> None:
    lattice = parse_alternatives("Well { CAN'T / Um / @ } (Uh) go")
    rules = {"CAN'T": ["can", "not"], "Um": []}

    def split(text: str) -> list[str]:
        return [word for part in text.split() for word in rules.get(part, [part.lower()])]

    assert wordings(lattice.normalised(split)) == {
        "well can not (uh) go",
        "well (uh) go",
    }
