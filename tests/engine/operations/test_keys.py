import pytest

from engine.operations.keys import KeyRing, digest_of, looks_like_key, make_key, ring_of_digests


def test_a_key_is_found_by_its_secret_and_kept_only_as_a_hash() -> None:
    secret, key = make_key("call centre", "2026-11-23")
    ring = KeyRing().with_key(key)
    assert ring.find(secret) == key
    assert ring.find(secret + "x") is None
    assert looks_like_key(secret)
    assert key.id in secret
    assert secret not in repr(ring)
    assert key.digest == digest_of(secret)


def test_no_two_keys_are_alike() -> None:
    assert len({make_key("", "")[0] for _ in range(100)}) == 100


def test_a_revoked_key_keeps_its_first_date() -> None:
    secret, key = make_key("a", "2026-01-01")
    ring = KeyRing((key,)).revoke(key.id, "2026-02-02").revoke(key.id, "2026-03-03")
    found = ring.find(secret)
    assert found is not None
    assert found.revoked == "2026-02-02"
    with pytest.raises(KeyError):
        ring.revoke("nobody", "2026-02-02")


def test_bare_hashes_are_keys_too() -> None:
    secret, key = make_key("a", "")
    ring = ring_of_digests(["", f" sha256:{key.digest} "])
    found = ring.find(secret)
    assert found is not None
    assert found.id == "environment-1"
    with pytest.raises(ValueError, match="hash 2"):
        ring_of_digests([key.digest, "not a hash"])
