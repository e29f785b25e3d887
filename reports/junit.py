"""The report as JUnit XML: one test case for each gating comparison and each finding.

FAIL is a ``failure``; HOLD is an ``error`` of type HOLD, so that a CI server shows red for both and tells them apart.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from harness.results import Comparison, Finding, Outcome, Role, Run
from reports.view.verdict import figure, headline
from reports.wording import measure_title, slice_title

SUITE = "understudy gate"
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def render_junit(run: Run) -> bytes:
    """The XML document, in UTF-8."""
    suite = ET.Element("testsuite", name=SUITE, timestamp=_clean(run.record.created))
    suite.set("time", f"{run.record.duration_ns / 1e9:.3f}")
    _properties(suite, run)
    _case(suite, "gate", "verdict", run.verdict.outcome, headline(run), "\n".join(run.verdict.reasons))
    for c in run.comparisons:
        if c.role is Role.GATING:
            _comparison(suite, c)
    for f in run.verdict.findings:
        _finding(suite, f)
    for name, tag in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error")):
        suite.set(name, str(len(suite.findall(tag))))
    root = ET.Element("testsuites", {k: suite.attrib[k] for k in ("tests", "failures", "errors", "time")})
    root.append(suite)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _properties(suite: ET.Element, run: Run) -> None:
    properties = ET.SubElement(suite, "properties")
    verdict = run.verdict
    for name, value in (
        ("run", run.record.id),
        ("verdict", verdict.outcome.value),
        ("champion", verdict.champion_digest),
        ("candidate", verdict.candidate_digest),
        ("policy", verdict.policy_digest),
        ("signature", verdict.signature),
    ):
        ET.SubElement(properties, "property", name=name, value=_clean(value))


def _comparison(suite: ET.Element, c: Comparison) -> None:
    name = f"{measure_title(c.measure, c.statistic)} on {slice_title(c.slice)}"
    _case(suite, "gate.comparison", name, c.outcome, c.reason, figure(c))


def _finding(suite: ET.Element, f: Finding) -> None:
    name = f"{f.kind} ({f.arm})" if f.arm else f.kind
    _case(suite, "gate.evidence", name, f.outcome, f.message, "\n".join(f.case_ids))


def _case(suite: ET.Element, where: str, name: str, outcome: Outcome, message: str, text: str) -> None:
    case = ET.SubElement(suite, "testcase", classname=f"understudy.{where}", name=_clean(name))
    if outcome is Outcome.PASS:
        ET.SubElement(case, "system-out").text = _clean(f"{message}\n{text}".strip())
        return
    tag = "failure" if outcome is Outcome.FAIL else "error"
    ET.SubElement(case, tag, type=outcome.value, message=_clean(message)).text = _clean(text)


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)
