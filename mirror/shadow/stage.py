"""The thread in which candidates rehearse: apart from the tee's, fed through bounded queues, and free to fail."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

from mirror.capture.recorder import Recorder, Track
from mirror.capture.tee import Heard, opener
from mirror.codecs.wires import wire_of
from mirror.errors import CaptureError
from mirror.privacy.rules import Rules
from mirror.shadow.disagreement import Disagreement
from mirror.shadow.rehearsal import Rehearsal
from mirror.shadow.scene import Candidate, Counts, Scene
from mirror.store.format import Label, Note, Piece

QUEUE_BYTES = 4 * 2**20  # of one session that may wait for the shadow's thread
POLL_SECONDS = 0.01
LOOK_NS = 1_000_000_000  # how often the running sessions are compared
PATIENCE_SECONDS = 10.0  # for a candidate, after the client has gone
ARM = "arm"  # tag that tells the captures of a session apart
CHAMPION, CANDIDATE = "champion", "candidate"


@dataclass(frozen=True, slots=True)
class Seen:
    """How the candidate is doing."""

    running: int = 0
    played: int = 0
    finished: int = 0
    failed: tuple[tuple[str, int], ...] = ()  # why, sessions
    violations: int = 0
    disagreement: Disagreement = field(default_factory=Disagreement)


class Seat:
    """One connection as the shadow hears it; only the tee's thread may offer to it."""

    def __init__(self, label: Label, began_ns: int, queue: SimpleQueue[tuple[Seat, Piece | Note]]) -> None:
        self.label, self.began_ns, self._queue = label, began_ns, queue
        self.offered = 0  # bytes
        self.taken = 0  # bytes, written by the shadow's thread
        self.dropped = False
        self.deaf = False  # the shadow wants nothing more

    def offer(self, piece: Piece) -> None:
        if self.dropped or self.deaf:
            return
        if self.offered - self.taken + len(piece.data) > QUEUE_BYTES:
            self.dropped = True
            return
        self.offered += len(piece.data)
        self._queue.put((self, piece))

    def note(self, note: Note) -> None:
        self._queue.put((self, note))


class Shadow:
    """Feeds a candidate with what passes a tee; an audience of it.

    Args:
        address: ``[NAME+]ws(s)://...`` of the candidate, on the wire that the clients speak.
        store: where its side is recorded, as ``<session>.candidate``.
        rules: who consented; nobody else's speech is sent to the candidate.
        token: the candidate's key, recorded nowhere.
        report: told one line whenever a capture is lost.
        clock: monotonic nanoseconds, the tee's.
        patience: seconds that a candidate may take to finish after the client has gone.

    Raises:
        CaptureError: the address is no live wire.
    """

    def __init__(
        self,
        address: str,
        store: Path,
        rules: Rules,
        token: str | None = None,
        report: Callable[[str], None] = lambda line: None,
        clock: Callable[[], int] = time.monotonic_ns,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        wire = wire_of(address)
        if wire.codec is None:
            raise CaptureError(
                f"--shadow {address!r}: a shadow hears live sessions; give an address of ws:// or wss://"
            )
        make = self._codec = wire.codec
        self._candidate = Candidate(wire.url, lambda url: make(16_000).target(url, None, token))
        self._rules, self._report, self._clock = rules, report, clock
        self._patience_ns = int(patience * 1e9)
        # Consent was asked for when the client came; the candidate's own handshake carries nothing to ask again.
        admitted = replace(rules, consent_of_all=True, consent=None, tenants={}, share=1.0)
        self._recorder = Recorder(opener(store, rules), admitted, report, clock)
        self._queue: SimpleQueue[tuple[Seat, Piece | Note]] = SimpleQueue()
        self._scenes: dict[Seat, Scene] = {}
        self._counts = Counts()
        self._looked_ns = 0
        self.seen = Seen()  # replaced as a whole, so that any thread may read it
        self._closing = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="shadow", daemon=True)
        self._thread.start()

    def open(self, label: Label) -> Heard:
        """A connection of the tee begins."""
        return Seat(label, self._clock(), self._queue)

    def close(self) -> Seen:
        """Let the candidates finish, within their patience, and say how it went."""
        self._closing.set()
        self._thread.join(self._patience_ns / 1e9 + 5.0)
        self._recorder.close()
        return self.seen

    async def _run(self) -> None:
        while not self._closing.is_set():
            await asyncio.sleep(POLL_SECONDS)
            self._step()
        until_ns = self._clock() + self._patience_ns
        self._step()
        while self._scenes and self._clock() < until_ns:
            await asyncio.sleep(POLL_SECONDS)
            self._step()
        for scene in self._scenes.values():
            scene.leave()
        await asyncio.sleep(POLL_SECONDS)
        self._look()

    def _step(self) -> None:
        while True:
            try:
                seat, item = self._queue.get_nowait()
            except Empty:
                break
            if isinstance(item, Piece):
                seat.taken += len(item.data)
            self._guarded(seat, partial(Scene.take, item=item))
        for seat in list(self._scenes):
            self._guarded(seat, self._tend)
            if self._scenes[seat].over:
                del self._scenes[seat]
        if self._clock() - self._looked_ns > LOOK_NS:
            self._look()

    def _guarded(self, seat: Seat, act: Callable[[Scene], None]) -> None:
        """A defect that one session brings to light costs its rehearsal and no other."""
        scene = self._scene(seat)
        try:
            if seat.dropped and not seat.deaf:
                scene.give_up("the shadow was too slow")
            act(scene)
        except Exception as error:
            self._report(f"session {seat.label.session}: shadow ended by {error!r}")
            scene.give_up(f"a defect of ours: {type(error).__name__}")
        seat.deaf = scene.deaf

    def _tend(self, scene: Scene) -> None:
        scene.tick(self._patience_ns)

    def _scene(self, seat: Seat) -> Scene:
        scene = self._scenes.get(seat)
        if scene is None:
            rehearsal = Rehearsal(seat.label.session, self._rules, self._codec)

            def track(played: Rehearsal) -> Track:
                known = {} if played.admission is None else played.admission.tags
                tags = {**seat.label.tags, **known, ARM: CANDIDATE}
                return self._recorder.open(replace(seat.label, session=f"{seat.label.session}.{CANDIDATE}", tags=tags))

            scene = Scene(rehearsal, self._candidate, track, self._counts, self._clock, seat.began_ns)
            self._scenes[seat] = scene
        return scene

    def _look(self) -> None:
        """Say how things stand; comparing costs, and is done here and now and then only."""
        self._looked_ns, counts = self._clock(), self._counts
        running = [scene for scene in self._scenes.values() if scene.running]
        total = counts.over
        for scene in running:
            total += scene.rehearsal.so_far
        failed = tuple(sorted(counts.failed.items()))
        self.seen = Seen(len(running), counts.played, counts.finished, failed, counts.violations, total)
