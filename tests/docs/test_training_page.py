"""The training page's made-up language is trained as the page says."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from understudy.cli import build

PAGE = Path(__file__).resolve().parents[2] / "docs" / "training.md"


def block(kind: str, holding: str) -> str:
    found = re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    (one,) = (text for text in found if holding in text)
    return one


@pytest.mark.slow
def test_the_made_up_language_is_trained_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="training needs torch; install understudy[train]")
    monkeypatch.chdir(tmp_path)
    exec(compile(block("python", "toki"), str(PAGE), "exec"), {})
    Path("toki/toki.toml").write_text(block("toml", "toki.dict"), encoding="utf-8")
    _, *arguments = shlex.split(block("sh", "toki.toml"))
    result = CliRunner().invoke(build(arguments), arguments)
    assert result.exit_code == 0, result.output
    assert 'tokens = ["<blk>", "ā", "ē", "ō"]' in Path("toki/model/model.toml").read_text(encoding="utf-8")
    assert Path("toki/work/main/curve.svg").exists()
