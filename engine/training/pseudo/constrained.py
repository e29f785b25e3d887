"""Labels from a grammar: of all sentences that mean the right thing, the one that sounds most like the recording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from engine.phones import Lexicon
from engine.training.pseudo.grammar import Grammar
from engine.training.pseudo.label import Heard, Label
from engine.training.pseudo.scoring import best_path_score, ctc_scores
from engine.training.pseudo.spelling import spell


@dataclass(frozen=True, slots=True)
class SentenceLimits:
    """When a sentence is believed.

    Attributes:
        scale: of log probabilities before sentences are compared: the frames of a recording are not independent.
        confidence: least expected share of right words, over all sentences.
        misfit: most nats a phone that the sentence may lie below what was heard freely.
    """

    scale: float = 0.4
    confidence: float = 0.75
    misfit: float = 2.2


def sentence_label(
    heard: Heard, grammar: Grammar, lexicon: Lexicon, limits: SentenceLimits | None = None
) -> Label | None:
    """Label a recording whose ``intent`` and ``slots`` are known; None where no sentence is believed."""
    limits = limits or SentenceLimits()
    entry = heard.entry
    sentences = grammar.sentences(str(entry.get("intent")), entry.get("slots") or {})
    spelt = [(text, phones) for text in sentences if (phones := spell(text.split(), lexicon))]
    if not spelt or not len(heard.log_probs):
        return None
    scores = ctc_scores(heard.log_probs, [phones for _, phones in spelt])
    best = int(scores.argmax())
    text, phones = spelt[best]
    if best_path_score(heard.log_probs) - scores[best] > limits.misfit * len(phones):  # also if none fits at all
        return None
    confidence = _expected_right([other for other, _ in spelt], best, limits.scale * scores)
    return Label(text, "grammar", confidence, 0, len(heard.log_probs)) if confidence >= limits.confidence else None


def _expected_right(sentences: list[str], best: int, scores: npt.NDArray[np.float64]) -> float:
    """The share of the best sentence's words that is right on average if one of the sentences was said."""
    weights = np.exp(scores - scores.max())
    words = sentences[best].split()
    wrong = np.array([min(len(words), Levenshtein.distance(words, other.split())) for other in sentences])
    return 1 - float(weights @ wrong / weights.sum()) / len(words)
