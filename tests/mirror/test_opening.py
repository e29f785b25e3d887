"""What of a connection is stored, cut by the network wherever it likes."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.capture.opening import HEAD_LIMIT, Opening
from mirror.store.format import Fact, Note, Piece, Side

REQUEST = b"GET /v2?jwt=SECRET HTTP/1.1\r\nUpgrade: websocket\r\nAuthorization: Bearer SECRET\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
REFUSE = b"HTTP/1.1 401 Unauthorized\r\nSet-Cookie: sid=SECRET\r\n\r\nbody SECRET"


def stored(pieces: list[tuple[Side, bytes]]) -> tuple[dict[Side, bytes], list[Note]]:
    """What the store would hold of these pieces."""
    opening, kept, notes = Opening(), {Side.CLIENT: b"", Side.SERVER: b""}, []
    for at_ns, (side, data) in enumerate(pieces):
        for item in opening.step(Piece(side, at_ns, data)):
            if isinstance(item, Note):
                notes.append(item)
            else:
                kept[item.side] += item.data
    return kept, notes


def cut(data: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(bounds)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 10_000), max_size=8), st.lists(st.integers(0, 10_000), max_size=8))
def test_cuts_change_nothing(client_cuts: list[int], server_cuts: list[int]) -> None:
    pieces = [(Side.CLIENT, part) for part in cut(REQUEST + b"early", client_cuts)]
    pieces += [(Side.SERVER, part) for part in cut(SWITCH + b"hello", server_cuts)]
    kept, notes = stored([*pieces, (Side.CLIENT, b"later")])
    assert kept[Side.CLIENT].endswith(b"\r\n\r\nearlylater")
    assert kept[Side.SERVER] == SWITCH + b"hello"
    assert b"SECRET" not in kept[Side.CLIENT]
    assert notes == []


def test_refused_upgrade_keeps_heads_only() -> None:
    kept, notes = stored([(Side.CLIENT, REQUEST + b"SECRET"), (Side.SERVER, REFUSE), (Side.CLIENT, b"SECRET")])
    assert b"SECRET" not in kept[Side.CLIENT] + kept[Side.SERVER]
    assert kept[Side.SERVER].startswith(b"HTTP/1.1 401")
    assert [(note.fact, note.detail["why"]) for note in notes] == [(Fact.HTTP_ONLY, "the server answered 401")]


def test_plain_http_keeps_its_first_head_only() -> None:
    kept, notes = stored(
        [(Side.CLIENT, b"POST /v2/jobs HTTP/1.1\r\n\r\nSECRET"), (Side.SERVER, b"HTTP/1.1 200 OK\r\n\r\n")]
    )
    assert kept == {Side.CLIENT: b"POST /v2/jobs HTTP/1.1\r\n\r\n", Side.SERVER: b""}
    assert len(notes) == 1


def test_what_is_no_http_is_not_kept() -> None:
    assert stored([(Side.CLIENT, b"\x16\x03\x01 a TLS hello\r\n\r\n")])[0][Side.CLIENT] == b""
    kept, notes = stored([(Side.CLIENT, b"x" * (HEAD_LIMIT + 1)), (Side.CLIENT, b"\r\n\r\n")])
    assert kept[Side.CLIENT] == b""
    assert notes[0].detail["why"] == "its head has no end"
