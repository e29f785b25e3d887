"""The errors of planned memory: each says what is wrong and what to do next."""


class FullError(RuntimeError):
    """All of what was counted out before start-up is taken."""


class ReleaseError(ValueError):
    """Something was given back that is not held: twice, by a stream that has left, or to the wrong place."""
