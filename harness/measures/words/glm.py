"""Global mapping files (GLM): NIST's string-rewriting rules for both sides before they are compared.

A rule is ``A => B`` or ``A => B / C __ D``: A becomes B where C stands before it and D behind it, in the text as it
came. Strings keep spaces at their ends inside ``[ ]`` or ``' '``. From left to right, the first rule of the list that
matches at the cursor applies and the cursor moves past A; where none does, one character is copied (or dropped, where
the file says ``copy_no_hit = 'F'``). B may hold alternatives ``{ a / b }`` (harness.measures.words.alternatives). What
begins a comment is the file's first word.

Source: SCTK, doc/GLMRules.txt, version 2.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.errors import EvidenceError
from harness.measures.words.alternatives import Lattice, parse_alternatives

_DEPENDENT = re.compile(r'INPUT_DEPENDENT_APPLICATION\s*=\s*"([^"]*)"', re.IGNORECASE)
_HEADER = re.compile(
    r"""\*.*?\b(name|desc|format|max_nrules|copy_no_hit|case_sensitive)\b.*?(["'])(.*)\2""", re.IGNORECASE
)
_BOUNDED = re.compile(r"\[(.*)\]|'(.*)'")
_TRUE, _FALSE = {"T", "YES", "TRUE"}, {"F", "NO", "FALSE"}


@dataclass(frozen=True, slots=True)
class _Rule:
    before: str
    match: str
    after: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Glm:
    """The rules of one file, as they apply to one kind of input."""

    by_first: Mapping[str, tuple[re.Pattern[str], tuple[str, ...]]]  # first character -> rules in order, replacements
    copy_no_hit: bool
    case_sensitive: bool

    def apply(self, text: str) -> str:
        """Rewrite one transcript; its ends count as spaces, and white space comes out as single spaces."""
        padded = f" {' '.join(text.split())} "
        written: list[str] = []
        cursor = 0
        while cursor < len(padded):
            pattern, replacements = self.by_first.get(self._folded(padded[cursor]), (None, ()))
            match = pattern.match(padded, cursor) if pattern else None
            if match and match.lastindex:
                written.append(replacements[match.lastindex - 1])
                cursor = match.end()
            else:
                written.append(padded[cursor] if self.copy_no_hit else "")
                cursor += 1
        return " ".join("".join(written).split())

    def lattice(self, text: str, where: str = "transcript") -> Lattice:
        """Rewrite one transcript and read its alternatives and optional words.

        Raises:
            EvidenceError: what comes out has unbalanced braces.
        """
        rewritten = self.apply(text)
        return parse_alternatives(rewritten if self.case_sensitive else rewritten.casefold(), where)

    def _folded(self, char: str) -> str:
        return char if self.case_sensitive else char.casefold()


def parse_glm(text: str, kind: str = "", where: str = "GLM") -> Glm:
    """Read a mapping file.

    Args:
        text: the whole file.
        kind: the input's format, e.g. "stm" or "ctm"; rules below ``INPUT_DEPENDENT_APPLICATION = "regex"`` are kept
            where the regex matches it, all of them where it is empty.
        where: named in errors, e.g. the file.

    Raises:
        EvidenceError: a line is neither header, comment nor rule; says which.
    """
    first_line = text.lstrip().partition("\n")[0]
    comment = ";;" if "=>" in first_line or first_line[:1] in ("", "*") else first_line.split()[0]
    settings = {"copy_no_hit": True, "case_sensitive": False}
    rules: list[_Rule] = []
    wanted = True
    for number, line in enumerate(text.splitlines(), 1):
        body, _, remark = line.partition(comment)
        if dependent := _DEPENDENT.search(remark):
            wanted = _applies(dependent[1], kind, f"{where}, line {number}")
        if body.lstrip().startswith("*"):
            settings |= _setting(body, f"{where}, line {number}")
        elif body.strip() and wanted:
            rules.append(_rule(body, f"{where}, line {number}"))
    sensitive = settings["case_sensitive"]
    return Glm(dict(_indexed(rules, sensitive)), settings["copy_no_hit"], sensitive)


def _applies(pattern: str, kind: str, where: str) -> bool:
    try:
        return not kind or re.search(pattern, kind, re.IGNORECASE) is not None
    except re.error as error:
        raise EvidenceError(where, f"{pattern!r} is no regular expression: {error}") from None


def _setting(line: str, where: str) -> dict[str, bool]:
    match = _HEADER.search(line)
    if not match:
        raise EvidenceError(where, "a line that begins with * needs a known keyword and a quoted value")
    key, value = match[1].lower(), match[3].strip().upper()
    if key not in ("copy_no_hit", "case_sensitive"):
        return {}
    if value not in _TRUE | _FALSE:
        raise EvidenceError(where, f"{key} is {match[3]!r}: write 'T' or 'F'")
    return {key: value in _TRUE}


def _rule(line: str, where: str) -> _Rule:
    match, arrow, rest = line.partition("=>")
    replacement, slash, context = _without_context(rest)
    before, gap, after = context.partition("__")
    if not arrow or not _string(match) or slash != bool(gap):
        raise EvidenceError(where, f"{line.strip()!r} is no rule; rules are A => B, or A => B / C __ D")
    return _Rule(_string(before), _string(match), _string(after), _string(replacement))


def _without_context(rest: str) -> tuple[str, bool, str]:
    """Split B from its context at the slash between them; slashes within brackets and braces are B's own."""
    depth = 0
    for place, char in enumerate(rest):
        depth += (char in "[{") - (char in "]}")
        if char == "/" and not depth:
            return rest[:place], True, rest[place + 1 :]
    return rest, False, ""


def _string(text: str) -> str:
    stripped = text.strip()
    bounded = _BOUNDED.fullmatch(stripped)
    if bounded is None:
        return stripped
    return bounded[1] if bounded[1] is not None else bounded[2]


def _indexed(rules: list[_Rule], sensitive: bool) -> Iterator[tuple[str, tuple[re.Pattern[str], tuple[str, ...]]]]:
    grouped: dict[str, list[_Rule]] = {}
    for rule in rules:
        first = rule.match[0] if sensitive else rule.match[0].casefold()
        grouped.setdefault(first, []).append(rule)
    for first, members in grouped.items():
        pattern = "|".join(f"({_expression(rule)})" for rule in members)
        yield first, (re.compile(pattern, 0 if sensitive else re.IGNORECASE), tuple(r.replacement for r in members))


def _expression(rule: _Rule) -> str:
    before = f"(?<={re.escape(rule.before)})" if rule.before else ""
    after = f"(?={re.escape(rule.after)})" if rule.after else ""
    return f"{before}{re.escape(rule.match)}{after}"
