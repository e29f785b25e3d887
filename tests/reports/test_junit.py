import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.results import Finding, Outcome, Role, Run
from reports.junit import render_junit


@pytest.mark.parametrize(
    ("outcome", "failures", "errors"), [(Outcome.PASS, 0, 0), (Outcome.FAIL, 2, 0), (Outcome.HOLD, 0, 2)]
)
def test_fail_and_hold_are_told_apart(
    make_run: Callable[..., Run], outcome: Outcome, failures: int, errors: int
) -> None:
    root = ET.fromstring(render_junit(make_run(outcome)))
    assert (root.attrib["failures"], root.attrib["errors"]) == (str(failures), str(errors))
    assert {e.attrib["type"] for e in root.iter("failure")} == ({"FAIL"} if failures else set())
    assert {e.attrib["type"] for e in root.iter("error")} == ({"HOLD"} if errors else set())


def test_one_case_for_each_gating_comparison_and_finding(make_run: Callable[..., Run]) -> None:
    run = make_run(Outcome.PASS)
    root = ET.fromstring(render_junit(run))
    gating = sum(c.role is Role.GATING for c in run.comparisons)
    assert len(root.findall(".//testcase")) == 1 + gating + len(run.verdict.findings)
    assert root.attrib["tests"] == str(1 + gating + len(run.verdict.findings))
    names = [c.attrib["name"] for c in root.iter("testcase")]
    assert len(set(names)) == len(names)


def test_text_that_xml_forbids_is_replaced(make_run: Callable[..., Run]) -> None:
    run = make_run(Outcome.FAIL)
    wrong = Finding("empty", Outcome.HOLD, None, ("a\x00b", "c\ud800d"), "no words \x1b[31m<&>\"'")
    root = ET.fromstring(render_junit(replace(run, verdict=replace(run.verdict, findings=(wrong,)))))
    error = root.find(".//error")
    assert error is not None
    assert error.attrib["message"] == "no words \ufffd[31m<&>\"'"
    assert error.text == "a\ufffdb\nc\ufffdd"


def test_a_run_of_nothing_is_an_error_not_a_pass(nothing: Run) -> None:
    root = ET.fromstring(render_junit(nothing))
    assert (root.attrib["tests"], root.attrib["errors"]) == ("1", "1")
