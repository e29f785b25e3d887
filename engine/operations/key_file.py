"""The file of API keys: JSON with a version, readable by its owner only, replaced as a whole."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

from engine.operations.errors import OperationsError
from engine.operations.keys import ApiKey, KeyRing

FORMAT = 1


def read_keys(path: Path) -> KeyRing:
    """Read a key file.

    Raises:
        OperationsError: there is none, or it is damaged or of another version.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        if body["format"] != FORMAT:
            raise OperationsError(str(path), f"key file of format {body['format']}; this version reads {FORMAT}")
        return KeyRing(tuple(ApiKey(**key) for key in body["keys"]))
    except OSError as error:
        reason = error.strerror or str(error)
        raise OperationsError(str(path), f"{reason}; make a key with: understudy keys create NAME") from None
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, OperationsError):
            raise
        raise OperationsError(
            str(path), "not a key file; restore it, or make a new one with: understudy keys"
        ) from None


def write_keys(path: Path, ring: KeyRing) -> None:
    """Replace a key file, so that a reader sees the old one or the new one.

    Raises:
        OperationsError: it cannot be written.
    """
    text = json.dumps({"format": FORMAT, "keys": [asdict(key) for key in ring.keys]}, indent=2) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
    except OSError as error:
        raise OperationsError(str(path), f"cannot be written: {error.strerror or error}") from None
