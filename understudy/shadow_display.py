"""One line on stderr that says how a candidate does, and the same as JSON at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.live import Live
from rich.text import Text

from mirror.shadow.stage import Seen


@contextlib.contextmanager
def live_line(seen: Callable[[], Seen]) -> Iterator[None]:
    """Draw the line, once a second, until the block ends.

    Args:
        seen: what the shadow has seen by now.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with Live(console=console, refresh_per_second=1, get_renderable=lambda: Text(line(seen())), transient=True):
        yield


def line(seen: Seen) -> str:
    """In words."""
    rate = seen.disagreement.rate
    told = "no words yet" if rate is None else f"{rate:.1%} of {seen.disagreement.champion} words differ"
    failed = "".join(f" · {count} x {why}" for why, count in seen.failed)
    return f"shadow: {told} · {seen.running} running · {seen.finished} finished{failed}"


def counts_of(seen: Seen) -> dict[str, object]:
    """What the command prints when it ends; ``disagreement`` is null while there are no words."""
    rate = seen.disagreement.rate
    return {
        "played": seen.played,
        "finished": seen.finished,
        "failed": dict(seen.failed),
        "violations": seen.violations,
        "edits": seen.disagreement.edits,
        "champion_words": seen.disagreement.champion,
        "candidate_words": seen.disagreement.candidate,
        "disagreement": None if rate is None else round(rate, 6),
    }
