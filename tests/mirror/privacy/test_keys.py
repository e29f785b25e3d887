"""Keys: what is sealed opens again, only with its own key, only where it stood, and never once the key is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.errors import CaptureError, StoreError
from mirror.privacy.keys import (
    KEY_BYTES,
    TAG_BYTES,
    Header,
    SessionKey,
    destroy_key,
    key_path,
    make_key,
    parse_recipients,
    read_identities,
    read_key,
    unwrapped,
    wrapped,
)

pyrage = pytest.importorskip("pyrage")
HEADER = Header("client", 7, 1_000, 1_700_000_000_000_001_000)
SECRET = bytes(range(KEY_BYTES))


def keypair(folder: Path, name: str = "identity.txt") -> tuple[tuple[Any, ...], Path]:
    """A recipient, and the file of its identity as age-keygen writes it."""
    identity = pyrage.x25519.Identity.generate()
    path = folder / name
    path.write_text(f"# created: 2026-01-01\n# public key: {identity.to_public()}\n{identity}\n")
    return parse_recipients([str(identity.to_public())]), path


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=500), st.integers(0, 2**63), st.integers(0, 2**63), st.sampled_from(["client", "server"]))
def test_sealed_opens_to_the_same(data: bytes, seq: int, mono_ns: int, topic: str) -> None:
    key, header = SessionKey("a", SECRET), Header(topic, seq, mono_ns, mono_ns)
    sealed = key.sealed(header, data)
    assert len(sealed) == len(data) + TAG_BYTES
    assert SessionKey("a", SECRET).opened(header, sealed, "x.mcap") == data


@pytest.mark.parametrize(
    "header",
    [replace(HEADER, topic="server"), replace(HEADER, seq=8), replace(HEADER, mono_ns=2), replace(HEADER, wall_ns=3)],
)
def test_moved_or_relabelled_records_do_not_open(header: Header) -> None:
    key = SessionKey("a", SECRET)
    with pytest.raises(StoreError, match=r"record . of .* does not open"):
        key.opened(header, key.sealed(HEADER, b"speech"), "x.mcap")


def test_records_of_another_session_key_or_with_a_changed_bit_do_not_open() -> None:
    sealed = SessionKey("a", SECRET).sealed(HEADER, b"speech")
    with pytest.raises(StoreError, match="another's"):
        SessionKey("b", SECRET).opened(HEADER, sealed, "x.mcap")
    with pytest.raises(StoreError, match="another's"):
        SessionKey("a", bytes(KEY_BYTES)).opened(HEADER, sealed, "x.mcap")
    with pytest.raises(StoreError, match="altered"):
        SessionKey("a", SECRET).opened(HEADER, bytes([sealed[0] ^ 1]) + sealed[1:], "x.mcap")


def test_key_travels_by_age(tmp_path: Path) -> None:
    recipients, identity = keypair(tmp_path)
    key = make_key(tmp_path, "a", recipients)
    again = read_key(tmp_path, "a", read_identities(identity))
    assert again.opened(HEADER, key.sealed(HEADER, b"speech"), "x") == b"speech"
    assert key_path(tmp_path, "a").read_bytes().startswith(b"age-encryption.org/v1")
    with pytest.raises(FileExistsError):
        make_key(tmp_path, "a", recipients)


def test_each_recipient_alone_can_read(tmp_path: Path) -> None:
    (first, one), (second, two) = keypair(tmp_path, "1"), keypair(tmp_path, "2")
    make_key(tmp_path, "a", first + second)
    for identity in (one, two):
        assert read_key(tmp_path, "a", read_identities(identity)).session == "a"


def test_destroyed_key_is_gone(tmp_path: Path) -> None:
    recipients, identity = keypair(tmp_path)
    make_key(tmp_path, "a", recipients)
    assert destroy_key(tmp_path, "a")
    assert not destroy_key(tmp_path, "a")
    with pytest.raises(StoreError, match="was erased"):
        read_key(tmp_path, "a", read_identities(identity))


def test_wrong_identity_and_damage_are_told(tmp_path: Path) -> None:
    recipients, _ = keypair(tmp_path)
    _, stranger = keypair(tmp_path, "stranger")
    make_key(tmp_path, "a", recipients)
    with pytest.raises(StoreError, match="identity of one of its recipients"):
        read_key(tmp_path, "a", read_identities(stranger))
    key_path(tmp_path, "a").write_bytes(b"age no more")
    with pytest.raises(StoreError, match="cannot be unwrapped"):
        read_key(tmp_path, "a", read_identities(stranger))
    recipients, mine = keypair(tmp_path, "mine")
    with pytest.raises(StoreError, match="holds 3 bytes"):
        unwrapped(wrapped(b"abc", recipients), read_identities(mine), "x")


def test_bad_recipients_and_identities_are_told_without_quoting_them(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="no age public key"):
        parse_recipients(["age1nonsense"])
    path = tmp_path / "identity"
    for text in ("AGE-SECRET-KEY-1NONSENSE", "", "# nothing"):
        path.write_text(text)
        with pytest.raises(StoreError, match="age-keygen") as caught:
            read_identities(path)
        assert "NONSENSE" not in str(caught.value)
    with pytest.raises(StoreError, match="age-keygen"):
        read_identities(tmp_path / "none")
