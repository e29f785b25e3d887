"""Packs are idempotent, mark-safe, symmetric by construction, and carry the hash of their rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.normalisation.folding import fold, plain_words
from harness.measures.normalisation.packs import PACKS, normaliser

texts = st.text(max_size=40) | st.text(alphabet="ab '’.-\u0301\u00ad\u200d´%&ßſİ", max_size=20)


@pytest.mark.parametrize("name", list(PACKS))
@given(texts)
def test_packs_are_idempotent(name: str, text: str) -> None:
    once = PACKS[name].split(text)
    assert PACKS[name].split(" ".join(once)) == once


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
        ("it`s", "it's"),
        ("", ""),
    ],
)
def test_basic(text: str, words: str) -> None:
    assert " ".join(PACKS["basic"].split(text)) == words


@given(texts)
def test_chunks_of_a_text_do_not_touch_each_other(text: str) -> None:
    chunks = [word for chunk in text.split() for word in PACKS["basic"].split(chunk)]
    assert PACKS["basic"].split(text) == tuple(chunks) == plain_words(fold(text))


@given(st.lists(texts, max_size=4))
def test_words_keep_their_places(words: list[str]) -> None:
    for pack in PACKS.values():
        placed = pack.split_words(words)
        assert tuple(word for word, _ in placed) == pack.split(" ".join(words))
        places = [place for _, place in placed]
        assert places == sorted(places)
        assert all(words[place].strip() for place in places)


def test_signatures_name_pack_version_and_rules() -> None:
    signatures = {pack.signature for pack in PACKS.values()}
    assert len(signatures) == len(PACKS)
    assert normaliser("basic") is normaliser("basic-1")
    with pytest.raises(KeyError, match="there are: none, basic, english-1"):
        normaliser("klingon")
