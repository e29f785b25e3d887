"""One session in rehearsal: pieces come in, the candidate's line goes out, and whatever fails ends here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from mirror.capture.recorder import Track
from mirror.codecs import Frame, Target
from mirror.shadow.disagreement import Disagreement
from mirror.shadow.line import Line, candidate_url, dial
from mirror.shadow.rehearsal import NoPart, Rehearsal
from mirror.store.format import Fact, Note, Piece, Side

CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 2.0  # for the closing handshake


@dataclass(slots=True)
class Counts:
    """What became of the sessions; written by the shadow's thread only."""

    played: int = 0  # sessions that the candidate was asked to hear
    finished: int = 0  # of which it said that its transcript is complete
    failed: dict[str, int] = field(default_factory=dict)  # why -> sessions
    violations: int = 0  # messages that broke the wire
    over: Disagreement = field(default_factory=Disagreement)  # of the sessions that are over


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who rehearses."""

    url: str  # without the wire's name
    target: Callable[[str], Target]  # adds what the wire and its key need


class Scene:
    """Follows one session; its methods never raise.

    Args:
        rehearsal: decides what the candidate hears.
        candidate: who rehearses.
        track: opens the record of what the candidate hears and says, once it is to be played.
        counts: where the outcome goes.
        clock: monotonic nanoseconds.
        began_ns: when the session began, by the same clock.
    """

    def __init__(
        self,
        rehearsal: Rehearsal,
        candidate: Candidate,
        track: Callable[[Rehearsal], Track],
        counts: Counts,
        clock: Callable[[], int],
        began_ns: int,
    ) -> None:
        self.rehearsal, self._candidate, self._open_track = rehearsal, candidate, track
        self._counts, self._clock, self._began_ns = counts, clock, began_ns
        self._track: Track | None = None
        self._line: Line | None = None
        self._dialling: asyncio.Task[None] | None = None
        self._out = False  # the candidate has no part in it
        self._settled = False  # counted
        self._closed = False  # the line is gone
        self.left_ns: int | None = None  # when the client's connection was over

    @property
    def deaf(self) -> bool:
        """True when it needs to hear nothing more."""
        return self._out or self._settled

    @property
    def running(self) -> bool:
        """True while the candidate plays and its words are not counted yet."""
        return self._dialling is not None and not self._settled

    @property
    def over(self) -> bool:
        """True when client and candidate have both left."""
        return self.left_ns is not None and (self._dialling is None or self._closed)

    def take(self, item: Piece | Note) -> None:
        """Something happened between the client and the champion."""
        if isinstance(item, Note):
            if item.fact is Fact.END:
                self.left_ns = self._clock()
            return
        if self.deaf:
            return
        try:
            self.rehearsal.passed(item)
        except NoPart as why:
            self.give_up(str(why))
            return
        if self.rehearsal.request is not None and self._dialling is None:
            self._counts.played += 1
            self._track = self._open_track(self.rehearsal)
            self._dialling = asyncio.get_running_loop().create_task(self._dial())
        self._play()

    def tick(self, patience_ns: int) -> None:
        """Leave once both are done, or the client has been gone for too long."""
        if self.left_ns is None or self._settled or self._dialling is None:
            return
        if self.rehearsal.candidate.ended:
            self.leave()
        elif self._clock() - self.left_ns > patience_ns:
            self.give_up("it did not finish its transcript in time")

    def give_up(self, why: str) -> None:
        """Play no further."""
        self._out = True
        if self._dialling is not None:
            self._settle(why)
            self.leave()

    def leave(self) -> None:
        """The session is over for the candidate too."""
        self._settle(None if self.rehearsal.candidate.ended else "the shadow was ended")
        if self._line is not None:
            self._line.close()
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._line.abort)
        elif self._dialling is not None:
            self._dialling.cancel()
            self.closed()

    async def _dial(self) -> None:
        assert self.rehearsal.request is not None
        url = candidate_url(self._candidate.url, self.rehearsal.request, self.rehearsal.names)
        try:
            target = self._candidate.target(url)
            self._line = await dial(target.url, target.headers, self, CONNECT_SECONDS)
        except (OSError, TimeoutError):
            self.failed("it cannot be reached")
            self.closed()

    def opened(self) -> None:
        self.rehearsal.connected = True
        # The first words of the candidate come with the handshake's last bytes, before ``dial`` has returned.
        asyncio.get_running_loop().call_soon(self._play)

    def heard(self, frame: Frame) -> None:
        self.rehearsal.candidate.hear(frame, self._now())
        self._play()

    def bytes_passed(self, side: Side, data: bytes) -> None:
        if self._track is not None:
            self._track.offer(Piece(side, self._now(), data))

    def failed(self, why: str) -> None:
        self._settle(why)

    def closed(self) -> None:
        if not self.rehearsal.candidate.ended:
            self._settle("it left before the end")
        if self._track is not None:
            self._track.note(Note(Fact.END, self._now(), {"bytes": self._track.offered}))
            self._track = None
        self._closed = True

    def _play(self) -> None:
        if self._line is not None and not self._settled:
            for frame in self.rehearsal.due():
                self._line.send(frame)

    def _settle(self, why: str | None) -> None:
        """Count the session, once."""
        if self._settled or self._dialling is None:
            return
        self._settled = True
        if why is None:
            self._counts.finished += 1
        else:
            self._counts.failed[why] = self._counts.failed.get(why, 0) + 1
            if self._track is not None:
                self._track.note(Note(Fact.INCOMPLETE, self._now(), {"why": f"the candidate: {why}"}))
        self._counts.violations += self.rehearsal.candidate.violations
        # What the champion went on to say after the candidate failed is no disagreement.
        self._counts.over += self.rehearsal.total if why is None else self.rehearsal.so_far

    def _now(self) -> int:
        return self._clock() - self._began_ns
