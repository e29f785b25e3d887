"""What is known of a session beside its bytes: a small JSON file next to the capture, written after the fact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mirror.errors import StoreError

SIDECAR_VERSION = 1
SIDECAR_SUFFIX = ".tags.json"


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Tags and cluster of one session."""

    tags: Mapping[str, str] = field(default_factory=dict)  # slice name -> value
    cluster: str | None = None  # speaker or tenant; None means the session itself


def sidecar_path(capture: Path) -> Path:
    """Where the sidecar of a capture stands."""
    return capture.with_suffix(SIDECAR_SUFFIX)


def write_sidecar(capture: Path, sidecar: Sidecar) -> None:
    """Say what is known of a session; an earlier saying is replaced.

    Raises:
        StoreError: the file cannot be written.
    """
    row = {"version": SIDECAR_VERSION, "cluster": sidecar.cluster, "tags": dict(sidecar.tags)}
    try:
        sidecar_path(capture).write_text(json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(str(sidecar_path(capture)), f"cannot be written ({error.strerror})") from None


def read_sidecar(capture: Path) -> Sidecar:
    """What is known of a session beside its bytes; empty when nobody said anything.

    Raises:
        StoreError: the sidecar is malformed or has a foreign version.
    """
    path = sidecar_path(capture)
    if not path.exists():
        return Sidecar()
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        version, cluster, tags = row["version"], row["cluster"], row["tags"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(str(path), f"is no sidecar ({error!r}); write it again or remove it") from None
    if version != SIDECAR_VERSION:
        raise StoreError(str(path), f"sidecar version {version}, this program reads {SIDECAR_VERSION}; write it again")
    whole = isinstance(tags, dict) and all(isinstance(value, str) for value in tags.values())
    if not whole or not isinstance(cluster, str | None):
        raise StoreError(str(path), "cluster must be a string or null, and tags must map to strings; write it again")
    return Sidecar(tags, cluster)
