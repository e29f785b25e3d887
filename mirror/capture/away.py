"""A recorder in a process of its own, so that neither its work nor its disk shares a lock or a core with the tee.

The tee hands over what passed every hundredth of a second and never waits. When the tee dies, its recorder still writes
what it was given; when the recorder dies, captures end and the tee goes on. ``python -m mirror.capture.away FD`` is the
recorder's side.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mirror.capture.letters import Reader, written
from mirror.capture.recorder import QUEUE_BYTES, Kept, Recorder, Track
from mirror.privacy.rules import Rules
from mirror.store.format import Fact, Label, Note, Piece

HAND_OVER_SECONDS = 0.01
_TOLD_SECONDS = 0.1  # how often the recorder says how far it is
_BUFFER = 4 * 2**20  # bytes that the kernel holds between the two


class AwayTrack:
    """One session's way to the recorder's process."""

    def __init__(self, number: int, owner: RecorderAway) -> None:
        self._number, self._owner = number, owner
        self.full = False
        self.deaf = False  # the recorder wants nothing more
        self.offered = 0
        self.pending = 0  # bytes not yet handed over

    def offer(self, piece: Piece) -> None:
        """Record a piece, or mark the session incomplete when there is no room; never waits."""
        if self.full or self.deaf:
            return
        size = len(piece.data)
        if self._owner.lost or self.pending + size > self._owner.queue_bytes:
            self.full = True
            self.note(Note(Fact.INCOMPLETE, piece.at_ns, {"why": "the capture queue was full"}))
            return
        self.offered += size
        self.pending += size
        self._owner.offered += size
        self._owner.put(self, written(self._number, piece))

    def note(self, note: Note) -> None:
        """Record a fact; a note of the end is the last."""
        self._owner.put(self, written(self._number, note))


class RecorderAway:
    """The tee's side; every call but ``close`` comes from the loop's thread.

    Args:
        store: folder of the captures.
        rules: who consented to what.
        report: told one line of each session whose capture is lost.
        queue_bytes: bytes of one session that may wait.
    """

    def __init__(
        self, store: Path, rules: Rules, report: Callable[[str], None], queue_bytes: int = QUEUE_BYTES
    ) -> None:
        self._report, self.queue_bytes = report, queue_bytes
        self.kept = Kept()
        self.lost = False  # the process is gone
        self.offered, self._number = 0, 0  # bytes, and sessions
        self._tracks: dict[int, AwayTrack] = {}
        self._pending: list[tuple[AwayTrack, bytes]] = []
        self._unsent = b""
        self._told = b""
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._heard = asyncio.Event()
        self._socket, theirs = socket.socketpair()
        with theirs:
            for end in (self._socket, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
            task = json.dumps({"store": str(store), "rules": asdict(rules), "queue_bytes": queue_bytes})
            # A session of its own: what stops the tee from a terminal must not stop what writes its last words.
            command = [sys.executable, "-m", "mirror.capture.away", str(theirs.fileno()), task]
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
            )
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket.fileno(), self._hear)

    async def ready(self, seconds: float = 60.0) -> None:
        """Wait until the process records, or has failed to."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), seconds)

    def open(self, label: Label) -> AwayTrack:
        """Begin a session."""
        self._number += 1
        track = self._tracks[self._number] = AwayTrack(self._number, self)
        self.put(track, written(self._number, label))
        return track

    def put(self, track: AwayTrack, letter: bytes) -> None:
        """Hand a letter over soon."""
        self._pending.append((track, letter))
        if self._timer is None and not self.lost:
            self._timer = self._loop.call_later(HAND_OVER_SECONDS, self._hand_over)

    @property
    def pid(self) -> int:
        """The process that records."""
        return self._process.pid

    @property
    def waiting(self) -> int:
        """Bytes that passed the tee and are not yet written or passed over."""
        return max(0, self.offered - self.kept.taken)

    def _hand_over(self) -> None:
        self._timer = None
        if not self._unsent:
            pending, self._pending = self._pending, []
            self._unsent = b"".join(letter for _, letter in pending)
            for track in {track for track, _ in pending}:
                track.pending = 0
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            self._lose()
            return
        if (self._unsent or self._pending) and self._timer is None:
            self._timer = self._loop.call_later(HAND_OVER_SECONDS, self._hand_over)

    def _hear(self) -> None:
        try:
            data = self._socket.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._heard.set()
        if not data:
            self._lose()
            return
        self._take(data)

    def _take(self, data: bytes) -> None:
        *lines, self._told = (self._told + data).split(b"\n")
        for line in lines:
            row = json.loads(line)
            if "report" in row:
                self._report(row["report"])
                continue
            self.kept = Kept(**row["kept"])
            for number in row["deaf"]:
                track = self._tracks.pop(number, None)
                if track is not None:
                    track.deaf = True

    def _lose(self) -> None:
        """The recorder is gone; nothing more is kept, and nobody waits for it."""
        if not self.lost:
            self.lost = True
            self._loop.remove_reader(self._socket.fileno())
            self._pending.clear()
            self._unsent = b""
            self._report("the recorder has died: nothing more is captured until the tee is started again")

    async def shut(self, seconds: float = 10.0) -> None:
        """Hand over what is left and wait until it is written, within bounds."""
        if self._timer is not None:
            self._timer.cancel()
        if not self.lost:
            self._loop.remove_reader(self._socket.fileno())
            await asyncio.to_thread(self._finish, seconds)
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, seconds)
        self._process.kill()
        await asyncio.to_thread(self._process.wait)

    def _finish(self, seconds: float) -> None:
        self._socket.settimeout(seconds)
        try:
            self._socket.sendall(self._unsent + b"".join(letter for _, letter in self._pending))
            self._socket.shutdown(socket.SHUT_WR)
            while data := self._socket.recv(65_536):
                self._take(data)
        except OSError:
            self._report(f"the store did not take everything within {seconds:.0f} s; some captures stay incomplete")


class _Desk:
    """The recorder's side."""

    def __init__(self, line: socket.socket, task: dict[str, Any]) -> None:
        from mirror.capture.tee import opener

        self._line = line
        rules = _rules(task["rules"])
        self._recorder = Recorder(
            opener(Path(task["store"]), rules), rules, self._complain, time.monotonic_ns, task["queue_bytes"]
        )
        self._tracks: dict[int, Track] = {}
        self._deaf: list[int] = []

    def work(self) -> None:
        """Until the tee closes its end, or dies."""
        reader, told = Reader(), time.monotonic()
        self._tell()  # that it is here
        self._line.settimeout(_TOLD_SECONDS)
        while True:
            try:
                data = self._line.recv(2**20)
            except TimeoutError:
                data = None
            if data == b"":
                break
            for letter in reader.step(data or b""):
                self._file(letter.number, letter.content)
            if time.monotonic() - told > _TOLD_SECONDS:
                told = time.monotonic()
                self._tell()
        self._recorder.close()
        self._tell()

    def _file(self, number: int, content: Label | Piece | Note) -> None:
        if isinstance(content, Label):
            self._tracks[number] = self._recorder.open(content)
        elif isinstance(content, Piece):
            self._tracks[number].offer(content)
        else:
            self._tracks[number].note(content)
            if content.fact is Fact.END:
                self._deaf.append(number)
                del self._tracks[number]

    def _tell(self) -> None:
        deaf = self._deaf + [number for number, track in self._tracks.items() if track.deaf]
        self._deaf = []
        self._say({"kept": asdict(self._recorder.kept), "deaf": deaf})

    def _complain(self, line: str) -> None:
        self._say({"report": line})

    def _say(self, row: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the tee has gone; what it gave is still written
            self._line.sendall(json.dumps(row).encode() + b"\n")


def _rules(row: dict[str, Any]) -> Rules:
    from pydantic import TypeAdapter

    made: Rules = TypeAdapter(Rules).validate_python(row)
    return made


def main() -> None:
    """Record until the tee is gone."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as line:
        _Desk(line, json.loads(sys.argv[2])).work()


if __name__ == "__main__":
    main()
