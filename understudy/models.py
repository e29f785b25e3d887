"""From the name of a model to the folder that holds it."""

from __future__ import annotations

import re
from pathlib import Path

from understudy.errors import UsageError

SHIPPED = Path(__file__).resolve().parent.parent / "engine" / "models"
_NAMED = re.compile(r"(?:models:/)?(?P<name>[a-z][a-z0-9_-]*)(?:/(?P<version>\d+)|@(?P<alias>[a-z][a-z0-9_-]*))")


def shipped_versions(name: str = "reference") -> dict[int, Path]:
    """The versions of a model that came with this installation: version -> folder."""
    found = (re.fullmatch(rf"{re.escape(name)}-(\d+)", p.name) for p in SHIPPED.glob(f"{name}-*") if p.is_dir())
    return {int(m[1]): SHIPPED / m[0] for m in sorted((m for m in found if m), key=lambda m: int(m[1]))}


def resolve_model(reference: str) -> Path:
    """The folder of a model.

    Args:
        reference: ``reference/2``, ``models:/reference/2``, ``models:/reference@champion``, or the path of a folder.

    Raises:
        UsageError: no such model, version, alias or folder.
    """
    named = _NAMED.fullmatch(reference)
    if named is None:
        folder = Path(reference)
        if (folder / "model.toml").is_file():
            return folder
        raise UsageError(
            f"model {reference!r}: no folder with a model.toml there; name one as reference/2, "
            "models:/reference@champion, or the path of a model folder"
        )
    versions = shipped_versions(named["name"])
    version = int(named["version"])
    if version not in versions:
        known = ", ".join(f"{named['name']}/{v}" for v in versions) or f"no versions of {named['name']}"
        raise UsageError(f"model {reference!r}: unknown; shipped with this installation: {known}")
    return versions[version]
