"""References that allow several wordings: alternatives ``{ a / b }``, the empty one ``@``, optional words ``(word)``.

Grammar (SCTK, doc/infmts.htm), braces apart from words or not, ``/`` apart:

    ALTERNATE := "{" TEXT ALT+ "}"      ALT := "/" TEXT      TEXT := words | "@" | ALTERNATE, in any mixture

so that alternatives nest. ``(word)`` is optional: not hearing it is no error, and it counts as a correct word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.errors import EvidenceError

_TOKEN = re.compile(r"[{}]|[^\s{}]+")
_OPTIONAL = re.compile(r"\((.+)\)")
_MOST = 255  # alternatives that may end in one place
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Arc:
    """One word on the way from a node to a later one; no word where nothing needs to be said."""

    source: int
    target: int
    word: str | None
    optional: bool = False
    join: bool = False  # the end of an alternative: free, while choosing ``@`` costs a little


@dataclass(frozen=True, slots=True)
class Lattice:
    """Every wording of a transcript: the paths from node 0 to the last node."""

    arcs: tuple[Arc, ...]  # by target
    nodes: int

    @classmethod
    def of(cls, words: Sequence[str]) -> Lattice:
        """The one path that has exactly these words."""
        return cls(tuple(Arc(i, i + 1, word) for i, word in enumerate(words)), len(words) + 1)

    def normalised(self, split: Callable[[str], Sequence[str]]) -> Lattice:
        """The same wordings, rewritten: neighbouring words together, alternatives and optional words by themselves."""
        builder = _Builder()
        renumbered = {0: 0}
        for run in self._runs():
            target = run[-1].target
            if run[0].target == target:
                ends = [builder.chain(renumbered[arc.source], [arc], split) for arc in run]
                renumbered[target] = builder.joined(ends)
            else:
                renumbered[target] = builder.chain(renumbered[run[0].source], run, split)
        return builder.lattice()

    def _runs(self) -> Iterator[list[Arc]]:
        """Arcs to one node, or plain words in a row that no other way leads into or out of."""
        into, out = Counter(arc.target for arc in self.arcs), Counter(arc.source for arc in self.arcs)
        run: list[Arc] = []
        for arc in self.arcs:
            plain = all(one.word is not None and not one.optional for one in (*run[-1:], arc))
            alone = into[arc.source] == out[arc.source] == into[arc.target] == 1
            in_a_row = run and run[-1].target == arc.source and plain and alone
            if run and not in_a_row and run[-1].target != arc.target:
                yield run
                run = []
            run.append(arc)
        if run:
            yield run


def parse_alternatives(text: str, where: str = "transcript") -> Lattice:
    """Read a transcript in sclite's notation.

    Args:
        text: words, ``{ a / b c / @ }`` and ``(word)``.
        where: named in errors, e.g. the utterance's id.

    Raises:
        EvidenceError: braces or slashes do not match; says at which character.
    """
    builder = _Builder()
    tokens = _Tokens(text, where)
    _sequence(tokens, builder, 0, depth=0)
    return builder.lattice()


class _Tokens:
    """The tokens of a text, one ahead, each with its place."""

    def __init__(self, text: str, where: str) -> None:
        self._found = _TOKEN.finditer(text)
        self._where, self._end = where, len(text)
        self.place = 0
        self.next: str | None = None
        self.advance()

    def advance(self) -> None:
        match = next(self._found, None)
        self.next = None if match is None else match.group()
        self.place = self._end if match is None else match.start()

    def error(self, what: str, place: int | None = None) -> EvidenceError:
        at = (self.place if place is None else place) + 1
        return EvidenceError(self._where, f"character {at}: {what}; alternatives are written {{ a / b c / @ }}")


class _Builder:
    """Arcs in the making; nodes are numbered so that every arc leads upwards."""

    def __init__(self) -> None:
        self.arcs: list[Arc] = []
        self.last = 0

    def step(self, source: int, word: str | None, *, optional: bool = False, join: bool = False) -> int:
        self.last += 1
        self.arcs.append(Arc(source, self.last, word, optional, join))
        return self.last

    def joined(self, ends: Sequence[int]) -> int:
        """One node to which all ends lead."""
        if len(ends) == 1:
            return ends[0]
        self.last += 1
        self.arcs += [Arc(end, self.last, None, join=True) for end in ends]
        return self.last

    def chain(self, source: int, arcs: Sequence[Arc], split: Callable[[str], Sequence[str]]) -> int:
        """The rewritten words of some arcs in a row."""
        if arcs[0].word is None:
            return self.step(source, None, join=arcs[0].join)
        words = split(" ".join(arc.word or "" for arc in arcs))
        for word in words:
            source = self.step(source, word, optional=arcs[0].optional)
        return source if words else self.step(source, None, join=True)

    def lattice(self) -> Lattice:
        return Lattice(tuple(self.arcs), self.last + 1)


def _sequence(tokens: _Tokens, builder: _Builder, node: int, depth: int) -> int:
    """Read words and alternations until the text or the alternative ends."""
    begin = tokens.place
    empty = True
    while tokens.next is not None and not (depth and tokens.next in ("/", "}")):
        node = _item(tokens, builder, node, depth)
        empty = False
    if depth and empty:
        raise tokens.error("an alternative without words: write @ for silence", begin)
    return node


def _item(tokens: _Tokens, builder: _Builder, node: int, depth: int) -> int:
    token = tokens.next
    if token == "{":
        return _alternation(tokens, builder, node, depth + 1)
    if token is None or token in ("/", "}"):
        raise tokens.error(f"'{token}' outside of braces")
    optional = _OPTIONAL.fullmatch(token)
    if token.startswith("(") and len(token) > 1 and not optional:
        raise tokens.error(f"'{token}' does not end with ')'; optional words are marked one by one: (you) (know)")
    tokens.advance()
    if token == "@":
        return builder.step(node, None)
    return builder.step(node, optional[1] if optional else token, optional=optional is not None)


def _alternation(tokens: _Tokens, builder: _Builder, node: int, depth: int) -> int:
    opened = tokens.place
    if depth > _DEEPEST:
        raise tokens.error(f"alternatives nested more than {_DEEPEST} deep")
    ends: list[int] = []
    while tokens.next in ("{", "/"):
        tokens.advance()
        ends.append(_sequence(tokens, builder, node, depth))
    if tokens.next != "}":
        raise tokens.error("'{' is never closed", opened)
    tokens.advance()
    if not 2 <= len(ends) <= _MOST:
        raise tokens.error(f"{len(ends)} alternative{'s' * (len(ends) > 1)}: 2 to {_MOST} are needed", opened)
    return builder.joined(ends)
