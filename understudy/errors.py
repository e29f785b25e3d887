"""The one error of the face: a user's mistake, told in one line."""


class UsageError(Exception):
    """What is wrong, where, and what to do next; the command line prints it and exits 2."""
