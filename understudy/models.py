"""From the name of a model to the folder that holds it."""

from __future__ import annotations

import re
from pathlib import Path

from understudy.errors import UsageError

SHIPPED = Path(__file__).resolve().parent.parent / "engine" / "models"
_NAMED = re.compile(r"(?:models:/)?(?P<name>[a-z][a-z0-9_-]*)(?:/(?P<version>\d+|latest)|@(?P<alias>[a-z][a-z0-9_-]*))")


def shipped_versions(name: str = "reference") -> dict[int, Path]:
    """The versions of a model that came with this installation: version -> folder, oldest first."""
    found = (re.fullmatch(rf"{re.escape(name)}-(\d+)", p.name) for p in SHIPPED.glob(f"{name}-*") if p.is_dir())
    return {int(m[1]): SHIPPED / m[0] for m in sorted((m for m in found if m), key=lambda m: int(m[1]))}


def resolve_model(reference: str) -> Path:
    """The folder of a model.

    Args:
        reference: ``reference/2``, ``models:/reference/latest``, ``models:/reference@champion``, or a folder's path.

    Raises:
        UsageError: no such model, version or folder.
        RegistryError: no such alias.
    """
    named = _NAMED.fullmatch(reference)
    if named is None or (Path(reference) / "model.toml").is_file():
        return _folder(reference)
    if named["alias"]:
        return _by_alias(named["name"], named["alias"])
    versions = shipped_versions(named["name"])
    version = max(versions, default=0) if named["version"] == "latest" else int(named["version"])
    if version not in versions:
        known = ", ".join(f"{named['name']}/{v}" for v in versions) or f"no versions of {named['name']}"
        raise UsageError(f"model {reference!r}: unknown; shipped with this installation: {known}")
    return versions[version]


def _folder(reference: str) -> Path:
    if (Path(reference) / "model.toml").is_file():
        return Path(reference)
    raise UsageError(
        f"model {reference!r}: no folder with a model.toml there; name one as reference/2, "
        "models:/reference@champion, or the path of a model folder"
    )


def _by_alias(name: str, alias: str) -> Path:
    # MLflow takes seconds to load: only aliases need the registry.
    from understudy.registration import register_shipped

    return register_shipped(name).find(name, alias=alias).folder
