"""The report as one self-contained page: style, script, drawings and audio are inside it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.clips import Clip, Missing
from reports.view.page import Page
from reports.view.utterances import kind_title
from reports.wording import NONE


def render_html(page: Page, clips: Mapping[str, Clip | Missing]) -> str:
    """The page's text.

    Args:
        page: the run, worded.
        clips: what to play, by the anchor of the utterance.
    """
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            page=page,
            clips={key: clip.uri for key, clip in clips.items() if isinstance(clip, Clip)},
            missing={key: clip.why for key, clip in clips.items() if isinstance(clip, Missing)},
            style=Markup(style),
            script=Markup(script),
            policy=security_policy(style, script),
        )
    )


def security_policy(style: str, script: str) -> str:
    """A policy under which the page can load nothing and run nothing but its own script, whatever a text contains."""
    allowed = f"style-src '{_source(style)}'; script-src '{_source(script)}'; media-src data:"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["NONE"] = NONE
    environment.filters["kind"] = kind_title
    return environment


@cache
def _asset(name: str) -> str:
    return files("reports").joinpath("templates", name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
