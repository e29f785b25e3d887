"""The register of a store: the chain in which every sealing and every erasure is written."""

from __future__ import annotations

from mirror.store.chain import Chain
from mirror.store.place import Place

CHAIN_FOLDER = "chain"
SEAL, ERASE = "seal", "erase"  # what a record does


def register(place: Place) -> Chain:
    """The register of a place."""
    return Chain(place, CHAIN_FOLDER)


def sealed_digests(chain: Chain) -> dict[str, str]:
    """Session -> SHA-256 of its entry, for those that are sealed and were not erased.

    Raises:
        StoreError: the chain is damaged.
    """
    found: dict[str, str] = {}
    for record in chain.records():
        session = str(record.body.get("session"))
        if record.body.get("action") == SEAL:
            found[session] = str(record.body.get("entry"))
        else:
            found.pop(session, None)
    return found
