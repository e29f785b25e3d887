"""The recorder: one thread that takes what passed the tee from bounded queues and writes it to the store.

It may be late, and it may fail; neither is ever felt by a client. A session whose queue is full loses its *capture*
from there on and is marked incomplete.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from mirror.capture.conversation import Conversation
from mirror.privacy.rules import Rules
from mirror.store.format import Fact, Label, Note, Piece
from mirror.store.writer import SessionWriter

QUEUE_BYTES = 4 * 2**20  # of one session; two minutes of 16 kHz s16 audio
DRAIN_SECONDS = 0.02  # how long a piece may wait before it is given to the kernel
SYNC_NS = 5_000_000_000  # how often a session's file is forced to the disk


@dataclass(slots=True)
class Kept:
    """What a recorder has stored so far; written by its thread only."""

    sessions: int = 0  # of which anything was kept
    incomplete: int = 0
    bytes: int = 0
    taken: int = 0  # bytes that left the queues, kept or not


@dataclass(slots=True, eq=False)
class Track:
    """One session's way to the recorder; only the tee's thread may offer to it."""

    label: Label
    conversation: Conversation  # from here on the recorder's own, but for what is said to be the tee's
    _recorder: Recorder
    full: bool = False  # the tee's: something was dropped, so nothing more is taken
    offered: int = 0  # the tee's: bytes
    taken: int = 0
    deaf: bool = False  # nothing that may still come will be stored
    file: SessionWriter | None = None
    stored: int = 0  # bytes
    incomplete: bool = False
    lost: str | None = None  # why the recorder gave this session up
    synced_ns: int = 0

    def offer(self, piece: Piece) -> None:
        """Record a piece, or mark the session incomplete when its queue has no room; never waits."""
        if self.full or self.deaf:
            return
        size = len(piece.data)
        if self.offered - self.taken + size > self._recorder.queue_bytes:
            self.full = True
            self.note(Note(Fact.INCOMPLETE, piece.at_ns, {"why": "the capture queue was full"}))
            return
        self.offered += size
        self._recorder.put(self, piece)

    def note(self, note: Note) -> None:
        """Record a fact; a note of the end closes the session's file."""
        self._recorder.put(self, note)


class Recorder:
    """Writes the sessions of one tee.

    Args:
        new_file: opens a session's file.
        rules: who consented to what.
        report: told once, in one line, of each session whose capture is lost.
        clock: monotonic nanoseconds.
        queue_bytes: bytes of one session that may wait to be written.
    """

    def __init__(
        self,
        new_file: Callable[[Label], SessionWriter],
        rules: Rules,
        report: Callable[[str], None],
        clock: Callable[[], int],
        queue_bytes: int = QUEUE_BYTES,
    ) -> None:
        self._new_file, self._rules, self._report, self._clock = new_file, rules, report, clock
        self.queue_bytes = queue_bytes
        self.kept = Kept()
        self.offered = 0  # bytes, counted by the tee's thread only
        self._queue: SimpleQueue[tuple[Track, Piece | Note]] = SimpleQueue()
        self._closing = threading.Event()
        # A disk may take a second to confirm; it must not hold up what has yet to reach the kernel.
        self._confirming: SimpleQueue[tuple[Track, Callable[[], None]] | None] = SimpleQueue()
        self._confirmer = threading.Thread(target=self._confirm, name="recorder disk", daemon=True)
        self._confirmer.start()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def open(self, label: Label) -> Track:
        """Begin a session; its file appears with the first byte that may be kept."""
        conversation = Conversation(label.session, self._rules)
        return Track(label, conversation, self, deaf=conversation.deaf)

    def put(self, track: Track, item: Piece | Note) -> None:
        """Take something into the queue, from the tee's thread."""
        if isinstance(item, Piece):
            self.offered += len(item.data)
        self._queue.put((track, item))

    @property
    def waiting(self) -> int:
        """Bytes that passed the tee and are not yet written or passed over."""
        return max(0, self.offered - self.kept.taken)

    def close(self, seconds: float = 5.0) -> None:
        """Write what is queued and stop; give up after ``seconds``, for a disk may hang."""
        self._closing.set()
        self._thread.join(seconds)
        self._confirming.put(None)
        self._confirmer.join(seconds)
        if self._thread.is_alive() or self._confirmer.is_alive():
            self._report(f"the store did not take everything within {seconds:.0f} s; some captures stay incomplete")

    async def shut(self) -> None:
        """Close without holding up the loop."""
        await asyncio.to_thread(self.close)

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
            track.lost, track.deaf = f"{error.strerror or error}", True
            self._count_incomplete(track, Note(Fact.INCOMPLETE, 0))
            self._report(f"session {track.label.session}: capture lost, the store cannot be written ({track.lost})")
            if track.file is not None:
                track.file.abandon()
                track.file = None

    def _take(self, track: Track, item: Piece | Note) -> None:
        if isinstance(item, Piece):
            track.taken += len(item.data)
            self.kept.taken += len(item.data)
            if track.lost is None:
                for kept in track.conversation.step(item):
                    self._write(track, kept)
            track.deaf = track.deaf or track.conversation.deaf
        elif track.lost is None:
            self._note(track, item)

    def _note(self, track: Track, note: Note) -> None:
        """Facts are told of a session that is kept, and of no other."""
        if note.fact is Fact.END:
            for kept in track.conversation.end(note.at_ns):
                self._write(track, kept)
        if track.file is None:
            return
        self._write(track, note)
        if note.fact is Fact.END:
            track.file.flush()
            self._confirming.put((track, track.file.finish))
            track.file = None

    def _write(self, track: Track, item: Piece | Note) -> None:
        if isinstance(item, Note):
            if track.file is not None:
                track.file.note(item)
                self._count_incomplete(track, item)
            return
        if track.deaf:
            return
        if track.file is None:
            admission = track.conversation.admission
            known = {} if admission is None else admission.tags
            track.file = self._new_file(replace(track.label, tags={**track.label.tags, **known}))
            self.kept.sessions += 1
        track.file.piece(item)
        track.stored += len(item.data)
        self.kept.bytes += len(item.data)
        self._bound(track, item.at_ns)

    def _bound(self, track: Track, at_ns: int) -> None:
        """Keep no more of a session than the rules allow."""
        limits = self._rules.limits
        for over, what in (
            (track.stored > limits.megabytes * 1e6, f"{limits.megabytes:g} MB"),
            (at_ns > limits.seconds * 1e9, f"{limits.seconds:g} s"),
        ):
            if over and not track.deaf:
                track.deaf = True
                self._write(track, Note(Fact.INCOMPLETE, at_ns, {"why": f"the limit of {what} a session was reached"}))

    def _count_incomplete(self, track: Track, note: Note) -> None:
        if note.fact is Fact.INCOMPLETE and not track.incomplete:
            track.incomplete = True
            self.kept.incomplete += 1

    def _settle(self, track: Track) -> None:
        if track.file is None:
            return
        now = self._clock()
        if now - track.synced_ns >= SYNC_NS:
            track.synced_ns = now
            self._confirming.put((track, track.file.sync))
        track.file.flush()

    def _confirm(self) -> None:
        """Wait for the disk, again and again, until told to stop."""
        while (item := self._confirming.get()) is not None:
            track, wait = item
            try:
                wait()
            except OSError as error:
                self._report(f"session {track.label.session}: the disk does not confirm it ({error.strerror or error})")
            except ValueError:
                continue  # closed meanwhile, after a failure that has been told
