"""What of a connection is stored, cut by the network wherever it likes."""

from __future__ import annotations

import hashlib
import itertools
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from mirror.capture.conversation import Conversation
from mirror.capture.http_framing import HEAD_LIMIT
from mirror.privacy.rules import EVERYTHING, Rules, Tenant
from mirror.store.format import Fact, Note, Piece, Side
from mirror.store.frames import Message, StreamDecoder
from mirror.store.handshake import Head

REQUEST = b"GET /v2?jwt=SECRET HTTP/1.1\r\nUpgrade: websocket\r\nAuthorization: Bearer SECRET\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
REFUSE = b'HTTP/1.1 401 Unauthorized\r\nSet-Cookie: sid=SECRET\r\nContent-Length: 18\r\n\r\n{"token": "SECRET"}'
FRAMES = Frame(Opcode.BINARY, b"speech").serialize(mask=True)


def stored(pieces: list[tuple[Side, bytes]], rules: Rules = EVERYTHING) -> tuple[dict[Side, bytes], list[Note]]:
    """What the store would hold of these pieces."""
    conversation, kept, notes = Conversation("session", rules), {Side.CLIENT: b"", Side.SERVER: b""}, []
    items = [item for at_ns, (side, data) in enumerate(pieces) for item in conversation.step(Piece(side, at_ns, data))]
    for item in [*items, *conversation.end(len(pieces))]:
        if isinstance(item, Note):
            notes.append(item)
        else:
            kept[item.side] += item.data
    return kept, notes


def cut(data: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(bounds)]


CUTS = st.lists(st.integers(0, 10_000), max_size=8)


@settings(max_examples=50, deadline=None)
@given(CUTS, CUTS)
def test_cuts_change_nothing(client_cuts: list[int], server_cuts: list[int]) -> None:
    pieces = [(Side.CLIENT, part) for part in cut(REQUEST + FRAMES, client_cuts)]
    pieces += [(Side.SERVER, part) for part in cut(SWITCH + b"\x81\x05hello", server_cuts)]
    kept, notes = stored([*pieces, (Side.CLIENT, FRAMES)])
    assert kept[Side.CLIENT].endswith(b"\r\n\r\n" + FRAMES + FRAMES)
    assert kept[Side.SERVER] == SWITCH + b"\x81\x05hello"
    assert b"SECRET" not in kept[Side.CLIENT]
    assert notes == []


def test_refused_upgrade_keeps_what_was_said_without_credentials() -> None:
    kept, notes = stored([(Side.CLIENT, REQUEST), (Side.SERVER, REFUSE)])
    assert b"SECRET" not in kept[Side.CLIENT] + kept[Side.SERVER]
    assert kept[Side.SERVER].startswith(b"HTTP/1.1 401")
    assert kept[Side.SERVER].endswith(b'{"token": "******"')
    assert [note.fact for note in notes] == [Fact.HTTP_ONLY]


POST = b"POST /v2/jobs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = b'd\r\n{"jwt": "SECR\r\n4\r\nET"}\r\n0\r\nTrailer: x\r\n\r\n'
GET = b"GET /v2/jobs/1?token=SECRET HTTP/1.1\r\n\r\n"
HEAD = b"HEAD /v2/jobs/1 HTTP/1.1\r\n\r\n"
ANSWERS = (
    b"HTTP/1.1 100 Continue\r\n\r\n"
    b'HTTP/1.1 201 Created\r\nContent-Length: 11\r\n\r\n{"id": "1"}'
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"  # of HEAD: no body follows
    b"HTTP/1.1 204 No Content\r\n\r\n"
)


@settings(max_examples=50, deadline=None)
@given(CUTS, CUTS)
def test_pipelined_exchanges_and_then_a_websocket(client_cuts: list[int], server_cuts: list[int]) -> None:
    asked, answered = POST + CHUNKS + GET + HEAD + GET + REQUEST + FRAMES, ANSWERS + SWITCH + b"\x81\x02hi"
    pieces = [(Side.CLIENT, part) for part in cut(asked, client_cuts)]
    pieces += [(Side.SERVER, part) for part in cut(answered, server_cuts)]
    kept, notes = stored(pieces)
    assert kept[Side.SERVER] == answered
    assert kept[Side.CLIENT].startswith(POST + CHUNKS.replace(b"SECR", b"****").replace(b'ET"', b'**"'))
    assert kept[Side.CLIENT].endswith(b"\r\n\r\n" + FRAMES)
    assert kept[Side.CLIENT].count(b"token=REDACTED") == 2
    assert b"SECR" not in kept[Side.CLIENT]
    assert notes == []


def tenant(token: str, share: float = 1.0) -> Rules:
    return Rules(tenants={"acme": Tenant((hashlib.sha256(token.encode()).hexdigest(),), share)})


def test_only_the_exchanges_of_who_consented_are_kept() -> None:
    mine = GET.replace(b"SECRET", b"MINE")
    other = GET.replace(b"SECRET", b"OTHER")
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
    pieces = [(Side.CLIENT, other + mine + other), (Side.SERVER, b"".join(answer + b for b in (b"1", b"2", b"3")))]
    kept, _ = stored(pieces, tenant("MINE"))
    assert kept[Side.SERVER] == answer + b"2"
    assert kept[Side.CLIENT].count(b"GET") == 1


def test_a_websocket_without_consent_is_not_listened_to() -> None:
    conversation = Conversation("session", tenant("MINE"))
    for piece in (Piece(Side.CLIENT, 0, REQUEST), Piece(Side.SERVER, 1, SWITCH), Piece(Side.CLIENT, 2, FRAMES)):
        assert list(conversation.step(piece)) == []
    assert conversation.deaf


def test_credentials_in_text_are_blanked_whatever_the_frames() -> None:
    text = b'{"type": "session.created", "session": {"client_secret": {"value": "SECRET", "expires_at": 1}}}'
    parts = [text[:60], text[60:70], text[70:]]
    said = [Frame(Opcode.TEXT, parts[0], fin=False), Frame(Opcode.PING, b""), Frame(Opcode.CONT, parts[1], fin=False),
            Frame(Opcode.CONT, parts[2])]  # fmt: skip
    for mask, side in ((False, Side.SERVER), (True, Side.CLIENT)):
        wire = b"".join(frame.serialize(mask=mask) for frame in said)
        kept, notes = stored([(Side.CLIENT, REQUEST), (Side.SERVER, SWITCH), (side, wire)])
        assert notes == []
        decoder = StreamDecoder(side, Head("HTTP/1.1 101 x"))
        frames = kept[side][-len(wire) :]
        (found,) = [item for item in decoder.step(frames, 0) if isinstance(item, Message)]
        assert found.content == text.replace(b"SECRET", b"******").decode()


def test_compressed_text_is_kept_plain_and_blanked() -> None:
    switch = SWITCH[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    deflate = zlib.compressobj(wbits=-15)
    wire = b""
    for number in range(3):
        text = b'{"token": "SECRET%d", "word": "hello"}' % number
        data = (deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
        wire += bytes([0xC1, len(data)]) + data
    kept, notes = stored([(Side.CLIENT, REQUEST), (Side.SERVER, switch + wire[:20]), (Side.SERVER, wire[20:])])
    assert kept[Side.SERVER].count(b'{"token": "*******", "word": "hello"}') == 3
    assert notes == []


def test_a_text_too_long_to_search_ends_the_capture_with_a_mark() -> None:
    huge = b"\x81\x7f" + (100 * 2**20).to_bytes(8, "big")
    kept, notes = stored(
        [(Side.CLIENT, REQUEST), (Side.SERVER, SWITCH + b"\x81\x02hi" + huge), (Side.SERVER, b"x" * 99)]
    )
    assert kept[Side.SERVER] == SWITCH + b"\x81\x02hi"
    assert [note.fact for note in notes] == [Fact.INCOMPLETE]
    assert "cannot be searched" in notes[0].detail["why"]


def test_a_huge_binary_message_is_never_held() -> None:
    conversation = Conversation("session", EVERYTHING)
    for piece in (Piece(Side.CLIENT, 0, REQUEST), Piece(Side.SERVER, 1, SWITCH)):
        list(conversation.step(piece))
    head = b"\x82\x7f" + (100 * 2**20).to_bytes(8, "big")
    (first,) = conversation.step(Piece(Side.SERVER, 2, head + b"audio"))
    (second,) = conversation.step(Piece(Side.SERVER, 3, b"more"))
    assert (first, second) == (Piece(Side.SERVER, 2, head + b"audio"), Piece(Side.SERVER, 3, b"more"))


def test_what_is_no_http_is_not_kept() -> None:
    assert stored([(Side.CLIENT, b"\x16\x03\x01 a TLS hello\r\n\r\n")])[0][Side.CLIENT] == b""
    kept, _ = stored([(Side.CLIENT, b"x" * (HEAD_LIMIT + 1)), (Side.CLIENT, b"\r\n\r\n")])
    assert kept[Side.CLIENT] == b""
    both = b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert stored([(Side.CLIENT, both + b"abc")])[0][Side.CLIENT] == b""


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Side), st.binary(max_size=60)), max_size=8), st.booleans())
def test_any_bytes_are_survived(pieces: list[tuple[Side, bytes]], opened: bool) -> None:
    before = [(Side.CLIENT, REQUEST), (Side.SERVER, SWITCH)] if opened else []
    stored(before + pieces)
