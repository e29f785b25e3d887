"""A message whose name this package does not know, kept whole so that nothing recorded is ever lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well-formed JSON message with another name."""

    message: str  # its name on the wire
    body: Mapping[str, Any]  # every other field
