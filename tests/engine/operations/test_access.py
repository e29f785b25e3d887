"""Who may come in: every way of asking, of services with keys, a secret, a public key, or nothing."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest

from engine.operations.access import Access
from engine.operations.keys import KeyRing, make_key
from engine.operations.tokens import public_key_rule, secret_rule
from engine.operations.visitors import ANYONE, Refusal, Visitor

SECRET = b"a secret of thirty-two bytes or more"
GOOD, KEY = make_key("good", "2026-11-01")
REVOKED, OLD = make_key("old", "2026-11-01")
RING = KeyRing((KEY, OLD)).revoke(OLD.id, "2026-11-02")


@pytest.fixture
def access(rsa_pair: Any) -> Access:
    rules = (public_key_rule(rsa_pair.public, "key.pem", "stt"), secret_rule(SECRET, "stt"))
    return Access(RING, rules)


def status(verdict: Visitor | Refusal) -> int:
    return 200 if isinstance(verdict, Visitor) else int(verdict.status)


def test_without_keys_and_rules_everybody_may_come_in() -> None:
    assert Access().judge([], "") is ANYONE
    assert Access().judge(["Bearer whatever"], "jwt=x") is ANYONE
    assert Access().is_open
    assert not Access(KeyRing()).is_open


@pytest.mark.parametrize(
    ("authorization", "query", "expected"),
    [
        ([f"Bearer {GOOD}"], "", 200),
        ([f"bearer  {GOOD} "], "sm-sdk=x", 200),
        ([f"Bearer {GOOD}x"], "", 401),
        ([f"Bearer {REVOKED}"], "", 403),
        ([f"Token {GOOD}"], "", 401),
        ([GOOD], "", 401),
        (["Bearer"], "", 401),
        ([], "", 401),
        ([], f"jwt={GOOD}", 401),
        ([f"Bearer {GOOD}", f"Bearer {GOOD}"], "", 401),
        (["Bearer none"], "", 401),
        (["Bearer a.b.c"], "", 401),
        ([], "jwt=a&jwt=b", 401),
        (["Bearer \udcff"], "", 401),
    ],
    ids=lambda value: ascii(value).replace(GOOD, "GOOD").replace(REVOKED, "REVOKED"),  # the same in every process
)
def test_api_keys(access: Access, authorization: list[str], query: str, expected: int) -> None:
    assert status(access.judge(authorization, query)) == expected


def test_a_visitor_is_known_by_the_keys_id(access: Access) -> None:
    assert access.judge([f"Bearer {GOOD}"], "") == Visitor(KEY.id, by_key=True)


def test_tokens_in_the_header_and_in_the_address(access: Access, token: Callable[..., str]) -> None:
    good = token(aud="stt")
    assert access.judge([f"Bearer {good}"], "") == Visitor("tenant")
    assert access.judge([], f"sm-sdk=x&jwt={good}") == Visitor("tenant")


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"aud": "stt"}, 200),
        ({"aud": ["other", "stt"]}, 200),
        ({"aud": "other"}, 403),
        ({}, 401),
        ({"aud": "stt", "seconds": -60}, 401),
        ({"aud": "stt", "nbf": 4_000_000_000}, 401),
        ({"aud": "stt", "exp": None}, 401),
        ({"aud": "stt", "key": b"another secret of thirty-two bytes!!"}, 401),
        ({"aud": "stt", "sub": 7}, 401),
    ],
)
def test_tokens_of_a_secret(access: Access, token: Callable[..., str], claims: dict[str, Any], expected: int) -> None:
    assert status(access.judge([f"Bearer {token(**claims)}"], "")) == expected


def test_tokens_of_a_private_key(access: Access, token: Callable[..., str], rsa_pair: Any) -> None:
    made = token(rsa_pair.private, "RS256", aud="stt")
    assert access.judge([f"Bearer {made}"], "") == Visitor("tenant")
    late = access.judge([f"Bearer {token(rsa_pair.private, 'RS256', -60, aud='stt')}"], "")
    assert isinstance(late, Refusal)
    assert "expired" in late.reason


def test_a_public_key_is_never_taken_for_a_secret(rsa_pair: Any) -> None:
    """The classic forgery: sign with HS256 and the public key, which everybody has."""
    import base64
    import hashlib
    import hmac

    def part(text: bytes) -> bytes:
        return base64.urlsafe_b64encode(text).rstrip(b"=")

    body = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(b'{"sub":"x","exp":4000000000}')
    forged = body + b"." + part(hmac.new(rsa_pair.public, body, hashlib.sha256).digest())
    unsigned = part(b'{"alg":"none","typ":"JWT"}') + b"." + part(b'{"sub":"x","exp":4000000000}') + b"."
    access = Access(rules=(public_key_rule(rsa_pair.public, "key.pem"),))
    for token in (forged, unsigned):
        assert status(access.judge([f"Bearer {token.decode()}"], "")) == HTTPStatus.UNAUTHORIZED


def test_reasons_hold_nothing_that_was_presented(access: Access) -> None:
    for presented in ("us_secret", "eyJhbGciOiJIUzI1NiJ9.e30.x"):
        verdict = access.judge([f"Bearer {presented}"], "")
        assert isinstance(verdict, Refusal)
        assert presented not in verdict.reason
