"""The command says what is wrong, and draws a table of cells without running anything."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs torch; install understudy[train]")
main = pytest.importorskip("benchmarks.label_efficiency.__main__", reason="needs understudy[train]").main

from benchmarks.label_efficiency.cells import Finished, write_table  # noqa: E402
from benchmarks.label_efficiency.recipe import ARMS, Cell  # noqa: E402
from benchmarks.label_efficiency.report import BEGIN, END  # noqa: E402


def test_a_table_is_drawn(tmp_path: Path) -> None:
    cells = [
        Finished(Cell(minutes, arm, 1), float(minutes), {"a": [60 - minutes - place, 99, 9, 99], "b": [9, 40, 9, 99]})
        for minutes in (3, 10)
        for place, arm in enumerate(ARMS)
    ]
    write_table(tmp_path / "cells.jsonl", cells)
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}{END}")
    assert main(["--table", str(tmp_path / "cells.jsonl"), "--report", str(page)]) == 0
    assert "| 10 |" in page.read_text()


def test_a_page_without_marks_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_table(tmp_path / "cells.jsonl", [])
    (tmp_path / "page.md").write_text("")
    assert main(["--table", str(tmp_path / "cells.jsonl"), "--report", str(tmp_path / "page.md")]) == 2
    assert "must hold" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--work", "x", "--share", "4/4"], ["--work", "x", "--share", "one"]])
def test_what_cannot_be_asked_for(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as said:
        main(arguments)
    assert said.value.code == 2
