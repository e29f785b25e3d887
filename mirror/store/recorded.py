"""A stored session, decoded: its handshake and every message of both sides in the order in which they passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.exceptions import ProtocolError

from mirror.errors import StoreError
from mirror.store.format import SUFFIX, Fact, Note, Piece, Side
from mirror.store.frames import Closing, Message, StreamDecoder
from mirror.store.handshake import HEAD_END, Head, parse_head
from mirror.store.recover import Reading
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
    encrypted: bool = False

    @property
    def ended_ns(self) -> int:
        """When the last message passed, since the session began."""
        return self.messages[-1].at_ns if self.messages else 0


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


def read_session(path: Path, identities: Sequence[Any] = ()) -> Session:
    """Read and decode one capture, whole or torn.

    Args:
        path: the file.
        identities: private keys (``privacy.keys.read_identities``), for a file that is encrypted.

    Raises:
        StoreError: it cannot be read, or holds no WebSocket session.
    """
    reading = Reading(path, identities)
    decoder = _Decoder(str(path))
    for item in reading:
        decoder.step(item)
    _check_upgraded(str(path), decoder.heads)
    sidecar = read_sidecar(path)
    label = reading.label
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
        problem=_problem(decoder),
        size=decoder.size,
        encrypted=reading.encrypted,
    )


def _problem(decoder: _Decoder) -> str | None:
    dropped = [note for note in decoder.notes if note.fact is Fact.INCOMPLETE]
    if dropped:
        return f"captured only up to {dropped[0].at_ns / 1e9:.3f} s: {dropped[0].detail.get('why', 'no reason given')}"
    if not any(note.fact is Fact.END for note in decoder.notes):
        return f"torn after {decoder.last_ns / 1e9:.3f} s: the recorder ended before the session did"
    return None


class _Decoder:
    """Everything that the pieces of a recording say; the heads are stored whole, each in a piece of its own."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.heads: dict[Side, Head] = {}
        self.messages: list[Message] = []
        self.closings: list[Closing] = []
        self.notes: list[Note] = []
        self.size = 0
        self.last_ns = 0
        self._decoders: dict[Side, StreamDecoder] = {}

    def step(self, item: Piece | Note) -> None:
        """Take the next piece or note.

        Raises:
            StoreError: the bytes are no WebSocket session.
        """
        if isinstance(item, Note):
            self.notes.append(item)
            return
        self.size += len(item.data)
        self.last_ns = item.at_ns
        if item.side not in self.heads:
            self.heads[item.side] = _head(self._where, item.data)
            return
        if not self._decoders:
            _check_upgraded(self._where, self.heads)
            self._decoders = {side: StreamDecoder(side, self.heads[Side.SERVER]) for side in Side}
        try:
            found = list(self._decoders[item.side].step(item.data, item.at_ns))
        except ProtocolError as error:
            what = f"the {item.side}'s bytes at {item.at_ns / 1e9:.3f} s are no WebSocket frames ({error})"
            raise StoreError(self._where, f"{what}; restore the file or remove it") from None
        self.messages += [message for message in found if isinstance(message, Message)]
        self.closings += [message for message in found if isinstance(message, Closing)]


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
