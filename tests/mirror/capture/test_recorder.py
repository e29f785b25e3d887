"""The recorder by itself: bounded, ordered, and alone with its failures."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mirror.capture.recorder import Recorder
from mirror.privacy.rules import EVERYTHING, NOTHING, Limits
from mirror.store.format import Fact, Label, Note, Piece, Side
from mirror.store.recover import read_recording
from mirror.store.writer import SessionWriter

REQUEST = b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
RESPONSE = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
END = Note(Fact.END, 99)


def frame(data: bytes) -> bytes:
    """Audio in an unmasked frame."""
    return b"\x82" + bytes([len(data)]) + data


def label(name: str) -> Label:
    return Label(name, 1_700_000_000_000_000_000, "127.0.0.1:9", {"tenant": "acme"})


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def recorder(tmp_path: Path, lines: list[str]) -> Any:
    new_file = partial(SessionWriter, tmp_path)
    made = Recorder(new_file, EVERYTHING, lines.append, itertools.count().__next__, 1_000)
    yield made
    made.close()


def begin(recorder: Recorder, name: str) -> Any:
    track = recorder.open(label(name))
    track.offer(Piece(Side.CLIENT, 1, REQUEST))
    track.offer(Piece(Side.SERVER, 2, RESPONSE))
    return track


def test_order_and_times_of_interleaved_sessions(recorder: Recorder, tmp_path: Path) -> None:
    tracks = [begin(recorder, name) for name in ("a", "b")]
    for at_ns in range(3, 20):
        tracks[at_ns % 2].offer(Piece(Side(("client", "server")[at_ns % 3 == 0]), at_ns, frame(bytes([at_ns]))))
    for track in tracks:
        track.note(END)
    recorder.close()
    for parity, name in enumerate("ab"):
        recording = read_recording(tmp_path / f"{name}.mcap")
        assert recording.label == label(name)
        assert [(piece.at_ns, piece.data) for piece in recording.pieces[2:]] == [
            (at_ns, frame(bytes([at_ns]))) for at_ns in range(3, 20) if at_ns % 2 == parity
        ]
        assert recording.ended
        assert not recording.torn


def test_full_queue_marks_its_session_only(recorder: Recorder, tmp_path: Path) -> None:
    big, small = begin(recorder, "big"), begin(recorder, "small")
    big.offer(Piece(Side.CLIENT, 3, b"x" * 1_001))
    big.offer(Piece(Side.CLIENT, 4, frame(b"after the gap")))
    small.offer(Piece(Side.CLIENT, 3, frame(b"whole")))
    for track in (big, small):
        track.note(END)
    recorder.close()
    found = read_recording(tmp_path / "big.mcap")
    assert [piece.data for piece in found.pieces] == [REQUEST, RESPONSE]
    assert [note.fact for note in found.notes] == [Fact.INCOMPLETE, Fact.END]
    assert [note.fact for note in read_recording(tmp_path / "small.mcap").notes] == [Fact.END]


def test_name_that_is_taken_is_never_overwritten(recorder: Recorder, tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "a.mcap").write_bytes(b"somebody else's")
    begin(recorder, "a").note(END)
    begin(recorder, "b").note(END)
    recorder.close()
    assert (tmp_path / "a.mcap").read_bytes() == b"somebody else's"
    assert lines == ["session a: capture lost, the store cannot be written (File exists)"]
    assert read_recording(tmp_path / "b.mcap").ended


def test_what_nobody_consented_to_leaves_no_trace(tmp_path: Path, lines: list[str]) -> None:
    new_file = partial(SessionWriter, tmp_path)
    recorder = Recorder(new_file, NOTHING, lines.append, itertools.count().__next__)
    track = begin(recorder, "a")
    track.offer(Piece(Side.CLIENT, 3, frame(b"speech")))
    for fact in (Fact.HALF_CLOSED, Fact.RESET, Fact.INCOMPLETE, Fact.END):
        track.note(Note(fact, 4))
    recorder.close()
    assert list(tmp_path.iterdir()) == []
    assert (recorder.kept.sessions, recorder.kept.bytes, recorder.waiting, track.deaf) == (0, 0, 0, True)


@pytest.mark.parametrize(
    ("limits", "why"), [(Limits(megabytes=0.00012), "0.00012 MB"), (Limits(seconds=5e-9), "5e-09 s")]
)
def test_limits_end_the_capture_and_mark_it(tmp_path: Path, limits: Limits, why: str) -> None:
    new_file = partial(SessionWriter, tmp_path)
    recorder = Recorder(new_file, replace(EVERYTHING, limits=limits), print, itertools.count().__next__)
    track = begin(recorder, "a")
    for at_ns in range(3, 20):
        track.offer(Piece(Side.CLIENT, at_ns, frame(b"12345678")))
    track.note(END)
    recorder.close()
    found = read_recording(tmp_path / "a.mcap")
    assert 0 < len(found.pieces) < 10
    assert [note.fact for note in found.notes] == [Fact.INCOMPLETE, Fact.END]
    assert f"the limit of {why} a session" in found.notes[0].detail["why"]
    assert recorder.kept.incomplete == 1


def test_session_without_bytes_leaves_no_file(recorder: Recorder, tmp_path: Path) -> None:
    recorder.open(label("a")).note(END)
    recorder.close()
    assert list(tmp_path.iterdir()) == []
