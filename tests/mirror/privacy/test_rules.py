"""capture.toml: nobody's speech is kept unless they said so, and every mistake in the file is told by its key."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.errors import CaptureError
from mirror.privacy.rules import EVERYTHING, NOTHING, Admission, lot, parse_rules, read_rules
from mirror.store.handshake import Head

DIGEST = hashlib.sha256(b"KEY").hexdigest()
ACME = f'[tenants.acme]\ntoken_sha256 = ["{DIGEST}"]\n'
HEADER = '[consent]\nname = "X-Capture-Consent"\nvalue = "yes"\ntenant = "X-Tenant"\n'


def head(*headers: tuple[str, str], target: str = "/v2") -> Head:
    return Head(f"GET {target} HTTP/1.1", headers)


def test_nothing_is_kept_by_default() -> None:
    for rules in (NOTHING, parse_rules("", "x"), parse_rules("share = 1.0", "x"), parse_rules("[tenants.a]", "x")):
        assert rules.keeps_nothing
        assert rules.admit(head(("Authorization", "Bearer KEY")), "s") is None
    assert EVERYTHING.admit(head(), "s") == Admission(None)


@pytest.mark.parametrize(
    "request_",
    [
        head(("Authorization", "Bearer KEY")),
        head(("authorization", "Token KEY")),
        head(("X-Api-Key", "KEY")),
        head(("Sec-WebSocket-Protocol", "token, KEY")),
        head(("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.KEY")),
        head(target="/v2?sm-sdk=js&jwt=KEY"),
    ],
)
def test_a_tenant_is_known_by_its_token_wherever_the_client_puts_it(request_: Head) -> None:
    rules = parse_rules(ACME, "x")
    assert rules.admit(request_, "s") == Admission("acme")
    assert not rules.keeps_nothing
    assert Admission("acme").tags == {"tenant": "acme"}


def test_another_token_or_none_is_not_consent() -> None:
    rules = parse_rules(ACME, "x")
    for other in (head(), head(("Authorization", "Bearer OTHER")), head(("X-Anything", "KEY")), head(target="/KEY")):
        assert rules.admit(other, "s") is None


def test_consent_by_header() -> None:
    rules = parse_rules(HEADER, "x")
    assert rules.admit(head(("x-capture-consent", "Yes"), ("X-Tenant", "acme")), "s") == Admission("acme")
    assert rules.admit(head(("x-capture-consent", "yes")), "s") == Admission(None)
    assert rules.admit(head(("x-capture-consent", "no")), "s") is None


def test_the_share_of_a_tenant_wins() -> None:
    rules = parse_rules(f"share = 0.0\n{ACME}share = 1.0\n{HEADER}", "x")
    assert rules.admit(head(("Authorization", "Bearer KEY")), "s") == Admission("acme")
    assert rules.admit(head(("X-Capture-Consent", "yes")), "s") is None


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40))
def test_a_lot_is_drawn_once(session: str) -> None:
    assert 0 <= lot(session) < 1
    assert lot(session) == lot(session)


def test_a_share_is_kept_to() -> None:
    rules = parse_rules(f"share = 0.25\n{ACME}", "x")
    request_ = head(("Authorization", "Bearer KEY"))
    kept = sum(rules.admit(request_, f"session-{number}") is not None for number in range(4_000))
    assert 900 < kept < 1_100


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("share = ", "f.toml: not TOML"),
        ("shares = 0.5", "shares: unknown key; did you mean 'share'?"),
        ("[limits]\nsecond = 3", "limits.second: unknown key; did you mean 'seconds'?"),
        ("[limits]\nseconds = 0", "limits.seconds: input should be greater than 0, got 0"),
        ("share = 2", "share: input should be less than or equal to 1, got 2"),
        ("consent_of_all = true", "consent_of_all: cannot be said in a file"),
        ('[consent]\nname = "x"', "consent.value: is missing"),
        ('[tenants.a]\ntoken_sha256 = ["secret"]', "tenants.a.token_sha256: 'secret'... is no SHA-256"),
        ('recipients = ["age1x"]', "no age public key"),
    ],
)
def test_mistakes_are_told_with_file_and_key(text: str, told: str) -> None:
    with pytest.raises(CaptureError) as caught:
        parse_rules(text, "f.toml")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"give the path of a capture\.toml"):
        read_rules(tmp_path / "none.toml")
    (tmp_path / "capture.toml").write_text(ACME)
    assert list(read_rules(tmp_path / "capture.toml").tenants) == ["acme"]
