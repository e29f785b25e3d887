"""The order of cells keeps partial results useful, and both arms get the same."""

import pytest

pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from benchmarks.label_efficiency.recipe import RECIPES


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_seed_is_finished_before_the_next_and_arms_go_side_by_side(name: str) -> None:
    cells = list(RECIPES[name].cells())
    assert len(cells) == len({cell.name for cell in cells}) == 30
    assert [cell.seed for cell in cells] == sorted(cell.seed for cell in cells)
    for fresh, pretrained in zip(cells[::2], cells[1::2], strict=True):
        assert (fresh.arm, pretrained.arm) == ("scratch", "pretrained")
        assert (fresh.minutes, fresh.seed) == (pretrained.minutes, pretrained.seed)


def test_a_file_sorts_by_size() -> None:
    names = [cell.name for cell in RECIPES["small"].cells() if cell.seed == 1]
    assert [name[:9] for name in sorted(names)] == [name[:9] for name in names]
