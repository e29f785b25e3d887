"""The test sets that ship inside this package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from testsets import manifest
from testsets.case import TestSet
from testsets.errors import FormatError

MANIFEST = "manifest.jsonl"


def available() -> tuple[str, ...]:
    """The names of the embedded sets."""
    return tuple(sorted(path.parent.name for path in _data().glob(f"*/{MANIFEST}")))


def open_embedded(name: str) -> TestSet:
    """Load an embedded set and check that its audio is whole.

    Raises:
        FormatError: there is no such set.
        AudioError: audio of the installed package is missing or was changed.
    """
    if name not in available():
        raise FormatError(name, f"no embedded test set of this name; there are: {', '.join(available())}")
    return manifest.load(_data() / name / MANIFEST)


def open_set(source: str) -> TestSet:
    """Load a test set by the name of an embedded one or the path of a manifest.

    Raises:
        FormatError: there is no such set, or its manifest breaks the format.
        AudioError: audio is missing, unreadable, or not what the manifest says.
    """
    return open_embedded(source) if source in available() else manifest.load(source)


def _data() -> Path:
    return Path(str(resources.files("testsets") / "data"))
