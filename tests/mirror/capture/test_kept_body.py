"""Bodies of HTTP messages: credentials go, lengths stay, and nothing grows in memory."""

from __future__ import annotations

import gzip
import json
import random

from mirror.capture.http_framing import Body
from mirror.capture.kept_body import HELD_BYTES, KeptBody
from mirror.privacy.blank import Blanker
from mirror.store.handshake import Head

BLANK = Blanker().blanked


def kept(head: Head, *parts: bytes) -> bytes:
    body = KeptBody(head, BLANK)
    return b"".join([*(body.step(Body(part, payload=True)) for part in parts), body.end()])


def test_multipart_with_a_large_file_before_its_config() -> None:
    head = Head("POST /v2/jobs HTTP/1.1", (("Content-Type", "multipart/form-data; boundary=b"),))
    audio, config = (
        random.Random(1).randbytes(3 * HELD_BYTES),
        b'--b\r\n\r\n{"auth_headers": ["Authorization: Bearer SECRET"]}\r\n--b--',
    )
    data = audio + config
    parts = [data[at : at + 65_536] for at in range(0, len(data), 65_536)]
    body, held = KeptBody(head, BLANK), []
    found = b""
    for part in parts:
        found += body.step(Body(part, payload=True))
        held.append(len(found))
    found += body.end()
    assert len(found) == len(data)
    assert found[: len(audio)] == audio
    assert b"SECRET" not in found
    assert held[-1] >= len(data) - HELD_BYTES - 65_536


def test_a_credential_on_the_border_of_a_window_is_seen_whole() -> None:
    head = Head("POST / HTTP/1.1")
    secret = b'{"token": "' + b"S" * 2_000 + b'"}'
    for shift in (0, 500, 1_500, 2_500):
        data = b"x" * (HELD_BYTES - shift) + secret + b"y" * HELD_BYTES
        found = kept(head, *(data[at : at + 10_000] for at in range(0, len(data), 10_000)))
        assert b"S" not in found
        assert len(found) == len(data)


def test_compressed_bodies_are_kept_only_where_there_is_nothing_to_blank() -> None:
    head = Head("HTTP/1.1 200 OK", (("Content-Encoding", "gzip"),))
    clean = gzip.compress(json.dumps({"transcript": "hello"}).encode())
    secret = gzip.compress(json.dumps({"token": "SECRET"}).encode())
    assert kept(head, clean) == clean
    assert kept(head, secret) == bytes(len(secret))
    assert kept(head, b"no gzip at all") == bytes(14)


def test_audio_passes_as_it_comes() -> None:
    body = KeptBody(Head("POST / HTTP/1.1", (("Content-Type", "audio/wav"),)), BLANK)
    assert body.step(Body(b"RIFF", payload=True)) == b"RIFF"
    assert body.end() == b""
