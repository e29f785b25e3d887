from datetime import UTC, datetime
from typing import Any

import pytest

from engine.operations.errors import OperationsError
from engine.operations.tokens import algorithm_of, public_key_rule, secret_rule
from engine.operations.visitors import Visitor

SECRET = b"a secret of thirty-two bytes or more"


@pytest.mark.parametrize("audience", [None, "stt"])
def test_what_a_rule_issues_it_believes(audience: str | None) -> None:
    rule = secret_rule(SECRET, audience)
    now = int(datetime.now(UTC).timestamp())
    made = rule.issue("key-1", now, 60)
    assert rule.verify(made) == Visitor("key-1")
    assert rule.verify(rule.issue("key-1", now - 120, 60)) != Visitor("key-1")
    assert algorithm_of(made) == "HS256"
    assert SECRET.decode() not in repr(rule)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(OperationsError, match="at least 32"):
        secret_rule(b"short")


def test_only_an_rsa_public_key_is_taken(rsa_pair: Any) -> None:
    assert public_key_rule(rsa_pair.public, "key.pem").algorithm == "RS256"
    for pem in (b"", rsa_pair.private, b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        with pytest.raises(OperationsError, match=r"key\.pem"):
            public_key_rule(pem, "key.pem")


def test_what_is_no_token_names_no_algorithm() -> None:
    assert [algorithm_of(text) for text in ("", "a.b.c", "....")] == [None, None, None]
