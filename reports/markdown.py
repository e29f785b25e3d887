"""The report as Markdown, for a pull request or a CI summary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.results import Outcome
from reports.view.comparisons import Row, Table
from reports.view.page import Page
from reports.view.utterances import Utterance

MARKS = {Outcome.PASS: "✅", Outcome.FAIL: "❌", Outcome.HOLD: "⏸️"}
MOST_SLICES = 12
MOST_UTTERANCES = 10
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~]|^[+-])")
HEADER = ("", "champion", "candidate", "difference", "at most", "margin", "outcome")


def render_markdown(page: Page) -> str:
    """The verdict, the measures, the slices that matter and the worst utterances, briefly."""
    blocks = [
        f"# {MARKS[page.verdict.outcome]} {page.verdict.outcome.value}",
        escape(page.verdict.sentence),
        _bullets(escape(reason) for reason in page.verdict.reasons),
        _measures(page),
        *_slices(page.slices),
        *_findings(page),
        *_utterances(page),
        _facts(page),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return SPECIAL.sub(lambda found: "\\" + found[0], " ".join(text.split()))


def _measures(page: Page) -> str:
    if not page.measures:
        return "## Measures\n\nNothing was compared: no measure has a value on both sides."
    return "\n\n".join(f"## {escape(table.title)}\n\n{_table('measure', table.rows)}" for table in page.measures)


def _slices(tables: Sequence[Table]) -> Iterable[str]:
    for table in tables:
        rows = [r for r in table.rows if r.gating or r.outcome is not Outcome.PASS][:MOST_SLICES]
        if rows:
            yield f"## Slices by {escape(table.title)}\n\n" + _table("slice", rows)


def _table(first: str, rows: Iterable[Row]) -> str:
    header = (first, *HEADER[1:])
    lines = [_line(header), _line("---" if i == 0 else "---:" for i in range(len(header)))]
    for r in rows:
        outcome = f"{MARKS[r.outcome]} {r.word}" if r.gating else r.word
        cells = (r.title, r.champion, r.candidate, r.difference, r.bound, r.margin)
        lines.append(_line([*(escape(c) for c in cells), outcome]))
    return "\n".join(lines)


def _findings(page: Page) -> Iterable[str]:
    lines = [f"{MARKS[f.outcome]} **{escape(f.kind)}** {escape(f.message)}" for f in page.evidence.findings]
    if lines:
        yield "## Findings about the evidence\n\n" + _bullets(lines)


def _utterances(page: Page) -> Iterable[str]:
    cards = page.utterances.cards[:MOST_UTTERANCES]
    if cards:
        yield "## Worst differing utterances\n\n" + _bullets(_utterance(card) for card in cards)


def _utterance(card: Utterance) -> str:
    lines = [f"**{escape(card.case_id)}** ({card.verb}, {escape(card.severity)}): {escape('; '.join(card.details))}"]
    if card.has_reference:
        lines.append(f"reference: {escape(card.reference)}")
    lines.append(f"champion: {escape(card.champion) or '(nothing)'}")
    lines.append(f"candidate: {escape(card.candidate) or '(nothing)'}")
    return "<br>".join(lines)


def _facts(page: Page) -> str:
    sets = ", ".join(f"{name} ({cases}, {digest})" for name, cases, digest in page.evidence.test_sets)
    arms = (f"{arm.title} {arm.name} ({arm.digest})" for arm in page.evidence.arms)
    lines = [*arms, *([f"test sets {sets}"] if sets else []), *page.evidence.skipped]
    lines.extend(f"{name} {value}" for name, value in page.evidence.facts)
    return "## Evidence\n\n" + _bullets(escape(line) for line in lines)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
