"""Temporary tokens (JWT): an operator's own HS256 or RS256, and those that this service hands to browsers."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus

import jwt

from engine.operations.errors import OperationsError
from engine.operations.visitors import Refusal, Visitor

MIN_SECRET = 32  # bytes: RFC 7518, section 3.2, demands as many as HS256 puts out
LEEWAY = 5  # seconds by which two clocks may differ


@dataclass(frozen=True, slots=True)
class TokenRule:
    """One kind of token that is believed. The algorithm belongs to the key and is never taken from the token.

    Attributes:
        key: the shared secret of HS256, or the PEM of an RSA public key.
        algorithm: HS256 or RS256.
        audience: what ``aud`` must name; None asks nothing of it.
    """

    key: bytes = field(repr=False)
    algorithm: str
    audience: str | None = None

    def verify(self, token: str) -> Visitor | Refusal:
        """Who bears this token; 403 when it is genuine but meant for another service, else 401."""
        try:
            claims = jwt.decode(
                token,
                self.key,
                algorithms=[self.algorithm],
                audience=self.audience,
                leeway=LEEWAY,
                options={"require": ["exp"], "verify_aud": self.audience is not None},
            )
        except jwt.ExpiredSignatureError:
            return Refusal(HTTPStatus.UNAUTHORIZED, "the token has expired; get a new one")
        except jwt.InvalidAudienceError:
            return Refusal(HTTPStatus.FORBIDDEN, "the token is meant for another service")
        except jwt.PyJWTError:
            return Refusal(HTTPStatus.UNAUTHORIZED, "the token is not valid here; get a new one")
        return Visitor(str(claims.get("sub", "token")))

    def issue(self, subject: str, now: int, seconds: int) -> str:
        """Make a token; only with a secret.

        Args:
            subject: who will bear it.
            now: seconds since 1970.
            seconds: how long it is good.
        """
        claims: dict[str, object] = {"sub": subject, "iat": now, "exp": now + seconds}
        if self.audience is not None:
            claims["aud"] = self.audience
        return jwt.encode(claims, self.key, algorithm=self.algorithm)


def algorithm_of(token: str) -> str | None:
    """The algorithm that a token names, to find its rule by; None when it is no token."""
    try:
        return str(jwt.get_unverified_header(token).get("alg"))
    except (jwt.PyJWTError, UnicodeError):  # a header may hold any byte
        return None


def secret_rule(secret: bytes, audience: str | None = None) -> TokenRule:
    """Believe HS256 tokens made with a secret.

    Raises:
        OperationsError: the secret is too short to be one.
    """
    if len(secret) < MIN_SECRET:
        what = f"{len(secret)} bytes; HS256 needs at least {MIN_SECRET}, such as those of: openssl rand -hex 32"
        raise OperationsError("JWT secret", what)
    return TokenRule(secret, "HS256", audience)


def public_key_rule(pem: bytes, where: str, audience: str | None = None) -> TokenRule:
    """Believe RS256 tokens made with the private half of a key.

    Raises:
        OperationsError: it is no public RSA key in PEM.
    """
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except ValueError:
        key = None
    if not isinstance(key, RSAPublicKey):
        raise OperationsError(where, "not an RSA public key in PEM; make one with: openssl rsa -pubout")
    return TokenRule(pem, "RS256", audience)
