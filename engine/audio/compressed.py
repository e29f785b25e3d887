"""Compressed files that arrive in pieces: FLAC, Ogg (Opus, Vorbis) and MP3, decoded while they come.

libsndfile pulls its bytes, a session pushes them, so the decoder runs in a thread of its own that waits inside ``read``
for bytes that are not here yet. The pusher waits until the decoder wants more than there is, hence the samples of a
step depend on the bytes alone, never on which thread was quicker. Bytes that were read are forgotten.
"""

from __future__ import annotations

import threading

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.protocol import ErrorType, MessageError
from engine.protocol.audio_format import MAX_RATE, MIN_RATE

BLOCK = 4_096  # samples decoded at a time
BEHIND = 1 << 16  # bytes kept after they were read: decoders step back a little
# No file is this long. An Ogg file's length is sought backwards from its end, a few steps at this one.
_LENGTHS = {b"OggS": 1 << 22}
_LENGTH = 1 << 40
_NO_TAG = 128  # bytes at the end where an MP3 file may have its tag
HEAD = 26  # bytes that tell what a file is
MOST_SECONDS = 600  # of audio from one message: a few bytes of FLAC can hold hours of silence
PATIENCE = 60.0  # seconds for one message
ADVICE = "send WAV, FLAC, Ogg (Opus, Vorbis), MP3 or raw samples"

Samples = NDArray[np.float32]


class _ArrivingFile:
    """What libsndfile reads: a file that goes on for ever until it is known to end; ``read`` waits for its bytes."""

    def __init__(self, head: bytes) -> None:
        self._length = _LENGTHS.get(head[:4], _LENGTH)
        self._changed = threading.Condition()
        self._bytes = bytearray()
        self._first = 0  # position of the first byte that is kept
        self._position = 0
        self._furthest = 0  # position after the last byte that was ever read
        self._asked_end = False
        self._searching = False
        self._complete = False
        self._hungry = self._stopped = False  # the decoder waits for bytes; will read no more
        self.opened = False

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go somewhere; a decoder that looks for the last page finds nothing."""
        self._position = (0, self._position, self._length)[whence] + offset
        if not self.opened:
            if whence == 0 and self._position > self._furthest:
                self._searching = True
            elif self._position > 0:
                self._searching = False
        return self._position

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._position

    def readinto(self, buffer: bytearray) -> int:
        """Fill a buffer, waiting for its bytes; fewer only at the end."""
        if self._position == self._length - _NO_TAG and not self.opened:
            buffer[:] = bytes(len(buffer))
            return len(buffer)
        if self._searching and not self.opened:
            return 0
        with self._changed:
            while not self._complete and self._first + len(self._bytes) < self._position + len(buffer):
                self._hungry = True
                self._changed.notify_all()
                self._changed.wait()
            at = self._position - self._first
            found = self._bytes[at : at + len(buffer)] if at >= 0 else b""
            buffer[: len(found)] = found
            self._position += len(found)
            self._furthest = max(self._furthest, self._position)
            if self.opened and at > 2 * BEHIND:
                del self._bytes[: at - BEHIND]
                self._first += at - BEHIND
            return len(found)

    def feed(self, data: bytes, complete: bool = False) -> bool:
        """Add bytes and wait until the decoder wants more than there is, or has stopped; False if it takes for ever."""
        with self._changed:
            if self._stopped:
                return True
            self._bytes += data
            self._complete |= complete
            self._hungry = False
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._hungry, PATIENCE)

    def abandon(self) -> None:
        """End without waiting."""
        with self._changed:
            self._complete = True
            self._changed.notify_all()

    def stop(self) -> None:
        """On the decoder's side: nothing is read any more."""
        with self._changed:
            self._hungry = self._stopped = True
            self._bytes.clear()
            self._changed.notify_all()


class _Sequential(soundfile.SoundFile):  # type: ignore[misc]
    """soundfile seeks to where it is after every read of a file that it may seek in; this one must not."""

    def seekable(self) -> bool:
        """Never."""
        return False


class CompressedReader:
    """A compressed file to one channel of samples: begin by making it, step with bytes, end; close frees its thread.

    Args:
        head: the first bytes of the file, at least ``HEAD``.
    """

    def __init__(self, head: bytes) -> None:
        self.rate: int | None = None
        self._file = _ArrivingFile(head)
        self._blocks: list[Samples] = []
        self._decoded = 0  # samples in blocks
        self._error: MessageError | None = None
        threading.Thread(target=self._decode, name="decoder", daemon=True).start()

    def step(self, data: bytes) -> Samples:
        """The samples that these bytes complete.

        Raises:
            MessageError: invalid_audio_type or data_error, when it cannot be read, or becomes too much audio at once.
        """
        return self._taken(data, complete=False)

    def end(self) -> Samples:
        """The samples that were still held back.

        Raises:
            MessageError: data_error, when the file ended inside its header.
        """
        return self._taken(b"", complete=True)

    def close(self) -> None:
        """Let the decoder go; nothing more comes."""
        self._file.abandon()

    def _taken(self, data: bytes, complete: bool) -> Samples:
        if not self._file.feed(data, complete):
            raise MessageError(ErrorType.DATA_ERROR, f"the file could not be decoded within {PATIENCE:g} s")
        if self._error is not None:
            raise self._error
        blocks, self._blocks, self._decoded = self._blocks, [], 0
        return np.concatenate([np.zeros(0, np.float32), *blocks])

    def _decode(self) -> None:
        """What the thread does; the pusher looks at its results only while it waits for bytes or has ended."""
        try:
            with _Sequential(self._file) as opened:
                self._file.opened = True
                self._read(opened)
        except soundfile.LibsndfileError as error:
            where = "damaged" if self._file.opened else "of a kind that cannot be read, or ended inside its header"
            kind = ErrorType.DATA_ERROR if self._file.opened else ErrorType.INVALID_AUDIO_TYPE
            self._error = MessageError(kind, f"the file is {where} ({error.error_string}); {ADVICE}")
        except MessageError as error:
            self._error = error
        finally:
            self._file.stop()

    def _read(self, opened: soundfile.SoundFile) -> None:
        rate = int(opened.samplerate)
        if not MIN_RATE <= rate <= MAX_RATE:
            reason = f"the file has {rate} samples a second, not {MIN_RATE} to {MAX_RATE}"
            raise MessageError(ErrorType.INVALID_AUDIO_TYPE, reason)
        self.rate = rate
        while len(block := opened.read(BLOCK, dtype="float32", always_2d=True)):
            self._blocks.append(np.ascontiguousarray(block.mean(axis=1)))
            self._decoded += len(block)
            if self._decoded > MOST_SECONDS * rate:
                reason = f"a message became more than {MOST_SECONDS} s of audio; send the file in smaller messages"
                raise MessageError(ErrorType.DATA_ERROR, reason)


def _magic(head: bytes) -> bytes:
    if head.startswith(b"ID3") or (head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4)):
        return b"MP3"
    return head[:4]


def readable(head: bytes) -> bool:
    """Whether a file that begins like this may be one of these formats."""
    return _magic(head) in (b"fLaC", b"OggS", b"MP3")


def with_length(head: bytes) -> bytes:
    """A FLAC that was encoded while it was sent does not know its length; libsndfile would take it for empty."""
    if head.startswith(b"fLaC") and head[4] & 0x7F == 0 and not head[21] & 0x0F and not any(head[22:26]):
        return head[:21] + bytes([head[21] | 0x0F]) + b"\xff" * 4 + head[26:]
    return head
