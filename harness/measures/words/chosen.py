"""What happened to chosen words: keywords and phrases, marked spans, words outside a vocabulary, biasing lists."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.measures.counts import Share, WordErrors
from harness.measures.words.alignment import Step, align
from harness.measures.words.values import Detections, SpanErrors


@dataclass(frozen=True, slots=True)
class Keywords:
    """Words and phrases to look for."""

    by_first: Mapping[str, tuple[tuple[str, ...], ...]]

    @classmethod
    def of(cls, phrases: Iterable[Sequence[str]]) -> Keywords:
        """Phrases as normalised words, each a sequence; empty ones and repetitions are dropped."""
        by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in dict.fromkeys(tuple(words) for words in phrases):
            if phrase:
                by_first.setdefault(phrase[0], []).append(phrase)
        return cls({first: tuple(found) for first, found in by_first.items()})

    def occurrences(self, words: Sequence[str]) -> list[tuple[int, tuple[str, ...]]]:
        """Where each phrase begins; phrases may overlap."""
        return [
            (place, phrase)
            for place, word in enumerate(words)
            for phrase in self.by_first.get(word, ())
            if tuple(words[place : place + len(phrase)]) == phrase
        ]


def keyword_errors(
    reference: Sequence[str], hypothesis: Sequence[str], keywords: Keywords, steps: Sequence[Step] | None = None
) -> Mapping[tuple[str, ...], Detections]:
    """Each keyword by occurrence: found where all its words stand, aligned and in a row, on both sides.

    Args:
        reference: normalised words.
        hypothesis: likewise.
        keywords: what to look for.
        steps: their edit script, where it is known already.

    Returns:
        Keywords that occur on either side -> what became of them; add them up for one figure.
    """
    said, heard = keywords.occurrences(reference), keywords.occurrences(hypothesis)
    if not said and not heard:
        return {}
    facing = _equal(align(reference, hypothesis) if steps is None else steps)
    unclaimed = set(heard)
    found: dict[tuple[str, ...], Detections] = {}
    for place, phrase in said:
        other = facing.get(place)
        whole = other is not None and all(facing.get(place + i) == other + i for i in range(len(phrase)))
        if whole and other is not None:
            unclaimed.discard((other, phrase))
        found[phrase] = found.get(phrase, Detections()) + (Detections(hits=1) if whole else Detections(missed=1))
    for _, phrase in sorted(unclaimed):
        found[phrase] = found.get(phrase, Detections()) + Detections(spurious=1)
    return found


def span_errors(
    reference: Sequence[str],
    hypothesis: Sequence[str],
    spans: Iterable[tuple[str, int, int]],
    steps: Sequence[Step] | None = None,
) -> Mapping[str, SpanErrors]:
    """Marked stretches of the reference (entities, numbers, names) by class.

    Args:
        reference: normalised words.
        hypothesis: likewise.
        spans: class, first word, and one past the last, as positions in ``reference``.
        steps: their edit script, where it is known already.

    Raises:
        ValueError: a span is empty or lies outside of the reference.
    """
    script = align(reference, hypothesis) if steps is None else steps
    at = {step.reference: place for place, step in enumerate(script) if step.reference is not None}
    found: dict[str, SpanErrors] = {}
    for name, first, end in spans:
        if not 0 <= first < end <= len(reference):
            raise ValueError(f"span {name} [{first}, {end}) is not within the {len(reference)} words of the reference")
        words = _counted(script[at[first] : at[end - 1] + 1])
        found[name] = found.get(name, SpanErrors()) + SpanErrors(int(words.errors > 0), 1, words)
    return found


def unknown_word_errors(
    reference: Sequence[str], hypothesis: Sequence[str], vocabulary: Container[str], steps: Sequence[Step] | None = None
) -> Share:
    """Reference words outside of a vocabulary that did not come out right: 1 - the out-of-vocabulary recall."""
    unknown = {place for place, word in enumerate(reference) if word not in vocabulary}
    if not unknown:
        return Share()
    script = align(reference, hypothesis) if steps is None else steps
    wrong = {step.reference for step in script if step.kind in ("substitute", "delete")}
    return Share(len(unknown & wrong), len(unknown))


def split_errors(
    reference: Sequence[str], hypothesis: Sequence[str], chosen: Container[str], steps: Sequence[Step] | None = None
) -> tuple[WordErrors, WordErrors]:
    """Word errors of chosen words, and of all others: B-WER and U-WER where the chosen ones are a biasing list.

    A substitution or deletion belongs to its reference word, an insertion to the inserted word.

    Source: Le et al., "Contextualized Streaming End-to-End Speech Recognition" (Interspeech 2021). Its published
    figures align at costs 3, 3 and 4: give the steps of ``align_lattice``.
    """
    inside: list[Step] = []
    outside: list[Step] = []
    for step in align(reference, hypothesis) if steps is None else steps:
        word = hypothesis[step.hypothesis or 0] if step.reference is None else reference[step.reference]
        (inside if word in chosen else outside).append(step)
    return _counted(inside), _counted(outside)


def _equal(steps: Iterable[Step]) -> dict[int, int]:
    """Reference positions that came out right -> where they stand in the hypothesis."""
    return {
        step.reference: step.hypothesis
        for step in steps
        if step.kind == "equal" and step.reference is not None and step.hypothesis is not None
    }


def _counted(steps: Sequence[Step]) -> WordErrors:
    kinds = [step.kind for step in steps]
    said = sum(step.reference is not None for step in steps)
    return WordErrors(kinds.count("substitute"), kinds.count("delete"), kinds.count("insert"), said)
