"""Labels by the recogniser itself: the stretches between pauses in which its words agree with the phones it heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from engine.phones import Lexicon
from engine.recogniser import RecognisedWord
from engine.training.measurement import greedy
from engine.training.pseudo.label import Heard, Label
from engine.training.pseudo.spelling import spell
from engine.word_times import FRAME_SAMPLES


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
    heard: Heard, words: Sequence[RecognisedWord], lexicon: Lexicon, limits: OwnLimits | None = None
) -> Iterator[Label]:
    """Yield labels for the believed stretches of a recording; neighbours that are both believed stay together."""
    limits = limits or OwnLimits()
    total = len(heard.log_probs)
    if disagreement(heard, words, 0, total, lexicon) > limits.disagreement:
        return
    pieces = list(_pieces(words, total, limits.pause))
    kept: list[tuple[list[RecognisedWord], int, int]] = []
    for piece, first, last in pieces:
        if disagreement(heard, piece, first, last, lexicon) > limits.disagreement:
            continue
        if kept and kept[-1][2] == first:
            kept[-1] = ([*kept[-1][0], *piece], kept[-1][1], last)
        else:
            kept.append((piece, first, last))
    for piece, first, last in kept:
        if len(spell((word.text for word in piece), lexicon) or ()) >= limits.phones:
            text = " ".join(word.text for word in piece)
            yield Label(text, "self", 1 - disagreement(heard, piece, first, last, lexicon), first, last)


def disagreement(heard: Heard, words: Sequence[RecognisedWord], first: int, last: int, lexicon: Lexicon) -> float:
    """Edits between the phones of words and those heard between two frames, as a share of the longer; 1 if unknown."""
    spelt = spell((word.text for word in words), lexicon)
    phones = greedy(heard.log_probs[first:last])
    return Levenshtein.normalized_distance(phones, spelt) if spelt and phones else 1.0


def _pieces(words: Sequence[RecognisedWord], total: int, pause: int) -> Iterator[tuple[list[RecognisedWord], int, int]]:
    """Cut words at pauses, in the middle of each: words, first frame, last frame (exclusive)."""
    piece: list[RecognisedWord] = []
    first = 0
    for word in words:
        if piece and word.start - piece[-1].end >= pause * FRAME_SAMPLES:
            middle = (word.start + piece[-1].end) // 2 // FRAME_SAMPLES
            yield piece, first, middle
            piece, first = [], middle
        piece.append(word)
    if piece:
        yield piece, first, total
