"""Whom a long command tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """Three ears; progress bars have them, and tests give their own."""

    stage: Callable[[str, int], None]  # a new stage and how many steps it has
    step: Callable[[], None]
    note: Callable[[str], None]  # one line worth knowing
