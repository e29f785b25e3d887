"""Packs are idempotent, mark-safe, symmetric by construction, and carry the hash of their rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.normalisation.english import SUFFIXES, WHOLE, expand
from harness.measures.normalisation.packs import PACKS, normaliser

texts = st.text(max_size=40) | st.text(alphabet="ab '’.-\u0301\u00ad\u200d´%&ßſİ", max_size=20)


@pytest.mark.parametrize("name", list(PACKS))
@given(texts)
def test_packs_are_idempotent(name: str, text: str) -> None:
    once = PACKS[name].split(text)
    assert PACKS[name].split(" ".join(once)) == once


@given(st.lists(st.sampled_from([*WHOLE, "don't", "we're", "i'll've", "n't", "dog", "'ll"]), max_size=6))
def test_english_is_idempotent_on_its_own_rules(words: list[str]) -> None:
    once = PACKS["english-1"].split(" ".join(words))
    assert PACKS["english-1"].split(" ".join(once)) == once


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World!", "hello world"),
        ("the dogs’ bowl — isn’t 'full'", "the dogs bowl isn't full"),
        ("Straße ＡＢＣ ﬁne", "strasse abc fine"),
        ("हिन्दी में बात", "हिन्दी में बात"),  # combining vowel signs stay on their letters
        ("ภาษาไทยที่ดี", "ภาษาไทยที\u0e48ดี"),
        ("می‌خواهم", "می‌خواهم"),  # the zero-width non-joiner is spelling
        ("co\u00adoperate\ufeff", "cooperate"),
        ("e\u0301lan", "élan"),
        ("10:00 a.m.", "10 00 a m"),
        ("", ""),
    ],
)
def test_basic(text: str, words: str) -> None:
    assert " ".join(PACKS["basic"].split(text)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'm sure we won't, can't, don't", "i am sure we will not can not do not"),
        ("Uh, it's um 5% of R&D", "it's 5 percent of r and d"),
        ("Mr. Grey's colour", "mister grey's color"),
        ("they'd've gone", "they'd have gone"),
        ("and a half; oh I see; minus five", "and a half oh i see minus five"),  # nothing deleted, no number invented
    ],
)
def test_english(text: str, words: str) -> None:
    assert " ".join(PACKS["english-1"].split(text)) == words


def test_no_rule_rewrites_the_result_of_another() -> None:
    for results in WHOLE.values():
        for word in results:
            assert expand(word) == (word,)
    assert all(expand(word) == (word,) for word in SUFFIXES.values())


def test_signatures_name_pack_version_and_rules() -> None:
    signatures = {pack.signature for pack in PACKS.values()}
    assert len(signatures) == len(PACKS)
    assert normaliser("basic") is normaliser("basic-1")
    with pytest.raises(KeyError, match="there are: none, basic, english-1"):
        normaliser("klingon")
