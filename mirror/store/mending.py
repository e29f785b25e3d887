"""Mending a torn session file: everything that can be read of it, written as a whole file that any MCAP tool opens.

Records are copied as they are, so that a file can be mended without its key. That the recorder ended too early stays
visible: no note of the session's end is made up.
"""

from __future__ import annotations

import os
from pathlib import Path

from mcap.records import Channel, Footer, Message, Metadata
from mcap.writer import CompressionType, IndexType, Writer

from mirror.errors import StoreError
from mirror.store.format import FORMAT
from mirror.store.recover import raw_records, read_label
from mirror.store.writer import is_live


def mend(path: Path) -> bool:
    """Make a torn file whole; False when it is whole already, or still being recorded.

    Raises:
        StoreError: nothing of it can be read, or it is damaged, or the store cannot be written: it is left as it is.
    """
    if is_live(path) or _is_whole(path):
        return False
    read_label(path)
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            writer = Writer(
                file, chunk_size=1, compression=CompressionType.NONE, index_types=IndexType.NONE, enable_crcs=True
            )
            _copy(path, writer)
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise StoreError(str(path), f"cannot be mended ({error.strerror}); it is as it was") from None
    finally:
        part.unlink(missing_ok=True)
    return True


def _is_whole(path: Path) -> bool:
    return any(isinstance(record, Footer) for record in raw_records(path))


def _copy(path: Path, writer: Writer) -> None:
    channels: dict[int, int] = {}
    writer.start(profile=FORMAT)
    for record in raw_records(path):
        if isinstance(record, Metadata):
            writer.add_metadata(record.name, record.metadata)
        elif isinstance(record, Channel) and record.id not in channels:
            channels[record.id] = writer.register_channel(record.topic, record.message_encoding, 0)
        elif isinstance(record, Message):
            writer.add_message(
                channels[record.channel_id],
                log_time=record.log_time,
                data=record.data,
                publish_time=record.publish_time,
                sequence=record.sequence,
            )
