"""Messages out of bytes, whatever way the network cut them."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import ProtocolError
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from mirror.store.format import Side
from mirror.store.frames import Closing, Message, StreamDecoder
from mirror.store.handshake import Head

PLAIN = Head("HTTP/1.1 101 Switching Protocols")
DEFLATE = Head(PLAIN.first_line, (("Sec-WebSocket-Extensions", "permessage-deflate; client_no_context_takeover"),))


def wire(messages: list[str | bytes], masked: bool, fragments: int = 1, deflate: bool = False) -> bytes:
    """The messages as frames, each cut into so many fragments."""
    extensions = [PerMessageDeflate(False, masked, 15, 15)] if deflate else []
    data = b""
    for message in messages:
        payload = message.encode() if isinstance(message, str) else message
        first = Opcode.TEXT if isinstance(message, str) else Opcode.BINARY
        size = max(1, -(-len(payload) // fragments))
        parts = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
        for number, part in enumerate(parts):
            opcode = Opcode.CONT if number else first
            frame = Frame(opcode, part, fin=number == len(parts) - 1)
            data += frame.serialize(mask=masked, extensions=extensions)
            data += Frame(Opcode.PING, b"still there?").serialize(mask=masked)
    return data


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=40), st.binary(max_size=300)), max_size=5),
    st.sampled_from(Side),
    st.integers(1, 4),
    st.booleans(),
    st.integers(1, 400),
)
def test_messages_survive_masking_fragments_compression_and_cuts(
    messages: list[str | bytes], side: Side, fragments: int, deflate: bool, step: int
) -> None:
    data = wire(messages, side is Side.CLIENT, fragments, deflate)
    decoder = StreamDecoder(side, DEFLATE if deflate else PLAIN)
    found = [
        message
        for at in range(0, len(data), step)
        for message in decoder.step(data[at : at + step], at)
        if isinstance(message, Message)
    ]
    assert [message.content for message in found] == messages
    assert [message.at_ns for message in found] == sorted(message.at_ns for message in found)


def test_close_frame() -> None:
    data = Frame(Opcode.CLOSE, b"\x0f\xa4invalid_model").serialize(mask=False)
    assert list(StreamDecoder(Side.SERVER, PLAIN).step(data, 7)) == [Closing(Side.SERVER, 7, 4004, "invalid_model")]
    empty = Frame(Opcode.CLOSE, b"").serialize(mask=True)
    assert list(StreamDecoder(Side.CLIENT, PLAIN).step(empty, 7)) == [Closing(Side.CLIENT, 7, None, "")]


def test_big_message_in_network_sized_cuts() -> None:
    payload = os.urandom(3_000_000)
    data, decoder = wire([payload], masked=True), StreamDecoder(Side.CLIENT, PLAIN)
    found = [item for at in range(0, len(data), 65_536) for item in decoder.step(data[at : at + 65_536], at)]
    assert [item.content for item in found if isinstance(item, Message)] == [payload]


def test_noise_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError):
        list(StreamDecoder(Side.CLIENT, PLAIN).step(b"\xff\x00 no frames at all", 0))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(Side))
def test_any_bytes_are_messages_or_a_protocol_error(data: bytes, side: Side) -> None:
    try:
        list(StreamDecoder(side, PLAIN).step(data, 0))
    except ProtocolError:
        return
