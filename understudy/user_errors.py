"""Which exceptions are a user's mistake (told in one line) and not a defect of ours (told with a traceback)."""

from __future__ import annotations

from understudy.errors import UsageError

# Names, not classes: telling an engine's error apart must not import the engine.
_SPEAKING = {
    "testsets.errors",
    "engine.errors",
    "mirror.errors",
    "harness.errors",
    "reports.errors",
}


def is_user_error(error: BaseException) -> bool:
    """True for this package's error and for every class of the other packages' ``errors`` modules."""
    return isinstance(error, UsageError) or any(cls.__module__ in _SPEAKING for cls in type(error).__mro__)
