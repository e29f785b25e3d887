"""``understudy jobs`` as a process: its ready line, a kill, its refusals, and every example of docs/jobs.md."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import soundfile

pytest.importorskip("aiohttp", reason="aiohttp is not installed (extra: engine)")

ROOT = Path(__file__).parents[3]
MODEL = ROOT / "engine" / "models" / "reference-3"
REHEARSAL = ROOT / "testsets" / "data" / "rehearsal"
DOCS = (ROOT / "docs" / "jobs.md").read_text(encoding="utf-8")
DOCUMENTED = "http://127.0.0.1:9001/v2"
CONFIG = json.dumps({"type": "transcription", "transcription_config": {"language": "en"}})

pytestmark = pytest.mark.skipif(not (MODEL / "model.toml").exists(), reason="no model is shipped in engine/models")


def understudy(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "understudy", "jobs", "--model", str(MODEL), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def ready_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return dict(json.loads(line))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with speech.wav of a few seconds and talk.wav of two minutes."""
    folder = tmp_path_factory.mktemp("speech")
    pcm, rate = soundfile.read(sorted(REHEARSAL.glob("flite-*.flac"))[0], dtype="int16")
    soundfile.write(folder / "speech.wav", pcm, rate)
    with soundfile.SoundFile(folder / "talk.wav", "w", rate, 1) as file:
        while file.frames < 120 * rate:
            file.write(pcm)
    return folder


def submit(url: str, path: Path) -> str:
    form = {"data_file": (path.name, path.read_bytes())}
    return str(httpx.post(f"{url}/jobs", data={"config": CONFIG}, files=form, timeout=60).json()["id"])


@pytest.fixture(scope="module")
def survivor(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """The ready line of a service after one that was killed, and the jobs that were sent before."""
    data = str(tmp_path_factory.mktemp("jobs"))
    process = understudy("--port", "0", "--data", data)
    url = ready_line(process)["url"]
    ids = [submit(url, folder / "talk.wav") for _ in range(2)]
    process.kill()
    process.communicate()
    process = understudy("--port", "0", "--data", data)
    yield ready_line(process), ids
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "Traceback" not in err


def test_after_a_kill_it_goes_on_where_it_was(survivor: tuple[dict[str, Any], list[str]], folder: Path) -> None:
    ready, ids = survivor
    assert set(ready) == {"ready", "host", "port", "url", "data", "recognisers", "workers"}
    everything = [*ids, submit(ready["url"], folder / "speech.wav")]
    for job_id in everything:
        while httpx.get(f"{ready['url']}/jobs/{job_id}?wait=60", timeout=90).json()["job"]["status"] == "running":
            pass
    texts = [httpx.get(f"{ready['url']}/jobs/{job_id}/transcript?format=txt").text for job_id in everything]
    assert texts[0] == texts[1]
    assert len(texts[0].split()) > 10 * len(texts[2].split()) > 0


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL))
def test_the_python_examples_run(survivor: tuple[dict[str, Any], list[str]], folder: Path, block: str) -> None:
    if "speechmatics" in block:
        pytest.importorskip("speechmatics.batch", reason="speechmatics-batch is not installed (extra: dev)")
    code = block.replace(DOCUMENTED, survivor[0]["url"])
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) >= 2


def refusal(*arguments: str) -> str:
    process = understudy(*arguments)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "Traceback" not in err
    assert err.count("\n") == 1
    return err


def test_refusals_are_one_line(tmp_path: Path) -> None:
    assert "belong together" in refusal("--tls-cert", str(tmp_path / "cert.pem"))
    assert "no folder" in refusal("--enhanced", "./nowhere", "--port", "0")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"cannot listen on 127.0.0.1:{port}" in refusal("--port", str(port))


def test_a_data_folder_in_use_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "name another data folder" in refusal("--port", "0", "--data", str(tmp_path / "file"))


@pytest.mark.slow
@pytest.mark.parametrize("body", ["own", "ort"])
def test_who_computes_the_body_is_digested(tmp_path: Path, body: str) -> None:
    from engine.acoustic.executor_choice import Choice
    from engine.identity import folder_digest
    from engine.recogniser import GRAPH_FOLDER

    process = understudy("--port", "0", "--data", str(tmp_path), "--body", body)
    ready = ready_line(process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert ready["recognisers"] == {"standard": folder_digest(MODEL, GRAPH_FOLDER, Choice(body))}
