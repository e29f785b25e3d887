"""What guards the service, read from the files that its configuration names: at the start, and again when asked."""

from __future__ import annotations

import ssl
from pathlib import Path

from engine.operations.access import Access
from engine.operations.errors import OperationsError
from engine.operations.key_file import read_keys
from engine.operations.keys import KeyRing, ring_of_digests
from engine.operations.tokens import TokenRule, public_key_rule, secret_rule
from engine.service_config import ServiceConfig


def read_access(config: ServiceConfig, own_secret: bytes) -> Access:
    """Read keys and rules.

    Args:
        config: where they are.
        own_secret: of the tokens that the service itself hands out, when the operator gave no secret.

    Raises:
        OperationsError: a file cannot be used.
    """
    ring = _read_ring(config)
    rules: list[TokenRule] = []
    if config.jwt_public_key is not None:
        pem = _read(config.jwt_public_key)
        rules.append(public_key_rule(pem, str(config.jwt_public_key), config.jwt_audience))
    if config.jwt_secret is not None or ring is not None:
        rules.append(secret_rule(config.jwt_secret or own_secret, config.jwt_audience))
    return Access(ring, tuple(rules))


def read_certificate(config: ServiceConfig, into: ssl.SSLContext | None = None) -> ssl.SSLContext | None:
    """Read the certificate, into a context in use (which takes it for new connections) or a new one; None without TLS.

    Raises:
        OperationsError: a file is missing or is not what it should be.
    """
    if config.tls_certificate is None:
        return None
    fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    fresh.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # A context in use would be left with half of a pair that does not fit: it gets only what a new one took.
        for context in (fresh, into):
            if context is not None:
                context.load_cert_chain(config.tls_certificate, config.tls_key, password=_no_password)
    except ssl.SSLError as error:
        reason = f"no certificate in PEM with its own key ({error.reason or error}); check --tls-cert and --tls-key"
        raise OperationsError(str(config.tls_certificate), reason) from None
    except OSError as error:
        raise OperationsError(str(config.tls_certificate), error.strerror or str(error)) from None
    return into or fresh


def _read_ring(config: ServiceConfig) -> KeyRing | None:
    if config.keys_file is None and not config.key_digests:
        return None
    try:
        more = ring_of_digests(config.key_digests)
    except ValueError as error:
        raise OperationsError("API keys of the environment", str(error)) from None
    filed = read_keys(config.keys_file) if config.keys_file is not None else KeyRing()
    return KeyRing(filed.keys + more.keys)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OperationsError(str(path), error.strerror or str(error)) from None


def _no_password() -> str:
    """A key that asks for a password must not stop the service at a prompt."""
    raise OperationsError("TLS key", "is protected by a password; give one that is not")
