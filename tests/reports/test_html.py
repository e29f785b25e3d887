import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from harness.results import ALL, DiffOp, Finding, Outcome, Role, Run
from reports.clips import Clip, Missing
from reports.html import render_html
from reports.view.page import page
from reports.wording import NONE

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}&amp;\u202e\x00"
VOID = {"meta", "input", "br", "img", "link"}


class Outline(HTMLParser):
    """What a page holds: elements, ids, links and text; complains about tags that do not close."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.stack: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes.extend(attrs)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes.extend(attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] not in ("script", "style"):
            self.text.append(data)


def outline(run: Run, **clips: Clip | Missing) -> Outline:
    found = Outline()
    found.feed(render_html(page(run), clips))
    found.close()
    assert found.stack == []
    return found


@pytest.fixture
def hostile(make_run: Callable[..., Run]) -> Run:
    """A run in which everything a user, a vendor or a recogniser may choose is hostile."""
    run = make_run(Outcome.FAIL)
    arms = tuple(replace(a, name=HOSTILE, digest=HOSTILE, machine=HOSTILE) for a in run.record.arms)
    record = replace(
        run.record, id=HOSTILE, normaliser=HOSTILE, arms=arms, policy={HOSTILE: HOSTILE}, versions={HOSTILE: HOSTILE},
        test_sets=tuple(replace(t, name=HOSTILE) for t in run.record.test_sets),
    )  # fmt: skip
    ops = (DiffOp("equal", HOSTILE, HOSTILE), DiffOp("substitute", HOSTILE, HOSTILE), DiffOp("insert", None, HOSTILE))
    edge = replace(
        run.edge_cases[0], case_id=HOSTILE, kind=HOSTILE, champion=HOSTILE, candidate=HOSTILE, reference=HOSTILE,
        champion_diff=ops, candidate_diff=ops, tags={HOSTILE: HOSTILE}, detail=HOSTILE,
    )  # fmt: skip
    verdict = replace(
        run.verdict, reasons=(HOSTILE,), signature=HOSTILE,
        findings=(Finding(HOSTILE, Outcome.FAIL, HOSTILE, (HOSTILE,), HOSTILE),),
    )  # fmt: skip
    comparisons = tuple(
        replace(
            c, reason=HOSTILE, skipped={HOSTILE: 1}, margin_rule=HOSTILE, slice=c.slice if c.slice == ALL else HOSTILE
        )
        for c in run.comparisons
    )
    units = tuple(replace(u, failure=HOSTILE, skipped={"wer": HOSTILE}) for u in run.units)
    return replace(
        run,
        record=record,
        verdict=verdict,
        edge_cases=(edge,),
        comparisons=comparisons[:5] + comparisons[6:7],
        units=units,
    )


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_verdict_is_the_first_thing_said(make_run: Callable[..., Run], outcome: Outcome) -> None:
    said = [t.strip() for t in outline(make_run(outcome)).text if t.strip()]
    assert said.index(outcome.value) < said.index("Measures")
    assert make_run(outcome).verdict.reasons[0] in said


def test_every_link_leads_somewhere_and_ids_are_unique(make_run: Callable[..., Run]) -> None:
    found = outline(make_run(Outcome.FAIL))
    assert all(link.startswith("#") and link[1:] in found.ids for link in found.links)
    assert max(Counter(found.ids).values()) == 1


def test_the_page_loads_nothing(make_run: Callable[..., Run]) -> None:
    clips = {"u-0": Clip(b"x", "audio/ogg")}
    text = render_html(page(make_run(Outcome.FAIL)), clips)
    assert not re.search(r"""(?:https?:)?//[a-z]""", re.sub(r"(?s)<script>.*?</script>", "", text), re.IGNORECASE)
    assert not re.search(r"https?:|import\(|@import|url\(|fetch\(|XMLHttp", text)
    found = outline(make_run(Outcome.FAIL))
    assert all(value is None or value.startswith("data:") for name, value in found.attributes if name == "src")
    assert not found.elements["link"]
    assert not found.elements["iframe"]


def test_the_policy_allows_this_script_and_no_other(make_run: Callable[..., Run]) -> None:
    text = render_html(page(make_run(Outcome.PASS)), {})
    for tag in ("script", "style"):
        body = re.search(f"(?s)<{tag}>(.*?)</{tag}>", text)[1]
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in text
    assert "default-src &#39;none&#39;" in text


def test_hostile_text_stays_text(hostile: Run, make_run: Callable[..., Run]) -> None:
    found = outline(hostile)
    assert found.elements["script"] == 1
    assert not found.elements["img"]
    assert not any(name.startswith("on") or name == "style" for name, _ in found.attributes)
    assert "{{ 7*7 }}" in "".join(found.text)


def test_a_run_of_nothing_says_why_and_shows_no_zero(nothing: Run) -> None:
    said = " ".join(outline(nothing).text)
    for words in ("No arm was run", "Nothing was compared", "No slice", "No delay was measured", "Nothing was run"):
        assert words in said
    assert "0.00" not in said


def test_an_undefined_value_is_a_dash_that_says_why(make_run: Callable[..., Run], make_comparison) -> None:
    nothing = make_comparison(values=(None, None), margin=None, role=Role.DIAGNOSTIC, reason="no case has a reference")
    text = render_html(page(replace(make_run(Outcome.HOLD), comparisons=(nothing,))), {})
    assert f'aria-label="none: no case has a reference">{NONE}</span>' in text
    assert '<td role="cell" colspan="10">no case has a reference; 24 skipped: no reference</td>' in text
    assert "0.00\u00a0%" not in text


def test_a_clip_is_played_from_inside_the_page_or_its_absence_explained(make_run: Callable[..., Run]) -> None:
    run = make_run(Outcome.PASS)
    first, second = (c.anchor for c in page(run).utterances.cards[:2])
    text = render_html(page(run), {first: Clip(b"abc", "audio/ogg"), second: Missing("no such audio file")})
    assert 'src="data:audio/ogg;base64,YWJj"' in text
    assert "no audio: no such audio file" in text
    assert text.count("<audio") == 1


def test_tables_name_their_columns_and_figures_their_content(make_run: Callable[..., Run]) -> None:
    text = render_html(page(make_run(Outcome.PASS)), {})
    assert text.count('role="columnheader"') == text.count('<th scope="col"')
    drawings = re.findall(r"<svg[^>]*>", text)
    assert all("aria-hidden" in tag or 'aria-label="' in tag for tag in drawings)
    assert '<html lang="en">' in text
