"""Labels by the recogniser itself: the stretches between pauses in which its words agree with the phones it heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from engine.decoder.words import DecodedWord
from engine.phones import Lexicon, first_pronunciation
from engine.training.measurement import greedy
from engine.training.pseudo.label import Heard, Label


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """When the recogniser's own words are believed.

    Attributes:
        disagreement: most edits between the words' phones and the heard ones, as a share of the longer; of a
            stretch and of the whole recording, for a voice that is hard for the body is hard throughout.
        phones: fewest in a stretch.
        pause: frames between words at which a recording may be cut.
    """

    disagreement: float = 0.32
    phones: int = 12
    pause: int = 5


def own_labels(
    heard: Heard, words: Sequence[DecodedWord], lexicon: Lexicon, limits: OwnLimits | None = None
) -> Iterator[Label]:
    """Yield labels for the believed stretches of a recording; neighbours that are both believed stay together."""
    limits = limits or OwnLimits()
    total = len(heard.log_probs)
    if disagreement(heard, words, 0, total, lexicon) > limits.disagreement:
        return
    pieces = list(_pieces(words, total, limits.pause))
    kept: list[tuple[list[DecodedWord], int, int]] = []
    for piece, first, last in pieces:
        if disagreement(heard, piece, first, last, lexicon) > limits.disagreement:
            continue
        if kept and kept[-1][2] == first:
            kept[-1] = ([*kept[-1][0], *piece], kept[-1][1], last)
        else:
            kept.append((piece, first, last))
    for piece, first, last in kept:
        text = " ".join(word.text for word in piece)
        if len(first_pronunciation(text, lexicon) or ()) >= limits.phones:
            yield Label(text, "self", 1 - disagreement(heard, piece, first, last, lexicon), first, last)


def disagreement(heard: Heard, words: Sequence[DecodedWord], first: int, last: int, lexicon: Lexicon) -> float:
    """Edits between the phones of words and those heard between two frames, as a share of the longer; 1 if unknown."""
    spelt = first_pronunciation(" ".join(word.text for word in words), lexicon)
    phones = greedy(heard.log_probs[first:last])
    return Levenshtein.normalized_distance(phones, spelt) if spelt and phones else 1.0


def _pieces(words: Sequence[DecodedWord], total: int, pause: int) -> Iterator[tuple[list[DecodedWord], int, int]]:
    """Cut words at pauses, in the middle of each: words, first frame, last frame (exclusive)."""
    piece: list[DecodedWord] = []
    first = 0
    for word in words:
        if piece and word.start_frame - piece[-1].end_frame >= pause:
            middle = (word.start_frame + piece[-1].end_frame) // 2
            yield piece, first, middle
            piece, first = [], middle
        piece.append(word)
    if piece:
        yield piece, first, total
