"""What a changed session file says of itself, by number, clock, key and checksum."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcap.writer import CompressionType, IndexType, Writer

from mirror.errors import StoreError
from mirror.store.format import FORMAT, Label, Piece, Side
from mirror.store.mending import mend
from mirror.store.recover import raw_records, read_label, read_recording
from mirror.store.writer import SessionWriter

pyrage = pytest.importorskip("pyrage")
MakeCapture = Callable[..., Path]


def rewritten(path: Path, keep: Callable[[int], bool] = lambda number: True, **changed: Any) -> Path:
    """The file without some of its records, or with other metadata."""
    from mcap.records import Channel, Message, Metadata

    out = path.with_name("changed.mcap")
    with out.open("wb") as file:
        writer = Writer(file, chunk_size=1, compression=CompressionType.NONE, index_types=IndexType.NONE)
        writer.start(profile=FORMAT)
        for record in list(raw_records(path)):
            if isinstance(record, Metadata):
                writer.add_metadata(record.name, {**record.metadata, **changed})
            elif isinstance(record, Channel):
                writer.register_channel(record.topic, record.message_encoding, 0)
            elif isinstance(record, Message) and keep(record.sequence):
                writer.add_message(
                    record.channel_id, record.log_time, record.data, record.publish_time, record.sequence
                )
        writer.finish()
    return out


@pytest.mark.parametrize("missing", [0, 3, 7])
def test_a_record_that_was_taken_out(make_capture: MakeCapture, missing: int) -> None:
    path = rewritten(make_capture(), keep=lambda number: number != missing)
    with pytest.raises(StoreError, match=f"record {missing + 1} stands where {missing} belongs"):
        read_recording(path)


def test_a_clock_that_goes_back(tmp_path: Path) -> None:
    writer = SessionWriter(tmp_path, Label("a", 10**18, "asr:1"))
    for side, at in ((Side.CLIENT, 5), (Side.SERVER, 3), (Side.CLIENT, 4)):
        writer.piece(Piece(side, at * 10**9, b"x"))
    writer.finish()
    with pytest.raises(StoreError, match=r"clock of the client goes back from 5\.000 s to 4\.000 s at record 2"):
        read_recording(writer.path)


def test_foreign_version_and_cipher(make_capture: MakeCapture) -> None:
    with pytest.raises(StoreError, match="version 9, this program reads 1 and 2"):
        read_label(rewritten(make_capture(), version="9"))
    with pytest.raises(StoreError, match="sealed by rot13"):
        read_label(rewritten(make_capture(name="b"), version="2", cipher="rot13"))


def test_a_record_of_another_session_does_not_open(make_capture: MakeCapture, tmp_path: Path) -> None:
    from mirror.privacy.keys import make_key, parse_recipients

    identity = pyrage.x25519.Identity.generate()
    recipients = parse_recipients([str(identity.to_public())])
    store = make_capture(name="plain").parent
    path = make_capture(name="a", key=make_key(store, "a", recipients))
    assert len(read_recording(path, (identity,)).pieces) == 15
    (store / "keys" / "b.age").write_bytes((store / "keys" / "a.age").read_bytes())
    other = rewritten(path, session="b")
    with pytest.raises(StoreError, match="does not open with the key of session b"):
        read_recording(other, (identity,))


def test_mended_files_count_on(make_capture: MakeCapture) -> None:
    path = make_capture(finish=False)
    mend(path)
    assert len(read_recording(path).pieces) == 15
