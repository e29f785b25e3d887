"""`understudy bench kernels`: the plan of the shipped model, its map, and streams admitted as predicted."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from engine.errors import ModelError
from understudy.body_step import Step
from understudy.cli import build
from understudy.errors import UsageError
from understudy.memory_report import admit, report_memory

MODEL = Path(__file__).parents[3] / "engine/models/reference-3"


def run(*arguments: str):
    return CliRunner().invoke(build(["bench"]), ["bench", "kernels", *arguments])


def test_the_plan_in_words():
    result = run("--chunk-ms", "640", "--streams", "4")
    assert result.exit_code == 0, result.output
    assert "our own step: 640 ms of 4 streams, 10 ops" in result.output
    assert "lower bound" in result.output
    assert "admit" not in result.output


@pytest.mark.parametrize(("step", "buffers"), [("own", 17), ("graph", 465)])
def test_json_and_map(tmp_path, step, buffers):
    result = run("--json", "--step", step, "--memory-map", str(tmp_path / "map.svg"), "--limit", "64")
    told = json.loads(result.output)
    assert told["lower_bound"] <= told["peak"] <= 1.05 * told["lower_bound"]
    assert told["taken"] <= told["limit"] == 64 << 20
    assert told["admits"] > 0
    assert "admitted" not in told
    boxes = ElementTree.parse(tmp_path / "map.svg").getroot().findall("{http://www.w3.org/2000/svg}g")
    assert len(boxes) == told["buffers"] == buffers


@pytest.mark.parametrize("step", ["own", "graph"])
@pytest.mark.parametrize(("streams", "limit"), [(1, 48), (8, 64)])
def test_as_many_streams_are_admitted_as_predicted(step, streams, limit):
    line = ["--step", step, "--streams", str(streams), "--limit", str(limit), "--admit", "--json"]
    told = json.loads(run(*line).output)
    weights, lanes = (-(-told[name] // 256) * 256 for name in ("weights", "peak"))
    assert told["admitted"] == told["admits"] == (told["taken"] - lanes - weights) // sum(told["record"].values())


def test_one_stream_more_would_not_have_fitted():
    limit = 48 << 20
    report = report_memory(MODEL, 320, 1, limit)
    assert report.capacity.bytes <= limit < report.capacity.bytes + sum(report.record.values())
    assert admit(report) == report.capacity.streams


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--chunk-ms", "100"), "give 1 or more, by one of 80, 160, 320, 640, 1280 ms"),
        (("--streams", "0"), "give 1 or more"),
        (("--limit", "1"), "1,048,576 bytes admits no stream; the first one needs"),
        (("--admit",), "--admit needs --limit MIB"),
        (("--memory-map", "/nowhere/map.svg"), "--memory-map /nowhere/map.svg: cannot be written"),
    ],
)
def test_mistakes(arguments, what):
    result = run(*arguments)
    assert isinstance(result.exception, UsageError)
    assert what in str(result.exception)


def test_without_the_engine_it_says_what_is_missing():
    code = (
        "import sys; sys.modules['kaldi_native_fbank'] = None; sys.argv = ['understudy', 'bench', 'kernels'];"
        "from understudy.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("understudy: planning needs the package 'kaldi_native_fbank'; install it with: pip")


def test_a_tape_of_another_body(tmp_path):
    shutil.copytree(MODEL, tmp_path / "model")
    tape = tmp_path / "model" / "tape.json"
    tape.write_text(tape.read_text().replace('"digest":"', '"digest":"0', 1).replace('"digest": "', '"digest": "0', 1))
    with pytest.raises(ModelError, match="its tape is of another body"):
        report_memory(tmp_path / "model", 320, 1, step=Step.GRAPH)
