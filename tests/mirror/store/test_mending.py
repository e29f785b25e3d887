"""A torn capture becomes a file that any MCAP tool opens, without its key and without a made-up end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcap.reader import make_reader

from mirror.errors import StoreError
from mirror.privacy.keys import SessionKey
from mirror.store.format import Label
from mirror.store.mending import mend
from mirror.store.recover import read_recording
from mirror.store.writer import SessionWriter

MakeCapture = Callable[..., Path]


def test_a_torn_file_is_mended(make_capture: MakeCapture) -> None:
    path = make_capture(finish=False)
    before = read_recording(path)
    assert before.torn
    assert mend(path)
    after = read_recording(path)
    assert (after.pieces, after.notes, after.label) == (before.pieces, before.notes, before.label)
    assert (after.torn, after.ended) == (False, False)
    with path.open("rb") as file:
        assert make_reader(file).get_summary() is not None
    assert not mend(path)
    assert [name.name for name in path.parent.iterdir()] == [path.name]


def test_cut_anywhere(make_capture: MakeCapture, tmp_path: Path) -> None:
    whole = make_capture().read_bytes()
    path = tmp_path / "cut.mcap"

    @given(st.integers(0, len(whole)))
    def check(at: int) -> None:
        path.write_bytes(whole[:at])
        try:
            before = read_recording(path)
        except StoreError:
            with pytest.raises(StoreError):
                mend(path)
            assert path.read_bytes() == whole[:at]
            return
        mend(path)
        after = read_recording(path)
        assert (after.pieces, after.notes, after.torn) == (before.pieces, before.notes, False)

    check()


def test_an_encrypted_file_is_mended_without_its_key(make_capture: MakeCapture) -> None:
    path = make_capture(name="a", key=SessionKey("a", bytes(32)), finish=False)
    sealed = path.read_bytes()
    assert mend(path)
    assert path.read_bytes()[:200] == sealed[:200]
    with pytest.raises(StoreError, match="is encrypted"):
        read_recording(path)


def test_a_live_file_is_left_alone(tmp_path: Path) -> None:
    writer = SessionWriter(tmp_path, Label("live", 0, "asr:1"))
    writer.flush()
    before = writer.path.read_bytes()
    assert not mend(writer.path)
    assert writer.path.read_bytes() == before
    writer.finish()


def test_no_capture(tmp_path: Path) -> None:
    (tmp_path / "x.mcap").write_text("this is no capture at all, though its name says so")
    with pytest.raises(StoreError, match="not a readable capture"):
        mend(tmp_path / "x.mcap")
