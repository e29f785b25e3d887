"""Writing one session to one file, so that a crash at any moment leaves all but the last piece readable."""

from __future__ import annotations

import contextlib
import json
import os
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path

from mcap.writer import CompressionType, IndexType, Writer

from mirror.privacy.keys import CIPHER, Header, SessionKey
from mirror.store.format import FORMAT, FORMAT_VERSION, META, SEALED_VERSION, SUFFIX, Label, Note, Piece, Side


class SessionWriter:
    """One session file under construction; begin by making it, end with :meth:`finish`.

    Pieces reach the kernel with :meth:`flush` (survives the death of this process) and the disk with :meth:`sync`
    (survives the death of the machine).

    Args:
        folder: the store.
        label: what is known of the session.
        key: seals the bytes of both sides; None writes them as they are. Notes stay readable: they quote nothing.

    Raises:
        OSError: the file exists already, or the folder cannot be written.
    """

    def __init__(self, folder: Path, label: Label, key: SessionKey | None = None) -> None:
        self.path = folder / f"{label.session}{SUFFIX}"
        self._began_utc_ns = label.began_utc_ns
        self._key, self._seq = key, 0
        self._file = self.path.open("xb")
        with contextlib.suppress(OSError):  # not every file system has locks; then nobody can tell that it is live
            flock(self._file, LOCK_EX | LOCK_NB)
        # A chunk size of one byte closes a chunk after every message: each has its own CRC and none waits in memory.
        # Indexes would grow with the session, and a reader of a torn file has none anyway.
        self._mcap = Writer(
            self._file, chunk_size=1, compression=CompressionType.NONE, index_types=IndexType.NONE, enable_crcs=True
        )
        self._mcap.start(profile=FORMAT)
        self._mcap.add_metadata(FORMAT, _metadata(label, sealed=key is not None))
        self._channels = {
            Side.CLIENT: self._mcap.register_channel(Side.CLIENT, "application/octet-stream", 0),
            Side.SERVER: self._mcap.register_channel(Side.SERVER, "application/octet-stream", 0),
        }
        self._meta = self._mcap.register_channel(META, "json", 0)

    def piece(self, piece: Piece) -> None:
        data = piece.data
        if self._key is not None:
            header = Header(piece.side, self._seq, piece.at_ns, self._began_utc_ns + piece.at_ns)
            data = self._key.sealed(header, data)
        self._add(self._channels[piece.side], piece.at_ns, data)

    def note(self, note: Note) -> None:
        text = json.dumps({"fact": note.fact, **note.detail}, sort_keys=True)
        self._add(self._meta, note.at_ns, text.encode())

    def _add(self, channel: int, at_ns: int, data: bytes) -> None:
        time = self._began_utc_ns + at_ns
        self._mcap.add_message(channel, log_time=time, data=data, publish_time=time, sequence=self._seq)
        self._seq += 1

    def flush(self) -> None:
        """Hand everything to the kernel."""
        self._file.flush()

    def sync(self) -> None:
        """Hand everything to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def finish(self) -> None:
        """Write the footer, so that any MCAP tool reads the file, and close it."""
        self._mcap.finish()
        self.sync()
        self._file.close()

    def abandon(self) -> None:
        """Close without a footer; what was flushed stays readable."""
        with contextlib.suppress(OSError):  # closing flushes once more, to a disk that has just failed
            self._file.close()


def is_live(path: Path) -> bool:
    """True while a recorder, of any process, has this session file under construction."""
    try:
        with path.open("rb") as file:
            flock(file, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _metadata(label: Label, sealed: bool) -> dict[str, str]:
    return {
        "version": str(SEALED_VERSION if sealed else FORMAT_VERSION),
        **({"cipher": CIPHER} if sealed else {}),
        "session": label.session,
        "began_utc_ns": str(label.began_utc_ns),
        "upstream": label.upstream,
        "tags": json.dumps(dict(label.tags), sort_keys=True),
    }
