"""Every command and Python block of docs/testsets.md runs, in order, in a folder that holds the files it names."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from testsets import audio, manifest
from testsets.case_json import KEYS
from testsets.synthesis.voices import version
from understudy.commands.testset import app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "testsets.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "recordings").mkdir()
    for name in ("one", "two"):
        noise = np.random.default_rng(7).standard_normal(8_000) / 100
        audio.write(tmp_path / "recordings" / f"{name}.wav", noise, 16_000)
    (tmp_path / "calls.jsonl").write_text(
        '{"id": "a", "audio": "recordings/one.wav", "text": "hi", "speaker": "ann"}\n'
    )
    (tmp_path / "ref.stm").write_text("one 1 ann 0 0.25 hi\none 1 bob 0.2 0.5 hello\ntwo 1 ann 0 0.5 well\n")
    (tmp_path / "ref.trn").write_text("hi hello (one)\nwell (two)\n")
    (tmp_path / "turns.rttm").write_text("SPEAKER one 1 0 0.5 <NA> <NA> ann <NA> <NA>\n")
    (tmp_path / "scored.uem").write_text("one 1 0 0.5\n")
    (tmp_path / "my-set.jsonl").write_text(blocks("json")[0])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", [line for line in COMMANDS if "synthesise" not in line])
def test_every_command_works(folder: Path, command: str) -> None:
    program, group, *arguments = shlex.split(command)
    assert (program, group) == ("understudy", "testset")
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    if "--out" in arguments:
        assert manifest.validate(folder / arguments[arguments.index("--out") + 1]) == []


@pytest.mark.slow
@pytest.mark.skipif(version("flite") is None or version("espeak-ng") is None, reason="flite or espeak-ng is missing")
def test_the_rehearsal_set_can_be_made_again(folder: Path) -> None:
    (command,) = [line for line in COMMANDS if "synthesise" in line]
    result = CliRunner().invoke(app, shlex.split(command)[2:])
    assert result.exit_code == 0, result.output
    assert len(manifest.load(folder / "rehearsal-again" / "manifest.jsonl").cases) == 148


def test_the_python_block_works(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    exec(compile(code, "docs/testsets.md", "exec"), {})
    assert capsys.readouterr().out.startswith("rehearsal 148 ")


def test_every_key_of_a_case_is_documented() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    documented = {name for line in rows for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert set(KEYS) <= documented
