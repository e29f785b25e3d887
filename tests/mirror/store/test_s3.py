"""A store on S3: sealed, queried, verified, exported and erased over a local server of its protocol."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mirror.errors import StoreError
from mirror.store.cases import as_case, event_log
from mirror.store.chain import Chain
from mirror.store.place import open_place
from mirror.store.session import sessions
from testsets import manifest
from understudy.commands.store import app

moto_server = pytest.importorskip("moto.server", reason="needs moto[server], of the extra [dev]")
pytest.importorskip("s3fs", reason="needs s3fs, of the extra [scale]")

MakeCapture = Callable[..., Path]
pytestmark = pytest.mark.filterwarnings("default")  # of libraries that are not ours


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = moto_server.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """URL of an empty store."""
    import s3fs

    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    name = f"bucket-{abs(hash(tmp_path))}"
    s3fs.S3FileSystem(use_listings_cache=False).mkdir(name)
    return f"s3://{name}/store"


def run(*arguments: str, exits: int = 0) -> Any:
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == exits
    return json.loads(result.stdout)


def test_from_capture_to_erasure(bucket: str, make_capture: MakeCapture, tmp_path: Path) -> None:
    store = make_capture(name="a", tags={"tenant": "acme"}).parent
    make_capture(name="b", language="de", encoding="pcm_f32le")
    before = {session.id: (as_case(session, tmp_path / "x"), event_log(session)) for session in sessions(store, print)}
    sealed = run("seal", str(store), "--to", bucket, "--drop")
    assert ([row["session"] for row in sealed["sealed"]], sealed["problems"]) == (["a", "b"], [])
    assert list(store.glob("*.mcap")) == []
    for session in sessions(bucket, pytest.fail):
        case, log = before[session.id]
        assert manifest.case_digest(as_case(session, tmp_path / "y")) == manifest.case_digest(case)
        assert event_log(session) == log
    assert [row["session"] for row in run("list", bucket, "--tenant", "acme")["sessions"]] == ["a"]
    head = run("verify", bucket)["head"]
    out = tmp_path / "out"
    assert run("export", bucket, "--out", str(out))["cases"] == 2
    erased = run("erase", bucket, "a", "--why", "the caller asked")
    assert (erased["sessions"], erased["marked"]) == (["a"], [str(out)])
    assert [row["session"] for row in run("list", bucket)["sessions"]] == ["b"]
    found = run("verify", bucket, "--head", head)
    assert (found["sessions"], found["erased"], found["problems"]) == (1, 1, [])
    assert [deed["action"] for deed in run("audit", bucket)["deeds"]] == ["read", "erase"]


def test_a_changed_object_is_found(bucket: str, make_capture: MakeCapture) -> None:
    store = make_capture(name="a").parent
    run("seal", str(store), "--to", bucket)
    place = open_place(bucket)
    place.put("sealed/a/audio.flac", store / "a.mcap")
    (problem,) = run("verify", bucket, exits=1)["problems"]
    assert "sealed/a/audio.flac: was changed" in problem
    place.remove("sealed/a/audio.flac")
    assert "is gone" in run("verify", bucket, exits=1)["problems"][0]


def test_two_writers_of_one_chain(bucket: str) -> None:
    one, other = (Chain(open_place(bucket), "chain") for _ in range(2))
    for number in range(6):
        (one, other)[number % 2].append({"session": str(number)})
    assert [record.body["session"] for record in one.records()] == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.slow
def test_erasing_a_store_follows_its_sessions_to_s3(bucket: str, make_capture: MakeCapture) -> None:
    store = make_capture(name="a").parent
    run("seal", str(store), "--to", bucket)
    run("erase", str(store), "a", "--why", "the caller asked")
    assert run("list", bucket)["sessions"] == []
    assert run("verify", bucket)["erased"] == 1


@pytest.mark.slow
def test_no_such_bucket_or_scheme(bucket: str, make_capture: MakeCapture) -> None:
    store = make_capture(name="a").parent
    problems = run("seal", str(store), "--to", "s3://no-such-bucket/x", exits=1)["problems"]
    assert "nothing is lost, seal again" in problems[0]
    with pytest.raises(StoreError, match="no file system for this address"):
        open_place("gopher://x/y")
