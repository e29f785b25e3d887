"""Exporting again keeps what was tuned by hand."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="export needs torch; install understudy[train]")

from engine.training.export import decode_table


def test_the_decode_table_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text("format = 1\n\n[decode]\nbeam = 9.0\nblank_penalty = 4.0\n\n[state]\nframes = [3, 80]\n")
    assert decode_table(path) == "\n[decode]\nbeam = 9.0\nblank_penalty = 4.0\n"


def test_without_one_nothing_is_added(tmp_path: Path) -> None:
    assert decode_table(tmp_path / "model.toml") == ""
