"""What stands beside NLP files: the class of each entity, and the wordings in which it may be said.

Source: fstalign, docs/NLP-Format.md (WER tag sidecar), docs/Usage.md (normalizations) and src/Nlp.cpp: the first tag of
a token names its entity, tokens in a row with one tag are one entity, and its written form is a wording too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from testsets.errors import FormatError
from testsets.formats.nlp import Token
from testsets.lines import BYTE_ORDER_MARK, Row, json_value, read_text

Wordings = tuple[tuple[str, ...], ...]

_WIDE = {ord(mark): chr(ord(mark) + 0xFEE0) for mark in "/@{}()"}  # Unicode's full width forms


@dataclass(frozen=True, slots=True)
class Entity:
    """Tokens in a row that belong to one entity; positions index the tokens of the file."""

    id: str
    kind: str  # PERSON, MONEY, ...
    first: int
    end: int  # one past the last


def parse_classes(text: str, where: str) -> dict[str, str]:
    """Entity id -> class, from ``{"0": {"entity_type": "YEAR"}}``.

    Raises:
        FormatError: the text is no such JSON.
    """
    return {identity: entry.text("entity_type") for identity, entry in _entries(text, where)}


def parse_wordings(text: str, where: str) -> dict[str, Wordings]:
    """Entity id -> what may be said, from ``{"0": {"candidates": [{"verbalization": ["twenty", "twenty"]}]}}``.

    Raises:
        FormatError: the text is no such JSON.
    """
    return {
        identity: tuple(_words(candidate) for candidate in entry.rows("candidates"))
        for identity, entry in _entries(text, where)
    }


def load_classes(path: str | Path) -> dict[str, str]:
    """Read a ``.wer_tag.json`` file; see ``parse_classes``."""
    return parse_classes(read_text(path), str(path))


def load_wordings(path: str | Path) -> dict[str, Wordings]:
    """Read a ``.norm.json`` file; see ``parse_wordings``."""
    return parse_wordings(read_text(path), str(path))


def entities(tokens: Iterable[Token], classes: Mapping[str, str]) -> tuple[Entity, ...]:
    """Every entity of the tokens' ``wer_tags`` that has a class, by place; entities may overlap."""
    found: list[Entity] = []
    open_at: dict[str, int] = {}
    end = 0
    for end, token in enumerate([*tokens, Token("end")]):
        for identity in [known for known in open_at if known not in token.wer_tags]:
            found.append(Entity(identity, classes[identity], open_at.pop(identity), end))
        open_at |= {known: end for known in token.wer_tags if known in classes and known not in open_at}
    return tuple(sorted(found, key=lambda entity: (entity.first, entity.end)))


def with_wordings(tokens: Iterable[Token], wordings: Mapping[str, Wordings]) -> str:
    """The tokens as a text in NIST's notation for alternatives, ``{ 2020 / twenty twenty / @ }`` where they have any.

    Args:
        tokens: of a reference; written without their punctuation.
        wordings: entity id -> what may be said in place of its tokens.
    """
    parts: list[str] = []
    for tag, members in groupby(tokens, key=lambda token: token.tags[0] if token.tags else ""):
        written = [_plain(token.token) for token in members]
        said = wordings.get(tag.partition(":")[0], ()) if tag else ()
        choices = list(dict.fromkeys([" ".join(written), *(" ".join(map(_plain, words)) or "@" for words in said)]))
        parts += [f"{{ {' / '.join(choices)} }}"] if len(choices) > 1 else written
    return " ".join(parts)


def _entries(text: str, where: str) -> list[tuple[str, Row]]:
    found = json_value(text.removeprefix(BYTE_ORDER_MARK), where)
    if not isinstance(found, dict):
        raise FormatError(where, "expected a JSON object of entities by id")
    for identity, entry in found.items():
        if not isinstance(entry, dict):
            raise FormatError(f"{where}, entity {identity!r}", "expected a JSON object")
    return [(identity, Row(entry, f"{where}, entity {identity!r}")) for identity, entry in found.items()]


def _words(candidate: Row) -> tuple[str, ...]:
    words = candidate.sequence("verbalization")
    for word in words:
        if not isinstance(word, str):
            candidate.fail("'verbalization' must hold strings")
    return tuple(part for word in words for part in word.split())


def _plain(token: str) -> str:
    """A token that is no notation: where it would be, its wide form, which normalisation folds back."""
    if token in ("/", "@") or set(token) & set("{}") or (token.startswith("(") and token.endswith(")")):
        return token.translate(_WIDE)
    return token
