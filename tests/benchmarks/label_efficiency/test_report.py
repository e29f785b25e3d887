"""Finished cells survive the disk, and the page takes their figures between its marks."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from benchmarks.label_efficiency.cells import Finished, is_done, read_cells, read_table, store, write_table
from benchmarks.label_efficiency.recipe import ARMS, Cell
from benchmarks.label_efficiency.report import BEGIN, END, rewrite

PAGE = f"# Title\n\nbefore\n\n{BEGIN}\nold figures\n{END}\n\nafter\n"
SPEAKERS = 25


def cells(seeds: tuple[int, ...] = (1, 2)) -> list[Finished]:
    return [
        Finished(Cell(minutes, arm, seed), minutes + 0.1, {
            f"s{who}": [round(60 - 10 * size - 5 * place + seed + who % 7), 100, 40 - size, 90]
            for who in range(SPEAKERS)
        })
        for seed in seeds for size, minutes in enumerate((3, 10, 30)) for place, arm in enumerate(ARMS)
    ]  # fmt: skip


def test_cells_survive_the_disk(tmp_path: Path) -> None:
    for done in cells():
        assert not is_done(tmp_path, done.cell)
        store(tmp_path, done)
        assert is_done(tmp_path, done.cell)
    assert sorted(done.cell.name for done in read_cells(tmp_path)) == sorted(done.cell.name for done in cells())
    write_table(tmp_path / "table.jsonl", cells())
    assert read_table(tmp_path / "table.jsonl") == cells()


def test_the_page_takes_the_figures(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    rewrite(page, cells())
    text = page.read_text()
    assert text.startswith("# Title\n\nbefore\n")
    assert text.endswith(f"{END}\n\nafter\n")
    assert "old figures" not in text
    assert "seeds 1, 2" in text
    assert "from scratch needs 1.00 times the labels" in text, "phones do not differ"
    assert text.count("times the labels") == 2
    rewrite(page, cells())
    assert page.read_text() == text
    picture = ElementTree.parse(tmp_path / "images" / "label-efficiency.svg").getroot()
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}circle"))) == 2 * 2 * 3 * 2


def test_the_luck_of_one_seed_is_said(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    rewrite(page, cells(seeds=(2,)))
    assert "one seed, whose luck is in no interval" in page.read_text()


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n")
    with pytest.raises(ValueError, match="must hold"):
        rewrite(page, cells())
    page.write_text(PAGE)
    with pytest.raises(ValueError, match="no size has both arms"):
        rewrite(page, cells()[:1])
    assert page.read_text() == PAGE
