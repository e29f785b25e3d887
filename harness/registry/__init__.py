"""Which model is the champion, and who made it so, when, why and on which evidence."""

from harness.registry.history import Entry
from harness.registry.models import ModelVersion
from harness.registry.registry import Registry

__all__ = ["Entry", "ModelVersion", "Registry"]
