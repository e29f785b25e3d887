"""A finished run, drawn into its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.results import Run
from reports.clips import ClipReader, read_clip, within
from reports.html import render_html
from reports.junit import render_junit
from reports.markdown import render_markdown
from reports.view.page import page

LARGEST = 6_000_000  # bytes of report.html that mail and CI artefact viewers still take


@dataclass(frozen=True, slots=True)
class Written:
    """Where the report stands."""

    html: Path
    summary: Path
    junit: Path


def write_reports(run: Run, folder: Path, clips: ClipReader = read_clip) -> Written:
    """Write ``report.html``, ``summary.md`` and ``junit.xml``.

    Args:
        run: the finished run.
        folder: where to write; made when missing.
        clips: gives an edge case's audio; the default cuts it from the file that the edge case names.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = Written(folder / "report.html", folder / "summary.md", folder / "junit.xml")
    view = page(run)
    silent = len(render_html(view, {}).encode("utf-8", "replace"))
    audio = within(LARGEST - silent, ((card.anchor, card.edge) for card in view.utterances.cards), clips)
    written.html.write_bytes(render_html(view, audio).encode("utf-8", "replace"))
    written.summary.write_bytes(render_markdown(view).encode("utf-8", "replace"))
    written.junit.write_bytes(render_junit(run))
    return written
