"""A stored session, decoded: its handshake and every message of both sides in the order in which they passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from websockets.exceptions import ProtocolError

from mirror.errors import StoreError
from mirror.store.format import SUFFIX, Fact, Side
from mirror.store.frames import Closing, Message, StreamDecoder
from mirror.store.handshake import HEAD_END, Head, parse_head
from mirror.store.recover import Recording, read_recording
from mirror.store.sidecar import read_sidecar


@dataclass(frozen=True, slots=True)
class Session:
    """One captured WebSocket session."""

    id: str
    path: Path
    began_utc_ns: int
    upstream: str
    tags: Mapping[str, str]  # of the capture and of the sidecar, which wins
    cluster: str | None  # of the sidecar
    request: Head
    response: Head
    messages: tuple[Message, ...]  # both sides
    closings: tuple[Closing, ...]  # close frames, the first one came first
    problem: str | None  # why it is incomplete; None when everything was captured
    size: int  # bytes of both sides

    @property
    def ended_ns(self) -> int:
        """When the last message passed, since the session began."""
        return self.messages[-1].at_ns if self.messages else 0


def sessions(store: Path, on_problem: Callable[[StoreError], None]) -> Iterator[Session]:
    """The sessions of a store in order of time; one that cannot be read is told and passed over.

    Args:
        store: folder of captures, or one capture.
        on_problem: told of each file that holds no readable session; the others go on.

    Raises:
        StoreError: the store does not exist.
    """
    for path in capture_paths(store):
        try:
            yield read_session(path)
        except StoreError as error:
            on_problem(error)


def capture_paths(store: Path) -> list[Path]:
    """The capture files of a store.

    Raises:
        StoreError: the store does not exist.
    """
    if store.is_file():
        return [store]
    if not store.is_dir():
        raise StoreError(str(store), "no such store; give the folder that `understudy capture --store` wrote")
    return sorted(store.glob(f"*{SUFFIX}"))


def read_session(path: Path) -> Session:
    """Read and decode one capture, whole or torn.

    Raises:
        StoreError: it cannot be read, or holds no WebSocket session.
    """
    recording = read_recording(path)
    decoder = _Decoder(recording)
    sidecar = read_sidecar(path)
    label = recording.label
    return Session(
        id=label.session,
        path=path,
        began_utc_ns=label.began_utc_ns,
        upstream=label.upstream,
        tags={**label.tags, **sidecar.tags},
        cluster=sidecar.cluster,
        request=decoder.heads[Side.CLIENT],
        response=decoder.heads[Side.SERVER],
        messages=tuple(decoder.messages),
        closings=tuple(decoder.closings),
        problem=_problem(recording),
        size=sum(len(piece.data) for piece in recording.pieces),
    )


def _problem(recording: Recording) -> str | None:
    dropped = [note for note in recording.notes if note.fact is Fact.INCOMPLETE]
    if dropped:
        return f"captured only up to {dropped[0].at_ns / 1e9:.3f} s: {dropped[0].detail.get('why', 'no reason given')}"
    if not recording.ended:
        last = recording.pieces[-1].at_ns if recording.pieces else 0
        return f"torn after {last / 1e9:.3f} s: the recorder ended before the session did"
    return None


class _Decoder:
    """Everything that the pieces of a recording say; the heads are stored whole, each in a piece of its own."""

    def __init__(self, recording: Recording) -> None:
        self.heads: dict[Side, Head] = {}
        self.messages: list[Message] = []
        self.closings: list[Closing] = []
        where, decoders = str(recording.path), dict[Side, StreamDecoder]()
        for piece in recording.pieces:
            if piece.side not in self.heads:
                self.heads[piece.side] = _head(where, piece.data)
                continue
            if not decoders:
                _check_upgraded(where, self.heads)
                decoders = {side: StreamDecoder(side, self.heads[Side.SERVER]) for side in Side}
            try:
                found = list(decoders[piece.side].step(piece.data, piece.at_ns))
            except ProtocolError as error:
                what = f"the {piece.side}'s bytes at {piece.at_ns / 1e9:.3f} s are no WebSocket frames ({error})"
                raise StoreError(where, f"{what}; restore the file or remove it") from None
            self.messages += [item for item in found if isinstance(item, Message)]
            self.closings += [item for item in found if isinstance(item, Closing)]
        _check_upgraded(where, self.heads)


def _head(where: str, data: bytes) -> Head:
    head = parse_head(data) if data.endswith(HEAD_END) else None
    if head is None:
        raise StoreError(where, "does not begin with an HTTP head; restore the file or remove it")
    return head


def _check_upgraded(where: str, heads: Mapping[Side, Head]) -> None:
    response = heads.get(Side.SERVER)
    if Side.CLIENT not in heads or response is None:
        raise StoreError(where, "holds no WebSocket session: the handshake is not in it; nothing to do")
    if response.status != 101:
        raise StoreError(where, f"holds no WebSocket session: the recogniser answered {response.status}; nothing to do")
