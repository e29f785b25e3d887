"""Whole files under the key of their session, as a stream of sealed pieces: cut, joined or reordered it does not open.

A file is a mark, 32 bytes of salt, and pieces of one mebibyte, each sealed by AES-256-GCM under a key derived from the
session's key, the salt and the file's name (HKDF-SHA-256). A piece's nonce is its number and whether it is the last.

Source: Hoang, Reyhanitabar, Rogaway, Vizar 2015 (STREAM); RFC 5869
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import IO

from mirror.errors import StoreError
from mirror.privacy.keys import TAG_BYTES

MARK = b"understudy-locked-1\n"
SUFFIX = ".locked"  # of a locked file's name
_SALT_BYTES = 32
_PIECE = 2**20


def lock(source: Path, target: Path, secret: bytes, name: str) -> None:
    """Write a locked copy of a file.

    Args:
        source: the file in the clear.
        target: takes the locked copy.
        secret: the session's key, 32 bytes.
        name: what the file is called where it will lie; it opens under no other.

    Raises:
        OSError: one of them cannot be read or written.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt = secrets.token_bytes(_SALT_BYTES)
    cipher = AESGCM(_derived(secret, salt, name))
    with source.open("rb") as given, target.open("wb") as file:
        file.write(MARK + salt)
        number, piece = 0, given.read(_PIECE)
        while True:
            following = given.read(_PIECE)
            file.write(cipher.encrypt(_nonce(number, last=not following), piece, None))
            if not following:
                return
            number, piece = number + 1, following


def unlock(source: Path, target: Path, secret: bytes, name: str, where: str) -> None:
    """Write a copy in the clear of a locked file; ``where`` names it in messages.

    Raises:
        StoreError: it was changed, cut, or is locked by another key.
        OSError: one of them cannot be read or written.
    """
    with source.open("rb") as given, target.open("wb") as file:
        if given.read(len(MARK)) != MARK:
            raise StoreError(where, "is no locked file of this version; restore it, or use the program that wrote it")
        _unlock(given, file, _derived(secret, given.read(_SALT_BYTES), name), where)


def _unlock(given: IO[bytes], file: IO[bytes], key: bytes, where: str) -> None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, number, piece = AESGCM(key), 0, given.read(_PIECE + TAG_BYTES)
    while True:
        following = given.read(_PIECE + TAG_BYTES)
        try:
            file.write(cipher.decrypt(_nonce(number, last=not following), piece, None))
        except (InvalidTag, ValueError):
            what = f"piece {number} does not open: the file was changed or cut, or the key is another's; restore it"
            raise StoreError(where, what) from None
        if not following:
            return
        number, piece = number + 1, following


def _derived(secret: bytes, salt: bytes, name: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt, b"understudy sealed file\0" + name.encode()).derive(secret)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
