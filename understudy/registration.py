"""The shipped models in the registry, and a run's place in it."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.registry import Registry
from understudy.home import home
from understudy.models import SHIPPED, shipped_versions

GRAPH = SHIPPED / "english"


def open_registry() -> Registry:
    """The registry of this installation's home folder."""
    folder = home() / "registry"
    folder.mkdir(parents=True, exist_ok=True)
    return Registry(folder, lambda: datetime.now(UTC))


def register_shipped(name: str = "reference") -> Registry:
    """Register the versions that came with this installation; the first is appointed champion where there is none.

    Without the extra ``[engine]`` there is nothing that could serve them, and nothing is registered.
    """
    registry = open_registry()
    try:
        from engine.identity import folder_digest
    except ModuleNotFoundError:
        return registry
    for folder in shipped_versions(name).values():
        registry.register(name, folder, folder_digest(folder, GRAPH))
    if registry.champion(name) is None:
        registry.appoint(name, 1, who="understudy", why="the first champion: version 1 as it was shipped")
    return registry
