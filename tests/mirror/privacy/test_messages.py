"""Messages searched for credentials: whatever the frames and the cuts, they decode to what was said, but blanked."""

from __future__ import annotations

import contextlib
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from mirror.privacy.blank import Blanker
from mirror.privacy.messages import HELD_LIMIT, MessageSearch, Unsearchable
from mirror.store.format import Side
from mirror.store.frames import Message, StreamDecoder
from mirror.store.handshake import Head

PLAIN = Head("HTTP/1.1 101 Switching Protocols")
DEFLATE = Head(PLAIN.first_line, (("Sec-WebSocket-Extensions", "permessage-deflate"),))
BLANK = Blanker().blanked


def wire(messages: list[str | bytes], masked: bool, fragments: int, deflate: bool) -> bytes:
    extensions = [PerMessageDeflate(False, False, 15, 15)] if deflate else []
    data = b""
    for message in messages:
        payload = message.encode() if isinstance(message, str) else message
        first = Opcode.TEXT if isinstance(message, str) else Opcode.BINARY
        size = max(1, -(-len(payload) // fragments))
        parts = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
        for number, part in enumerate(parts):
            frame = Frame(Opcode.CONT if number else first, part, fin=number == len(parts) - 1)
            data += frame.serialize(mask=masked, extensions=extensions)
            data += Frame(Opcode.PING, b"still there?").serialize(mask=masked)
    return data


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=40), st.binary(max_size=300), st.just('{"token": "SECRET"}')), max_size=5),
    st.sampled_from(Side),
    st.integers(1, 4),
    st.booleans(),
    st.integers(1, 400),
)
def test_what_is_kept_decodes_to_what_was_said(
    messages: list[str | bytes], side: Side, fragments: int, deflate: bool, step: int
) -> None:
    data, head = wire(messages, side is Side.CLIENT, fragments, deflate), DEFLATE if deflate else PLAIN
    search, decoder = MessageSearch(side, head, BLANK), StreamDecoder(side, head)
    kept = b"".join(search.step(data[at : at + step]) for at in range(0, len(data), step))
    found = [item.content for item in decoder.step(kept, 0) if isinstance(item, Message)]
    assert found == [BLANK(m.encode()).decode() if isinstance(m, str) else m for m in messages]
    assert b"SECRET" not in kept
    assert deflate or len(kept) == len(data)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(Side), st.booleans())
def test_any_bytes_are_kept_or_unsearchable(data: bytes, side: Side, deflate: bool) -> None:
    with contextlib.suppress(Unsearchable):
        MessageSearch(side, DEFLATE if deflate else PLAIN, BLANK).step(data)


def test_a_long_text_is_refused_before_it_is_held() -> None:
    search = MessageSearch(Side.SERVER, PLAIN, BLANK)
    with pytest.raises(Unsearchable, match="cannot be searched") as caught:
        search.step(b"\x81\x02hi\x81\x7f" + (HELD_LIMIT + 1).to_bytes(8, "big"))
    assert caught.value.kept == b"\x81\x02hi"


def test_a_bomb_is_not_inflated() -> None:
    deflate = zlib.compressobj(9, wbits=-15)
    bomb = (deflate.compress(bytes(2**26)) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    assert len(bomb) < HELD_LIMIT
    with pytest.raises(Unsearchable, match="inflates to over"):
        MessageSearch(Side.SERVER, DEFLATE, BLANK).step(b"\xc2\x7f" + len(bomb).to_bytes(8, "big") + bomb)
