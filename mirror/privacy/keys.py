"""The key of one session: every record of it is sealed with it, and without it nothing of the session can be read.

The key is 32 random bytes, made for one session and used for no other. It stands beside the captures as
``keys/<session>.age``, wrapped for age recipients, so that a recorder holds public keys only: it can write, not read.
Destroying that file erases the session, wherever copies of its records may lie.

A record is sealed by AES-256-GCM. Its nonce is its number in the file, which never repeats under a key; its header
(topic, number, times) stays in the clear and is authenticated together with the session's name, so that a record can
neither be altered, moved, nor passed off as one of another session.

Source: NIST SP 800-38D; https://age-encryption.org/v1
"""

from __future__ import annotations

import os
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirror.durable import sync_folder
from mirror.errors import CaptureError, StoreError

CIPHER = "aes-256-gcm"
KEY_FOLDER = "keys"
KEY_SUFFIX = ".age"
KEY_BYTES = 32
TAG_BYTES = 16  # a sealed record is longer by this


@dataclass(frozen=True, slots=True)
class Header:
    """What of a record stays in the clear."""

    topic: str  # the channel: who sent it
    seq: int  # the record's number in its file, from 0; also its nonce
    mono_ns: int  # since the session began, monotonic
    wall_ns: int  # UTC anchor of the session plus ``mono_ns``: the record's log time


class SessionKey:
    """Seals and opens the records of one session.

    Args:
        session: the session's name, authenticated with every record.
        secret: 32 bytes.
    """

    def __init__(self, session: str, secret: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.session = session
        self._cipher = AESGCM(secret)

    def sealed(self, header: Header, data: bytes) -> bytes:
        """The record's content, encrypted; a header must not be used twice."""
        return self._cipher.encrypt(_nonce(header), data, self._bound(header))

    def opened(self, header: Header, sealed: bytes, where: str) -> bytes:
        """The record's content.

        Raises:
            StoreError: the record was altered or moved, or belongs to another key.
        """
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(_nonce(header), sealed, self._bound(header))
        except InvalidTag:
            what = f"record {header.seq} of {header.topic!r} does not open with the key of session {self.session}"
            raise StoreError(where, f"{what}: it was altered, or the key is another's; restore the file") from None

    def _bound(self, header: Header) -> bytes:
        names = f"{self.session}\0{header.topic}\0".encode()
        return names + struct.pack(">QQQ", header.seq, header.mono_ns, header.wall_ns)


def _nonce(header: Header) -> bytes:
    return header.seq.to_bytes(12, "big")


def parse_recipients(texts: Sequence[str]) -> tuple[Any, ...]:
    """Public keys (``age1...``) for which session keys are wrapped.

    Raises:
        CaptureError: one of them is no age recipient.
    """
    import pyrage  # type: ignore[import-untyped, unused-ignore]

    found = []
    for text in texts:
        try:
            found.append(pyrage.x25519.Recipient.from_str(text))
        except pyrage.RecipientError as error:
            what = (
                f"recipient {text[:12]!r}...: no age public key ({error}); give what `age-keygen -y` prints (age1...)"
            )
            raise CaptureError(what) from None
    return tuple(found)


def read_identities(path: Path) -> tuple[Any, ...]:
    """The private keys in a file as ``age-keygen`` writes it; lines that begin with # are comments.

    Raises:
        StoreError: the file cannot be read, or holds no age identity.
    """
    import pyrage

    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        found = tuple(pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#"))
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        # The message never quotes the file: a line of it may be a key with one letter wrong.
        raise StoreError(
            str(path), f"no age identity file ({type(error).__name__}); give one of `age-keygen`"
        ) from None
    if not found:
        raise StoreError(str(path), "holds no age identity; give a file that `age-keygen` wrote")
    return found


def key_path(store: Path, session: str) -> Path:
    """Where the wrapped key of a session stands."""
    return store / KEY_FOLDER / f"{session}{KEY_SUFFIX}"


def make_key(store: Path, session: str, recipients: Sequence[Any]) -> SessionKey:
    """A new key, wrapped and safely on the disk before anything is sealed with it.

    Args:
        store: folder of the captures.
        session: the session's name.
        recipients: from ``parse_recipients``; each of them alone can unwrap it.

    Raises:
        OSError: it cannot be written, or this session has a key already.
    """
    secret = secrets.token_bytes(KEY_BYTES)
    path = key_path(store, session)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("xb") as file:
        file.write(wrapped(secret, recipients))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return SessionKey(session, secret)


def read_key(store: Path, session: str, identities: Sequence[Any]) -> SessionKey:
    """The key of a session.

    Raises:
        StoreError: it was erased, is damaged, or was wrapped for somebody else.
    """
    path = key_path(store, session)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise StoreError(str(path), f"the key of session {session} is gone: the session was erased") from None
    except OSError as error:
        raise StoreError(str(path), f"cannot be read ({error.strerror}); check its permissions") from None
    return SessionKey(session, unwrapped(data, identities, str(path)))


def destroy_key(store: Path, session: str) -> bool:
    """Erase a session for good; False when it has no key (any more).

    Raises:
        OSError: the key cannot be removed.
    """
    path = key_path(store, session)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    sync_folder(path.parent)
    return True


def wrapped(secret: bytes, recipients: Sequence[Any]) -> bytes:
    """A secret that only the recipients can read: an age file."""
    import pyrage

    return bytes(pyrage.encrypt(secret, list(recipients)))


def unwrapped(data: bytes, identities: Sequence[Any], where: str) -> bytes:
    """The secret in an age file.

    Raises:
        StoreError: damaged, wrapped for somebody else, or no session key.
    """
    import pyrage

    try:
        secret = bytes(pyrage.decrypt(data, list(identities)))
    except pyrage.DecryptError as error:
        raise StoreError(where, f"cannot be unwrapped ({error}); give the identity of one of its recipients") from None
    if len(secret) != KEY_BYTES:
        raise StoreError(where, f"holds {len(secret)} bytes where a session key has {KEY_BYTES}; restore it")
    return secret
