"""One arm's answer to one case, aligned with the truth word by word, each word with its place in the audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.measures.normalisation.packs import Normaliser
from harness.measures.words.alignment import Step, align
from harness.results import DiffOp
from testsets.events import EventLog
from testsets.transcript import Word

_CONTEXT_MS = 500  # of audio before and after the differing words


@dataclass(frozen=True, slots=True)
class Answer:
    """Normalised words, where each was spoken, and the edit script from the truth."""

    truth: tuple[str, ...]
    words: tuple[str, ...]
    places: tuple[Word, ...]  # the spoken word that each normalised word came from
    steps: tuple[Step, ...]
    rate: int

    @classmethod
    def of(cls, truth: Sequence[str], log: EventLog, normaliser: Normaliser) -> Answer:
        spoken = log.transcript.words
        pairs = normaliser.split_words([word.text for word in spoken])
        words = tuple(word for word, _ in pairs)
        return cls(tuple(truth), words, tuple(spoken[place] for _, place in pairs), align(truth, words), log.rate)

    @property
    def errors(self) -> int:
        return sum(step.kind != "equal" for step in self.steps)

    @property
    def wrong(self) -> frozenset[int]:
        """Positions of the truth's words that came out wrong or not at all."""
        return frozenset(s.reference for s in self.steps if s.kind != "equal" and s.reference is not None)

    @property
    def longest_insertion(self) -> int:
        """The most words in a row that nobody said."""
        longest = run = 0
        for step in self.steps:
            run = run + 1 if step.kind == "insert" else 0
            longest = max(longest, run)
        return longest

    def differences(self, other: Answer) -> tuple[Step, ...]:
        """The steps in which this answer is wrong and the other is not; insertions where it inserts more."""
        inserts = self.longest_insertion > 0 and self._inserted() > other._inserted()
        return tuple(
            step
            for step in self.steps
            if (step.reference in self.wrong - other.wrong) or (step.kind == "insert" and inserts)
        )

    def diff(self) -> tuple[DiffOp, ...]:
        """The edit script with its words."""
        return tuple(self.operation(step) for step in self.steps)

    def operation(self, step: Step) -> DiffOp:
        before = None if step.reference is None else self.truth[step.reference]
        after = None if step.hypothesis is None else self.words[step.hypothesis]
        return DiffOp(step.kind, before, after)

    def span(self, steps: Sequence[Step], samples: int, rate: int) -> tuple[int, int]:
        """The stretch of audio around some steps, in samples at ``rate``; all of it where words have no times."""
        near: set[int] = set()
        last = 0
        for step in self.steps:
            last = last if step.hypothesis is None else step.hypothesis
            if step in steps:
                near |= {last, last + 1} if step.hypothesis is None else {last}
        spoken = [self.places[i] for i in near if i < len(self.places) and self.places[i].start is not None]
        if not spoken:
            return 0, samples
        context = _CONTEXT_MS * rate // 1000
        start = min((word.start or 0) * rate // self.rate for word in spoken) - context
        end = max((word.end or 0) * rate // self.rate for word in spoken) + context
        return min(max(start, 0), samples), min(end, samples)

    def _inserted(self) -> int:
        return sum(step.kind == "insert" for step in self.steps)
