"""``understudy serve`` as a process: its ready line, its drain, its refusals, and every example of docs/serve.md."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jiwer
import pytest
import soundfile
from websockets.sync.client import connect

ROOT = Path(__file__).parents[3]
MODEL = ROOT / "engine" / "models" / "reference-1"
REHEARSAL = ROOT / "testsets" / "data" / "rehearsal"
DOCS = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
DOCUMENTED = "ws://127.0.0.1:9000/v2"

pytestmark = pytest.mark.skipif(not (MODEL / "model.toml").exists(), reason="no model is shipped in engine/models")


def understudy(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "understudy", "serve", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    process = understudy("--model", str(MODEL), "--port", "0", "--drain", "1", "--max-sessions", "20")
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    yield json.loads(line)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    told = [json.loads(line) for line in err.splitlines()]
    assert all(line["level"] == "info" for line in told)
    memory = next(line for line in told if line["event"] == "memory")
    assert memory["bytes"] == memory["max_sessions"] * memory["stream_bytes"] == 20 * memory["stream_bytes"] > 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with speech.wav and speech.raw, 16 kHz."""
    folder = tmp_path_factory.mktemp("speech")
    recordings = sorted(REHEARSAL.glob("flite-*.flac"))
    pcm, rate = soundfile.read(recordings[0], dtype="int16")
    soundfile.write(folder / "speech.wav", pcm, rate)
    (folder / "speech.raw").write_bytes(pcm.tobytes())
    return folder


def test_the_ready_line_tells_how_to_reach_it(ready: dict[str, Any]) -> None:
    assert set(ready) == {"ready", "host", "port", "url", "model", "recogniser", "max_sessions"}
    assert ready["url"] == f"ws://127.0.0.1:{ready['port']}/v2"
    with urllib.request.urlopen(f"http://127.0.0.1:{ready['port']}/ready") as answer:
        assert json.load(answer)["recogniser"] == ready["recogniser"]


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL))
def test_the_python_examples_run(ready: dict[str, Any], folder: Path, block: str) -> None:
    if "speechmatics" in block:
        pytest.importorskip("speechmatics.rt", reason="speechmatics-rt is not installed (extra: client)")
    code = block.replace(DOCUMENTED, ready["url"])
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) >= 2


@pytest.mark.parametrize("line", re.findall(r"```sh\n((?:speechmatics|node) .*)\n```", DOCS))
def test_the_shell_examples_run(ready: dict[str, Any], folder: Path, line: str) -> None:
    program, *arguments = shlex.split(line.replace(DOCUMENTED, ready["url"]))
    beside = Path(sys.executable).with_name(program)
    found = str(beside) if beside.exists() else shutil.which(program)
    if found is None or (program == "node" and not (ROOT / "tests/clients/node/node_modules").is_dir()):
        pytest.skip(f"{program} or its packages are missing: run `make clients`")
    arguments = [str(ROOT / part) if part.endswith(".mjs") else part for part in arguments]
    done = subprocess.run([found, *arguments], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) >= 2


def test_what_it_hears_resembles_what_was_said(ready: dict[str, Any]) -> None:
    said, heard = [], []
    for case in map(json.loads, (REHEARSAL / "manifest.jsonl").read_text(encoding="utf-8").splitlines()[1:]):
        if case["rate"] == 16_000 and case["tags"]["condition"] == "clean" and len(said) < 10:
            pcm, _ = soundfile.read(REHEARSAL / case["audio"], dtype="int16")
            said.append(case["text"])
            heard.append(transcribe(f"{ready['url']}?words=spoken", pcm.tobytes()))
    assert jiwer.wer(said, heard) < 0.6  # a wrong channel, rate or alignment gives about 1


def transcribe(url: str, pcm: bytes) -> str:
    start = {
        "message": "StartRecognition",
        "audio_format": {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000},
        "transcription_config": {"language": "en"},
    }
    with connect(url) as service:
        service.send(json.dumps(start))
        service.send(pcm)
        service.send(json.dumps({"message": "EndOfStream", "last_seq_no": 1}))
        messages = [json.loads(frame) for frame in service]
    return "".join(m["metadata"]["transcript"] for m in messages if m["message"] == "AddTranscript").strip()


def refusal(*arguments: str) -> str:
    process = understudy(*arguments)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "Traceback" not in err
    assert err.count("\n") == 1
    return err


@pytest.mark.slow
@pytest.mark.parametrize("body", ["own", "ort"])
def test_who_computes_the_body_is_told_and_digested(body: str) -> None:
    from engine.acoustic.executor_choice import Choice
    from engine.identity import folder_digest
    from engine.recogniser import GRAPH_FOLDER

    command = [sys.executable, "-m", "understudy", "serve", "--model", str(MODEL), "--port", "0"]
    command += ["--max-sessions", "1", "--body", body]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        told = [json.loads(line) for line in process.communicate(timeout=60)[1].splitlines()]
    assert ready["recogniser"] == folder_digest(MODEL, GRAPH_FOLDER, Choice(body))
    assert next(line for line in told if line["event"] == "body")["computed_by"] == body


@pytest.mark.slow
def test_places_are_measured_and_remembered(tmp_path: Path) -> None:
    def start() -> tuple[dict[str, Any], dict[str, Any]]:
        command = [sys.executable, "-m", "understudy", "serve", "--model", str(MODEL), "--port", "0"]
        environment = {**os.environ, "UNDERSTUDY_HOME": str(tmp_path)}
        with subprocess.Popen(command, stdout=-1, stderr=-1, text=True, cwd=ROOT, env=environment) as process:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            process.send_signal(signal.SIGTERM)
            told = [json.loads(line) for line in process.communicate(timeout=60)[1].splitlines()]
        return ready, next(line for line in told if line["event"] == "capacity")

    first, measured = start()
    again, remembered = start()
    assert first["max_sessions"] == again["max_sessions"] == measured["max_sessions"] >= 1
    assert (measured["measured_before"], remembered["measured_before"]) == (False, True)
    assert measured["step_ms"] == remembered["step_ms"]
    assert list(measured["step_ms"]["standard"]) == ["1", "2", "4", "8", "16"]


def test_what_guards_it_is_judged_before_anything_is_loaded(tmp_path: Path) -> None:
    assert "understudy keys create" in refusal("--model", str(MODEL), "--port", "0", "--keys", str(tmp_path / "none"))
    assert "belong together" in refusal("--model", str(MODEL), "--port", "0", "--tls-cert", "cert.pem")
    alone = ("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))
    assert "cert.pem" in refusal("--model", str(MODEL), "--port", "0", *alone)


def test_it_warns_when_strangers_can_reach_it() -> None:
    from engine.service_config import ServiceConfig
    from understudy.commands.serve import exposures

    for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost"):
        assert exposures(ServiceConfig(host=host)) == []
    for host in ("0.0.0.0", "::", "10.0.0.1", "speech.example"):
        assert len(exposures(ServiceConfig(host=host))) == 2
        assert len(exposures(ServiceConfig(host=host, key_digests=("ab" * 32,)))) == 1
        guarded = ServiceConfig(host=host, jwt_secret=b"s" * 32, tls_certificate=Path("a"), tls_key=Path("b"))
        assert exposures(guarded) == []


def test_an_unknown_model_is_one_line() -> None:
    assert "reference/99" in refusal("--model", "reference/99", "--port", "0")
    assert "no folder" in refusal("--model", "./nowhere", "--port", "0")


def test_more_sessions_than_there_is_memory_are_one_line() -> None:
    told = refusal("--model", str(MODEL), "--port", "0", "--max-sessions", "1000000000", "--log-level", "error")
    assert "give a smaller --max-sessions" in told


def test_a_taken_port_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"cannot listen on 127.0.0.1:{port}" in refusal("--model", str(MODEL), "--port", str(port))
