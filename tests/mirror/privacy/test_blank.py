"""Credentials inside messages are overwritten; everything else, and every length, stays."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.privacy.blank import Blanker
from mirror.privacy.redact import Names

BLANK = Blanker().blanked


@pytest.mark.parametrize(
    "text",
    [
        b'{"token": "SECRET"}',
        b'{"auth_headers": ["Authorization: Bearer SECRET", "X: SECRET"]}',
        b'{"client_secret": {"value": "SECRET", "expires_at": 1}}',
        b'{"api_key":"SE\\"CRET"}',
        b'{"url": "https://example.org/a.wav?X-Amz-Signature=SECRET&b=1"}',
        b'{"value": "eyJhbGciOiJI.SECRET.SECRET"}',
        b'{"value": "sk-SECRETSECRETSECRET12"}',
        b'noise\xff\x00 "x": "password": "SECRET"',
    ],
)
def test_credentials_go(text: bytes) -> None:
    kept = BLANK(text)
    assert b"SECRET" not in kept
    assert b"CRET" not in kept
    assert len(kept) == len(text)


@pytest.mark.parametrize(
    "message",
    [
        {"message": "StartRecognition", "transcription_config": {"language": "en", "additional_vocab": ["token"]}},
        {"results": [{"alternatives": [{"content": "password"}]}], "usage": {"input_tokens": 5}},
        {"type": "input_audio_buffer.append", "audio": "c2tzZWNyZXRhdXRo" * 200},
        {"message": "AddTranscript", "metadata": {"transcript": "my secret token is eyJ"}},
    ],
)
def test_speech_stays(message: dict[str, object]) -> None:
    text = json.dumps(message).encode()
    assert BLANK(text) == text


def test_own_fields_go_too() -> None:
    blank = Blanker(Names(fields=frozenset({"customer"}))).blanked
    assert blank(b'{"Customer": "Ann", "customers": "2"}') == b'{"Customer": "***", "customers": "2"}'


@settings(max_examples=40, deadline=None)
@given(st.recursive(st.text() | st.integers() | st.none(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)))
def test_json_stays_json_of_the_same_length(value: object) -> None:
    text = json.dumps({"token": value, "word": "hello"}).encode()
    kept = BLANK(text)
    assert len(kept) == len(text)
    assert json.loads(kept)["word"] == "hello"


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_keep_their_length(data: bytes) -> None:
    assert len(BLANK(data)) == len(data)
