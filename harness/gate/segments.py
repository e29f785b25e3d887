"""One case's answers by both sides, cut into segments between words that both have right."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from harness.statistics.matched import Segments

GOOD = 2  # words in a row that both have right end a segment


def segments(reference: Sequence[str], champion: Sequence[str], candidate: Sequence[str]) -> Segments:
    """The differences (candidate - champion) in errors of all segments in which at least one side errs.

    Args:
        reference: normalised words.
        champion: its answer, normalised.
        candidate: likewise.

    Source: Gillick & Cox (ICASSP 1989); the segmentation is that of sclite's mtchprs.c: the ends of a sentence bound
    a segment too, and an insertion between the two words that would end a segment keeps it open.
    """
    errors = [_by_place(reference, answer) for answer in (champion, candidate)]
    if not (errors[0] or errors[1]):
        return Segments()
    differences: list[int] = []
    open_, good, difference = False, 0, 0
    # Places alternate: the gap before a word (even), then the word (odd); after the last word there is one more gap.
    for place in range(2 * len(reference) + 1):
        first, second = errors[0].get(place, 0), errors[1].get(place, 0)
        if first or second:
            open_, good, difference = True, 0, difference + second - first
        elif open_ and place % 2:
            good += 1
            if good == GOOD:
                differences.append(difference)
                open_, difference = False, 0
    if open_:
        differences.append(difference)
    common = sum(min(times, errors[1].get(place, 0)) for place, times in errors[0].items())
    return Segments.of(differences, sum(errors[0].values()), common)


def _by_place(reference: Sequence[str], answer: Sequence[str]) -> dict[int, int]:
    """Errors at each place: an insertion in a gap (2 i, before word i), a substitution or deletion at 2 i + 1."""
    found: dict[int, int] = {}
    for edit in Levenshtein.editops(reference, answer):
        place = 2 * edit.src_pos + (edit.tag != "insert")
        found[place] = found.get(place, 0) + 1
    return found
