"""Sealing keeps everything, survives being cut short anywhere, and says what it cannot keep."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror.errors import StoreError
from mirror.store.cases import as_case, event_log
from mirror.store.place import Folder
from mirror.store.sealer import Sealed, seal_store
from mirror.store.session import sessions
from mirror.store.verify import verify
from testsets import manifest

MakeCapture = Callable[..., Path]
TRAFFIC = Path(__file__).resolve().parents[3] / "testsets" / "data" / "traffic"


def seal(store: Path, place: Any = None, drop: bool = False) -> tuple[list[Sealed], list[str]]:
    done: list[Sealed] = []
    told: list[str] = []
    seal_store(store, place or Folder(store), (), drop, done.append, lambda error: told.append(str(error)))
    return done, told


def test_shipped_captures_of_the_first_version_seal_to_the_same_cases(tmp_path: Path) -> None:
    store = shutil.copytree(TRAFFIC, tmp_path / "traffic")
    done, told = seal(store, Folder(tmp_path / "sealed"))
    assert told == []
    # mu-law has two codes for silence, which are one sample: of those sessions the samples are exact, not the bytes
    assert [item.exact for item in done] == [True, False, True, True, True]
    captured = list(sessions(store, pytest.fail))
    kept = list(sessions(tmp_path / "sealed", pytest.fail))
    assert len(kept) == 5
    for one, other in zip(captured, kept, strict=True):
        case, again = as_case(one, tmp_path / "a"), as_case(other, tmp_path / "b")
        assert manifest.case_digest(case) == manifest.case_digest(again)
        assert event_log(one) == event_log(other)
        assert one.request == other.request


@pytest.mark.parametrize("encoding", ["pcm_s16le", "pcm_f32le", "mulaw"])
def test_what_was_sent_comes_back(make_capture: MakeCapture, tmp_path: Path, encoding: str) -> None:
    path = make_capture(encoding=encoding)
    before = as_case(next(sessions(path.parent, pytest.fail)), tmp_path / "a")
    (done,), told = seal(path.parent, drop=True)
    assert (told, path.exists()) == ([], False)
    assert done == Sealed(path.stem, 4_800, exact=encoding != "mulaw")  # which has two codes for silence
    after = as_case(next(sessions(path.parent, pytest.fail)), tmp_path / "b")
    assert after.audio.sha256 == before.audio.sha256
    assert replace(after, audio=before.audio) == before


def test_floats_that_are_no_16_bit_values_stay_what_they_are(make_capture: MakeCapture, tmp_path: Path) -> None:
    values = np.linspace(-1.5, 1.5, 4_800, dtype="<f4")
    path = make_capture(encoding="pcm_f32le", audio=values.tobytes())
    (done,), _ = seal(path.parent)
    assert done.exact
    assert (path.parent / "sealed" / path.stem / "audio.wav").exists()


def test_sealing_again_does_nothing(make_capture: MakeCapture) -> None:
    store = make_capture().parent
    assert len(seal(store)[0]) == 1
    assert seal(store) == ([], [])
    make_capture(name="b")
    assert [item.session for item in seal(store)[0]] == ["b"]
    assert verify(Folder(store)).records == 2


class Failing(Folder):
    """A folder whose disk gives up at the n-th write, as at a kill or when it is full."""

    def __init__(self, root: Path, after: int) -> None:
        super().__init__(root)
        self.left = after

    def create(self, name: str, data: bytes) -> None:
        self._spend()
        super().create(name, data)

    def put(self, name: str, source: Path) -> None:
        self._spend()
        super().put(name, source)

    def _spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(28, "No space left on device")


@pytest.mark.parametrize("after", range(6))
def test_cut_short_anywhere_and_run_again(make_capture: MakeCapture, after: int) -> None:
    store = make_capture().parent
    place = Failing(store, after)
    done, told = seal(store, place, drop=True)
    captures = list(store.glob("*.mcap"))
    if after < 5:
        assert done == []
        assert "cannot be sealed" in told[0]
        assert len(captures) == 1
        found = verify(Folder(store))
        assert found.problems == ()
        assert found.unfinished == (("20270115T080000.000000000Z-0001",) if after else ())
    again, told = seal(store, drop=True)
    assert (told, len(again)) == ([], 1 if after < 5 else 0)
    assert list(store.glob("*.mcap")) == []
    assert verify(Folder(store)).problems == ()
    assert len(list(sessions(store, pytest.fail))) == 1


def test_a_capture_is_not_dropped_while_its_seal_is_not_whole(make_capture: MakeCapture) -> None:
    path = make_capture()
    seal(path.parent)
    (path.parent / "sealed" / path.stem / "audio.flac").write_bytes(b"")
    _, told = seal(path.parent, drop=True)
    assert "audio.flac: was changed" in told[0]
    assert path.exists()


def test_bad_captures_are_told_and_the_others_go_on(make_capture: MakeCapture) -> None:
    torn = make_capture(name="b-torn", finish=False)
    store = torn.parent
    (store / "a-bad.mcap").write_bytes(b"no capture")
    make_capture(name="c-none", packets=0)
    make_capture(name="d-good")
    done, told = seal(store)
    assert [item.session for item in done] == ["b-torn", "d-good"]
    assert ["a-bad.mcap: not a readable capture" in line for line in told] == [True, False]
    assert "c-none.mcap: the client sent no audio" in told[1]
    problems = {session.id: session.problem for session in sessions(store, lambda error: None)}
    assert (problems["d-good"], "torn after" in str(problems["b-torn"])) == (None, True)


def test_a_session_that_is_being_recorded_is_left_alone(make_capture: MakeCapture) -> None:
    from mirror.store.format import Label
    from mirror.store.writer import SessionWriter

    store = make_capture().parent
    writer = SessionWriter(store, Label("z-live", 0, "asr:1"))
    assert [item.session for item in seal(store, drop=True)[0]] == ["20270115T080000.000000000Z-0001"]
    assert writer.path.exists()
    writer.finish()
    assert len(seal(store)[1]) == 1  # now it is found to hold nothing


def test_tags_that_come_later_are_of_the_session(make_capture: MakeCapture) -> None:
    from mirror.store.sidecar import Sidecar, write_sidecar

    path = make_capture(tags={"tenant": "acme"})
    seal(path.parent)
    write_sidecar(path, Sidecar({"accent": "scottish"}, "speaker-1"))
    (session,) = sessions(path.parent, pytest.fail)
    assert (session.tags, session.cluster) == ({"tenant": "acme", "accent": "scottish"}, "speaker-1")


def test_foreign_version_of_a_sealed_session(make_capture: MakeCapture) -> None:
    path = make_capture()
    seal(path.parent, drop=True)
    entry = path.parent / "sealed" / path.stem / "entry.json"
    entry.write_text(json.dumps({**json.loads(entry.read_text()), "version": 7}))
    told: list[StoreError] = []
    assert list(sessions(path.parent, told.append)) == []
    assert "version 7, this program reads understudy-sealed 1" in str(told[0])


def test_another_folder_takes_the_sealed_sessions(make_capture: MakeCapture, tmp_path: Path) -> None:
    path = make_capture()
    seal(path.parent, Folder(tmp_path / "far"))
    shutil.rmtree(path.parent)
    assert len(list(sessions(tmp_path / "far", pytest.fail))) == 1


def test_a_store_that_cannot_say_where_it_was_sealed_to_is_not_sealed(
    make_capture: MakeCapture, tmp_path: Path
) -> None:
    path = make_capture()
    (path.parent / "sealed-to.txt").symlink_to(tmp_path / "nowhere" / "file")  # cannot be written, by root neither
    with pytest.raises(StoreError, match=r"sealed-to\.txt: cannot be written"):
        seal(path.parent, Folder(tmp_path / "far"))
    assert not (tmp_path / "far").exists()


@pytest.mark.slow
@pytest.mark.parametrize("records", [0, 1, 3])
def test_a_sealer_that_is_killed(make_capture: MakeCapture, records: int) -> None:
    """kill -9 once so many sessions are in the register; the next run finishes, and nothing is lost or twice."""
    names = [f"s{number}" for number in range(6)]
    for name in names:
        store = make_capture(name=name, packets=200).parent
    command = [sys.executable, "-m", "understudy", "store", "seal", str(store), "--drop"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(list(store.glob("chain/*.json"))) < records:
        time.sleep(0.001)
    process.kill()
    process.wait()
    seal(store, drop=True)
    found = verify(Folder(store))
    assert (found.sessions, found.problems, found.unfinished) == (6, (), ())
    assert [session.id for session in sessions(store, pytest.fail)] == names
    assert list(store.glob("*.mcap")) == []


@pytest.mark.slow
def test_a_disk_that_takes_no_more(make_capture: MakeCapture) -> None:
    """The kernel refuses to let any file grow beyond 100 kB: large sessions wait, small ones are sealed."""
    store = make_capture(name="a-large", packets=300).parent
    make_capture(name="b-small", packets=2)
    command = f"ulimit -f 100; exec {sys.executable} -m understudy store seal {store} --drop --json"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert [row["session"] for row in answer["sealed"]] == ["b-small"]
    assert "a-large.mcap" in answer["problems"][0]
    assert [path.stem for path in store.glob("*.mcap")] == ["a-large"]
    assert verify(Folder(store)).problems == ()
    assert [item.session for item in seal(store, drop=True)[0]] == ["a-large"]
