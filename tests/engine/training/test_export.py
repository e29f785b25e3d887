"""Exporting again keeps what was tuned by hand."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="export needs torch; install understudy[train]")

from engine.training.export import tuned_tables


def test_tuned_tables_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    tuned = "[decode]\nbeam = 9.0\nblank_penalty = 4.0\n"
    path.write_text(f"format = 1\n\n{tuned}\n[state]\nframes = [3, 80]\n\n[confidence]\nposterior = [0.0]\n")
    assert tuned_tables(path) == f"\n{tuned}\n[confidence]\nposterior = [0.0]\n"


def test_without_one_nothing_is_added(tmp_path: Path) -> None:
    assert tuned_tables(tmp_path / "model.toml") == ""
