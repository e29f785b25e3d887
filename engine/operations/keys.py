"""API keys: random, shown once, kept only as a hash."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

PREFIX = "us"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key.

    Attributes:
        id: public, part of the key itself, and what logs show.
        name: whose it is, in the operator's words.
        digest: SHA-256 of the whole key, in hex. A key has 256 random bits, so that a slow hash would add nothing.
        created: date, ISO 8601.
        revoked: date, or None while it is good.
    """

    id: str
    name: str
    digest: str
    created: str
    revoked: str | None = None


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of a service, in the order in which they were made."""

    keys: tuple[ApiKey, ...] = ()

    def find(self, presented: str) -> ApiKey | None:
        """The key that somebody presented, revoked or not; None for a stranger's."""
        digest = digest_of(presented)
        return next((key for key in self.keys if secrets.compare_digest(key.digest, digest)), None)

    def with_key(self, key: ApiKey) -> KeyRing:
        """This ring and one more key."""
        return KeyRing((*self.keys, key))

    def revoke(self, id: str, on: str) -> KeyRing:
        """This ring with one key revoked; a key that was revoked before keeps its date.

        Raises:
            KeyError: it holds no such key.
        """
        if id not in {key.id for key in self.keys}:
            raise KeyError(id)
        return KeyRing(
            tuple(replace(key, revoked=key.revoked or on) if key.id == id else key for key in self.keys),
        )


def make_key(name: str, created: str) -> tuple[str, ApiKey]:
    """Make a key: the secret to hand over, which is kept nowhere, and what is kept."""
    id = secrets.token_hex(4)
    secret = f"{PREFIX}_{id}_{secrets.token_urlsafe(32)}"
    return secret, ApiKey(id, name, digest_of(secret), created)


def digest_of(presented: str) -> str:
    """SHA-256 in hex of what somebody presented."""
    return hashlib.sha256(presented.encode("utf-8", "surrogateescape")).hexdigest()


def looks_like_key(presented: str) -> bool:
    """Whether it claims to be an API key, and not a token."""
    return presented.startswith(f"{PREFIX}_")


def ring_of_digests(digests: Iterable[str]) -> KeyRing:
    """The ring of bare hashes, as an environment variable gives them; keys are named by their place.

    Raises:
        ValueError: one of them is no SHA-256 in hex.
    """
    listed = [digest.strip().removeprefix("sha256:") for digest in digests if digest.strip()]
    for place, digest in enumerate(listed, 1):
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"hash {place} is not 64 lower-case hex digits")
    return KeyRing(tuple(ApiKey(f"environment-{place}", "", digest, "") for place, digest in enumerate(listed, 1)))
