"""Word replacements of a session: plain words first, then ECMAScript patterns in order; the first that fits is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import regex

MOST_PATTERNS = 100
LONGEST = 500  # characters of a rule's side
PATIENCE = 0.005  # seconds for a pattern and a word: a pattern may be made to take for ever
_FLAGS = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL, "g": 0, "u": 0, "y": 0}
_LITERAL = regex.compile(r"/(.+)/([a-z]*)", regex.DOTALL)
_REFERENCE = regex.compile(r"\$(?:(\$)|(&)|(\d{1,2})|<([^>]*)>)")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled ``from`` between slashes and its ``to``."""

    compiled: regex.Pattern[str]
    to: str

    def applied(self, word: str) -> str | None:
        """The word with every match replaced, None if there is none or it takes too long."""
        try:
            text, count = self.compiled.subn(self._filled, word, timeout=PATIENCE)
        except TimeoutError:
            return None
        return text if count else None

    def _filled(self, match: regex.Match[str]) -> str:
        def value(reference: regex.Match[str]) -> str:
            dollar, whole, number, name = reference.groups()
            if dollar:
                return "$"
            key: int | str = 0 if whole else int(number) if number else name
            try:
                return str(match[key] or "")
            except IndexError:
                return str(reference[0])  # as ECMAScript does: what refers to no group stands for itself

        return str(_REFERENCE.sub(value, self.to))


@dataclass(frozen=True, slots=True)
class Replacements:
    """The rules of one session."""

    plain: Mapping[str, str] = field(default_factory=dict)
    patterns: tuple[Pattern, ...] = ()

    def applied(self, word: str) -> str:
        """A word after the first rule that fits it."""
        if (to := self.plain.get(word)) is not None:
            return to
        for pattern in self.patterns:
            if (text := pattern.applied(word)) is not None:
                return text
        return word


def compile_rules(rules: Iterable[tuple[str, str]]) -> Replacements:
    """Rules from pairs of ``from`` and ``to``; of two plain rules for one word the first counts.

    Raises:
        ValueError: a pattern is malformed, or there are too many; the message says which.
    """
    plain: dict[str, str] = {}
    patterns: list[Pattern] = []
    for source, to in rules:
        if max(len(source), len(to)) > LONGEST:
            raise ValueError(f"{source[:40]!r}...: a side has more than {LONGEST} characters")
        literal = _LITERAL.fullmatch(source)
        if literal is None:
            plain.setdefault(source, to)
            continue
        patterns.append(Pattern(_compiled(literal[1], literal[2], source), to))
        if len(patterns) > MOST_PATTERNS:
            raise ValueError(f"more than {MOST_PATTERNS} patterns")
    return Replacements(plain, tuple(patterns))


def _compiled(body: str, letters: str, source: str) -> regex.Pattern[str]:
    flags = 0
    for letter in letters:
        if letter not in _FLAGS:
            raise ValueError(f"{source!r}: unknown flag {letter!r}")
        flags |= _FLAGS[letter]
    try:
        return regex.compile(body, flags)
    except regex.error as error:
        raise ValueError(f"{source!r}: {error}") from None
