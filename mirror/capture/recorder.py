"""The recorder: one thread that takes what passed the tee from bounded queues and writes it to the store.

It may be late, and it may fail; neither is ever felt by a client. A session whose queue is full loses its *capture*
from there on and is marked incomplete.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from mirror.capture.opening import Opening
from mirror.store.format import Fact, Label, Note, Piece
from mirror.store.writer import SessionWriter

QUEUE_BYTES = 4 * 2**20  # of one session; two minutes of 16 kHz s16 audio
DRAIN_SECONDS = 0.02  # how long a piece may wait before it is given to the kernel
SYNC_NS = 1_000_000_000  # how often a session's file is forced to the disk


@dataclass(slots=True)
class Track:
    """One session's way to the recorder; only the tee's thread may offer to it."""

    label: Label
    _queue: SimpleQueue[tuple[Track, Piece | Note]]
    _limit: int
    full: bool = False  # something was dropped, so nothing more is taken
    offered: int = 0  # bytes, counted by the tee's thread only
    written: int = 0  # bytes, counted by the recorder's thread only
    file: SessionWriter | None = None  # from here on the recorder's own
    opening: Opening = field(default_factory=Opening)
    lost: str | None = None  # why the recorder gave this session up
    synced_ns: int = 0

    def offer(self, piece: Piece) -> None:
        """Record a piece, or mark the session incomplete when its queue has no room; never waits."""
        if self.full:
            return
        if self.offered - self.written + len(piece.data) > self._limit:
            self.full = True
            self.note(Note(Fact.INCOMPLETE, piece.at_ns, {"why": "the capture queue was full"}))
            return
        self.offered += len(piece.data)
        self._queue.put((self, piece))

    def note(self, note: Note) -> None:
        """Record a fact; a note of the end closes the session's file."""
        self._queue.put((self, note))


class Recorder:
    """Writes the sessions of one tee.

    Args:
        new_file: opens a session's file.
        report: told once, in one line, of each session whose capture is lost.
        clock: monotonic nanoseconds.
        queue_bytes: bytes of one session that may wait to be written.
    """

    def __init__(
        self,
        new_file: Callable[[Label], SessionWriter],
        report: Callable[[str], None],
        clock: Callable[[], int],
        queue_bytes: int = QUEUE_BYTES,
    ) -> None:
        self._new_file, self._report, self._clock, self._limit = new_file, report, clock, queue_bytes
        self._queue: SimpleQueue[tuple[Track, Piece | Note]] = SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def open(self, label: Label) -> Track:
        """Begin a session; its file appears with its first byte."""
        return Track(label, self._queue, self._limit)

    def close(self, seconds: float = 5.0) -> None:
        """Write what is queued and stop; give up after ``seconds``, for a disk may hang."""
        self._closing.set()
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._report(f"the store did not take everything within {seconds:.0f} s; some captures stay incomplete")

    def _run(self) -> None:
        # Polling in batches keeps the interpreter lock with the tee; a wake-up per piece would contend for it.
        while not self._closing.wait(DRAIN_SECONDS):
            self._drain()
        self._drain()

    def _drain(self) -> None:
        """Write what is queued; on a slow disk, what is written is still settled at every interval."""
        touched: dict[int, Track] = {}
        settle_ns = self._clock() + int(DRAIN_SECONDS * 1e9)
        while True:
            try:
                track, item = self._queue.get_nowait()
            except Empty:
                break
            touched[id(track)] = track
            with self._guarded(track):
                self._take(track, item)
            if self._clock() >= settle_ns:
                self._settle_all(touched)
                settle_ns = self._clock() + int(DRAIN_SECONDS * 1e9)
        self._settle_all(touched)

    def _settle_all(self, touched: dict[int, Track]) -> None:
        for track in touched.values():
            with self._guarded(track):
                self._settle(track)
        touched.clear()

    @contextlib.contextmanager
    def _guarded(self, track: Track) -> Iterator[None]:
        """A failing disk costs the session its capture and nothing else."""
        try:
            yield
        except OSError as error:
            track.lost, track.full = f"{error.strerror or error}", True
            self._report(f"session {track.label.session}: capture lost, the store cannot be written ({track.lost})")
            if track.file is not None:
                track.file.abandon()
                track.file = None

    def _take(self, track: Track, item: Piece | Note) -> None:
        if track.lost is not None:
            return
        if isinstance(item, Piece):
            track.written += len(item.data)
            for kept in track.opening.step(item):
                self._write(track, kept)
        elif track.file is not None or item.fact is not Fact.END:
            self._write(track, item)
        if isinstance(item, Note) and item.fact is Fact.END and track.file is not None:
            track.file.finish()
            track.file = None

    def _write(self, track: Track, item: Piece | Note) -> None:
        if track.file is None:
            track.file = self._new_file(track.label)
        if isinstance(item, Piece):
            track.file.piece(item)
        else:
            track.file.note(item)

    def _settle(self, track: Track) -> None:
        if track.file is None:
            return
        now = self._clock()
        if now - track.synced_ns >= SYNC_NS:
            track.file.sync()
            track.synced_ns = now
        else:
            track.file.flush()
