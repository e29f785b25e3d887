"""NIST's rewriting rules, as their documentation has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import EvidenceError
from harness.measures.counts import WordErrors
from harness.measures.words.glm import parse_glm
from harness.measures.words.lattice import align_lattice

RULES = """;; the first word of a file begins its comments
* name "ours.glm"
* copy_no_hit = 'T'
* case_sensitive = 'F'
OFT      => OFTEN / [ ] __ [ ] ;; whole words only
JETPLANE => JET PLANE
SMYTH    => SMITH / [MR ] __
T.       => TEE / __ [ SHIRT]
[THEY']  => THEY
'TWAS    => IT WAS
UH       => [(UH)] / [ ] __ [ ]
AB       => first
ABC      => never
;; INPUT_DEPENDENT_APPLICATION = "ctm"
HE'S     => [{HE IS / HE HAS}] / [ ] __ [ ]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oft  OFT aloft", "OFTEN OFTEN aloft"),
        ("a jetplane", "a JET PLANE"),
        ("mr smyth smyth", "mr SMITH smyth"),
        ("t. shirt t. x", "TEE shirt t. x"),
        ("they' 'twas", "THEY IT WAS"),
        ("abc", "firstc"),  # the first rule of the list, not the longest
        ("", ""),
    ],
)
def test_rules(text: str, expected: str) -> None:
    assert parse_glm(RULES).apply(text) == expected


def test_rules_of_one_kind_of_input() -> None:
    assert parse_glm(RULES, "stm").apply("he's") == "he's"
    assert parse_glm(RULES, "ctm").apply("he's he's") == "{HE IS / HE HAS} {HE IS / HE HAS}"


def test_both_sides_meet_in_a_lattice() -> None:
    said = parse_glm(RULES, "stm").lattice("uh he has oft flown")
    heard = parse_glm(RULES, "ctm").lattice("HE'S often flown")
    assert align_lattice(said, heard).errors == WordErrors(reference=5)


def test_switches() -> None:
    assert parse_glm("* copy_no_hit = 'F'\nab => x\n[ ] => [ ]").apply("ab cd ab") == "x x"
    assert parse_glm('* case_sensitive "yes"\nab => x').apply("ab AB") == "x AB"
    assert parse_glm("# note\nab => x # note").apply("ab") == "x"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("A B C", "is no rule"),
        ("=> x", "is no rule"),
        ("A => B / C", "is no rule"),
        ("* speed = '3'", "known keyword"),
        ("* copy_no_hit = 'perhaps'", "write 'T' or 'F'"),
        (';; INPUT_DEPENDENT_APPLICATION = "(ctm"', "no regular expression"),
    ],
)
def test_a_bad_line_is_named(line: str, what: str) -> None:
    with pytest.raises(EvidenceError, match=f"^en.glm, line 2: .*{what}"):
        parse_glm(f";; rules\n{line}", "ctm", "en.glm")


@given(st.text("ABC =>/_[]{}'*;\n", max_size=60), st.text("ABC '", max_size=20))
def test_any_file_is_read_or_refused(file: str, text: str) -> None:
    try:
        rules = parse_glm(file)
    except EvidenceError:
        return
    assert isinstance(rules.apply(text), str)
