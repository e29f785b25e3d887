"""Who computes a body's steps, as users say it; apart, so that a command line need not load more."""

from enum import StrEnum


class Choice(StrEnum):
    """Which executor is wanted; ``auto`` takes our own where it is known to be the faster one."""

    AUTO = "auto"
    OWN = "own"
    ONNX_RUNTIME = "ort"
