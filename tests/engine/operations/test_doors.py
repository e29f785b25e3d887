import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.operations.doors import read_access, read_certificate
from engine.operations.errors import OperationsError
from engine.operations.key_file import write_keys
from engine.operations.keys import KeyRing, make_key
from engine.operations.visitors import Visitor
from engine.service_config import ServiceConfig

OWN = bytes(32)


def test_nothing_given_is_open() -> None:
    assert read_access(ServiceConfig(), OWN).is_open
    assert read_certificate(ServiceConfig()) is None


def test_keys_come_from_a_file_and_from_the_environment(tmp_path: Path) -> None:
    filed, key = make_key("filed", "")
    other, hashed = make_key("hashed", "")
    write_keys(tmp_path / "keys.json", KeyRing((key,)))
    config = ServiceConfig(keys_file=tmp_path / "keys.json", key_digests=(hashed.digest,))
    access = read_access(config, OWN)
    assert access.judge([f"Bearer {filed}"], "") == Visitor(key.id, by_key=True)
    assert access.judge([f"Bearer {other}"], "") == Visitor("environment-1", by_key=True)
    assert [rule.key for rule in access.rules] == [OWN]


def test_an_operators_secret_and_key_are_rules(tmp_path: Path, rsa_pair: Any) -> None:
    (tmp_path / "public.pem").write_bytes(rsa_pair.public)
    config = ServiceConfig(jwt_secret=b"s" * 40, jwt_public_key=tmp_path / "public.pem", jwt_audience="stt")
    access = read_access(config, OWN)
    assert [(rule.algorithm, rule.audience) for rule in access.rules] == [("RS256", "stt"), ("HS256", "stt")]
    assert access.keys is None
    only = read_access(ServiceConfig(jwt_public_key=tmp_path / "public.pem"), OWN)
    assert [rule.algorithm for rule in only.rules] == ["RS256"]


@pytest.mark.parametrize(
    "config",
    [
        ServiceConfig(keys_file=Path("nowhere.json")),
        ServiceConfig(key_digests=("abc",)),
        ServiceConfig(jwt_secret=b"short"),
        ServiceConfig(jwt_public_key=Path("nowhere.pem")),
    ],
)
def test_what_cannot_be_used_is_one_error(config: ServiceConfig) -> None:
    with pytest.raises(OperationsError):
        read_access(config, OWN)


def test_a_certificate_needs_its_own_key(certify: Callable[[str], Any], tmp_path: Path) -> None:
    one, two = certify("one"), certify("two")
    good = ServiceConfig(tls_certificate=one.certificate, tls_key=one.key)
    context = read_certificate(good)
    assert isinstance(context, ssl.SSLContext)
    assert read_certificate(good, context) is context
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for certificate, key in ((one.certificate, two.key), (empty, one.key), (tmp_path / "none.pem", one.key)):
        with pytest.raises(OperationsError, match=certificate.name):
            read_certificate(ServiceConfig(tls_certificate=certificate, tls_key=key), context)


def test_a_key_with_a_password_does_not_ask_for_it(certify: Callable[[str], Any], tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    one = certify("one")
    loaded = serialization.load_pem_private_key(one.key.read_bytes(), None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        loaded.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"password"),
        )
    )
    with pytest.raises(OperationsError, match="password"):
        read_certificate(ServiceConfig(tls_certificate=one.certificate, tls_key=locked))
