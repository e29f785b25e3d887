from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.results import Outcome, Run
from reports.markdown import escape, render_markdown
from reports.view.page import page


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_first_line_is_the_verdict(make_run: Callable[..., Run], outcome: Outcome) -> None:
    lines = render_markdown(page(make_run(outcome))).splitlines()
    assert lines[0].startswith("# ")
    assert lines[0].endswith(outcome.value)


def test_tables_have_equally_many_cells(make_run: Callable[..., Run]) -> None:
    run = make_run(Outcome.FAIL)
    bars = {line.replace("\\|", "").count("|") for line in render_markdown(page(run)).splitlines() if line[:1] == "|"}
    assert bars == {8}


def test_text_cannot_leave_its_cell_or_become_markup() -> None:
    assert escape("a|b\n# c <img> *x*") == "a\\|b \\# c \\<img\\> \\*x\\*"
    assert escape("+1 dB - 2 (x)") == "\\+1 dB - 2 (x)"


def test_a_slice_with_a_hostile_name_keeps_the_table(make_run: Callable[..., Run], make_comparison) -> None:
    run = replace(make_run(Outcome.FAIL), comparisons=(make_comparison(slice_="a|b\n=`c`"),))
    assert "| a\\|b =\\`c\\` |" in render_markdown(page(run))


def test_diagnostic_slices_that_are_fine_are_left_out(make_run: Callable[..., Run]) -> None:
    text = render_markdown(page(make_run(Outcome.PASS)))
    assert "## Slices by WER" in text
    assert "## Slices by DER" not in text


def test_a_run_of_nothing_says_so(nothing: Run) -> None:
    assert "Nothing was compared" in render_markdown(page(nothing))
