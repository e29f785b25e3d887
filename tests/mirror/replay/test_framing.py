"""Frames as bytes, against the library's own parser."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from mirror.replay.framing import BINARY, TEXT, masked, payload_at

SIZES = st.one_of(st.integers(0, 300), st.sampled_from([125, 126, 65_535, 65_536, 70_000]))


@settings(max_examples=60, deadline=None)
@given(SIZES, st.sampled_from([TEXT, BINARY]))
def test_what_is_sent_is_what_the_library_reads(size: int, first: int) -> None:
    data = bytes(value % 251 for value in range(size))
    reader = StreamReader()
    reader.feed_data(masked(data, first))
    reader.feed_eof()
    parser = Frame.parse(reader.read_exact, mask=True, max_size=None)
    with pytest.raises(StopIteration) as done:
        next(parser)
    found = done.value.value
    assert (bytes(found.data), found.fin) == (data, True)
    assert found.opcode is (Opcode.TEXT if first == TEXT else Opcode.BINARY)
    assert reader.buffer == b""


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 20), st.integers(0, 12))
def test_payloads_are_found_where_the_library_wrote_them(size: int, before: int, cut: int) -> None:
    frame = Frame(Opcode.TEXT, bytes(size)).serialize(mask=False)
    data = bytes(before) + frame
    begin, end = payload_at(data, before) or (0, 0)
    assert (end, end - begin) == (len(data), size)
    head = begin - before
    assert (payload_at(data[: before + cut], before) is None) == (cut < head)
