"""The signature of a score: two numbers with equal signatures are comparable, others visibly are not.

Source: the idea is sacreBLEU's (Post 2018, "A Call for Clarity in Reporting BLEU Scores").
"""

from __future__ import annotations

from collections.abc import Iterable

FORMAT = 1


def signature(
    measures: Iterable[str],
    normaliser: str,
    test_sets: Iterable[tuple[str, str]],
    cases: int,
    seed: int | None = None,
    resamples: int | None = None,
) -> str:
    """One line that names everything a score depends on.

    Args:
        measures: names of the catalogue.
        normaliser: the pack's signature, e.g. "basic-1#0a1b2c3d".
        test_sets: name and content hash of each.
        cases: how many cases were to be scored.
        seed: of the resampling; None where nothing was resampled.
        resamples: how many.
    """
    sets = "+".join(f"{name}#{digest[:8]}" for name, digest in test_sets)
    parts = [f"v{FORMAT}", "+".join(measures), f"norm:{normaliser}", f"set:{sets}", f"n:{cases}"]
    if seed is not None:
        parts.append(f"seed:{seed}")
    if resamples is not None:
        parts.append(f"boot:{resamples}")
    return "|".join(parts)
