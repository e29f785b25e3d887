"""What can be replayed: captures, sealed sessions, encrypted ones with their key, test sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mirror.capture.tee import open_tee
from mirror.privacy.keys import read_identities
from mirror.privacy.rules import EVERYTHING
from mirror.replay import replay
from mirror.store.place import Folder
from mirror.store.sealer import seal_store
from testsets import audio, manifest
from testsets.case import Case
from testsets.errors import FormatError
from understudy.errors import UsageError
from understudy.replay_source import read_source

MakeCase = Callable[..., Case]


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    """An age identity file and its public key."""
    pyrage = pytest.importorskip("pyrage", reason="pyrage is not installed (extra: dev)")
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(f"# of a test\n{identity}\n")
    return tmp_path / "key.txt", str(identity.to_public())


async def test_an_encrypted_session_sealed_or_not(
    stage_of: Callable[..., Any], make_case: MakeCase, tmp_path: Path, key: tuple[Path, str]
) -> None:
    path, recipient = key
    case = make_case(seconds=0.3)
    samples, _ = audio.read(case.audio.path)
    store, sealed = tmp_path / "store", tmp_path / "sealed"
    rules = replace(EVERYTHING, recipients=(recipient,))
    async with stage_of() as stage, open_tee(stage.url, store, rules=rules) as tee:
        await replay(case, samples, tee.url)
    with pytest.raises(UsageError, match="holds no session that can be replayed; the first: "):
        read_source(str(store), tmp_path / "out")
    problems: list[Any] = []
    seal_store(store, Folder(sealed), read_identities(path), False, lambda done: None, problems.append)
    assert problems == []
    captured = read_source(str(store), tmp_path / "out", read_identities(path))
    again = read_source(str(sealed), tmp_path / "out2", read_identities(path))
    (one,), (two,) = captured.cases, again.cases
    assert (one.id, one.config, one.pacing, one.audio.sha256) == (two.id, two.config, two.pacing, two.audio.sha256)
    assert audio.read(one.audio.path)[0].tolist() == samples.tolist()


def test_a_test_set_and_what_is_none(make_case: MakeCase, tmp_path: Path) -> None:
    manifest.save(tmp_path / "set.jsonl", "set", [make_case()])
    assert [case.id for case in read_source(str(tmp_path / "set.jsonl"), tmp_path).cases] == ["case"]
    with pytest.raises(FormatError):
        read_source(str(tmp_path / "none.jsonl"), tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no session that can be replayed"):
        read_source(str(tmp_path / "empty"), tmp_path / "out")
