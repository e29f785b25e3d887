"""No credential reaches the store, and nothing else is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.privacy.redact import REDACTED, redact, redact_url
from mirror.store.handshake import Head, parse_head

SECRET = "s3cr3tS3CR3Ts3cr3tS3CR3Ts3cr3t"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", f"Bearer {SECRET}"),
        ("authorization", f"Token {SECRET}"),
        ("Proxy-Authorization", SECRET),
        ("Cookie", f"sid={SECRET}"),
        ("Set-Cookie", f"sid={SECRET}; HttpOnly"),
        ("X-Api-Key", SECRET),
        ("xi-api-key", SECRET),
        ("X-Amz-Security-Token", SECRET),
        ("Sec-WebSocket-Protocol", f"token, {SECRET}"),
        ("Sec-WebSocket-Protocol", f"realtime, openai-insecure-api-key.{SECRET}"),
        ("Referer", f"https://example.org/page?jwt={SECRET}&lang=en"),
        ("X-Forwarded-For", f"{SECRET}, 10.0.0.1"),
        ("X-Anything", SECRET),
        ("X-Other", "eyJhbGciOi.eyJzdWIi.c2ln"),
    ],
)
def test_credentials_in_headers_go(name: str, value: str) -> None:
    ((kept_name, kept),) = redact(Head("GET / HTTP/1.1", ((name, value),))).headers
    assert kept_name == name
    assert REDACTED in kept
    assert SECRET not in kept
    assert "eyJ" not in kept


@pytest.mark.parametrize(
    "parameter",
    ["jwt", "token", "access_token", "api_key", "apikey", "api-key", "key", "sig", "X-Amz-Signature", "code"],
)
def test_credentials_in_the_query_go(parameter: str) -> None:
    head = redact(Head(f"GET /v2/en?sm-sdk=js-8.5.1&{parameter}=abc&language=en HTTP/1.1"))
    assert head.first_line == f"GET /v2/en?sm-sdk=js-8.5.1&{parameter}={REDACTED}&language=en HTTP/1.1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "127.0.0.1:9000"),
        ("User-Agent", "Python/3.11 websockets/17.0"),
        ("X-Request-Id", "3f8e2a52-6c1c-4e49-9f0e-4ad4a1b1f0cd"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
        ("Content-Type", "application/json; charset=utf-8"),
    ],
)
def test_everything_else_stays(name: str, value: str) -> None:
    assert redact(Head("GET / HTTP/1.1", ((name, value),))).headers == ((name, value),)


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="&;# ?"), min_size=1))
def test_no_value_of_a_secret_parameter_survives(value: str) -> None:
    assert redact_url(f"/v2?jwt={value}") == f"/v2?jwt={REDACTED}"


_TOKEN = st.from_regex(re.compile(r"[A-Za-z][A-Za-z0-9-]{0,12}"), fullmatch=True)
_VALUE = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=20)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(_TOKEN, _VALUE), max_size=6))
def test_head_survives_a_round_trip(headers: list[tuple[str, str]]) -> None:
    head = Head("GET /v2 HTTP/1.1", tuple(headers))
    assert parse_head(head.encode()) == head


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_head_or_none(data: bytes) -> None:
    head = parse_head(data)
    assert head is None or "HTTP/" in head.first_line
