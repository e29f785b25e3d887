"""All measures of one meeting by name, each counted when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from harness.measures.counts import WordErrors
from harness.measures.meetings.attribution import attribution, joined
from harness.measures.meetings.meeting import Meeting, Side
from harness.measures.meetings.permutation import permuted
from harness.measures.meetings.placement import hypothesis_placed, reference_placed
from harness.measures.meetings.utterances import PAUSE_MS, Utterance, of_words
from harness.measures.meetings.values import Attribution, Permuted, Placed, SpeakerCountErrors
from kernels.utterance_assignment import EXACT_CELLS
from testsets.transcript import Word

COLLAR_MS = 5_000  # meeteval's advice: wide enough for words whose times were guessed from segments


class MeetingErrors:
    """What one meeting's words count to, with and without regard to speakers and times.

    Measures with times (``tcp``, ``tcorc``, ``ditcp``) are None unless every word of both sides has times.
    """

    def __init__(
        self,
        reference: Sequence[Utterance],
        hypothesis: Sequence[Utterance],
        rate: int,
        *,
        collar_ms: int = COLLAR_MS,
        effort: float = EXACT_CELLS,
    ) -> None:
        """Nothing is counted yet.

        Args:
            reference: what was said.
            hypothesis: what was recognised.
            rate: samples per second of both sides' times.
            collar_ms: how far the centre of a recognised word may lie outside the spoken one, milliseconds.
            effort: most cells for an exact placement of utterances; beyond it a search answers, and says so.
        """
        self._meeting = Meeting(Side.of(reference), Side.of(hypothesis), rate, collar_ms)
        self._effort = effort

    @cached_property
    def cp(self) -> Permuted:
        """cpWER: speakers matched one to one."""
        return permuted(self._meeting, timed=False)

    @cached_property
    def tcp(self) -> Permuted | None:
        """tcpWER: as cpWER, and words are paired only within the collar."""
        return permuted(self._meeting, timed=True) if self._meeting.timed else None

    @cached_property
    def orc(self) -> Placed:
        """ORC-WER: reference utterances may go to any hypothesis speaker."""
        return reference_placed(self._meeting, timed=False, effort=self._effort)

    @cached_property
    def tcorc(self) -> Placed | None:
        """tcORC-WER: as ORC-WER, and words are paired only within the collar."""
        return reference_placed(self._meeting, timed=True, effort=self._effort) if self._meeting.timed else None

    @cached_property
    def dicp(self) -> Placed:
        """DI-cpWER: hypothesis utterances may go to any reference speaker."""
        return hypothesis_placed(self._meeting, timed=False, effort=self._effort)

    @cached_property
    def ditcp(self) -> Placed | None:
        """DI-tcpWER: as DI-cpWER, and words are paired only within the collar."""
        return hypothesis_placed(self._meeting, timed=True, effort=self._effort) if self._meeting.timed else None

    @cached_property
    def joined(self) -> WordErrors:
        """Word errors of all words in order of time, as though one speaker said them; with the collar if it can be."""
        return joined(self._meeting, timed=self._meeting.timed)

    @cached_property
    def attribution(self) -> Attribution:
        """Right words, wrong speaker; words are paired in the way of three that leaves the fewest errors."""
        ways = [(self.joined, None), *((way.errors, way) for way in (self.tcorc or self.orc, self.ditcp or self.dicp))]
        _, placed = min(ways, key=lambda way: way[0].errors)
        return attribution(self._meeting, placed, timed=self._meeting.timed)

    @property
    def speakers(self) -> SpeakerCountErrors:
        """How many speakers too few or too many say a word."""
        return self.cp.speakers


def meeting_errors(
    reference: Iterable[Word],
    hypothesis: Iterable[Word],
    rate: int,
    *,
    collar_ms: int = COLLAR_MS,
    pause_ms: int = PAUSE_MS,
) -> MeetingErrors:
    """The measures of one meeting, from words.

    Args:
        reference: normalised words of all speakers; times in samples at ``rate``.
        hypothesis: likewise.
        rate: samples per second.
        collar_ms: how far the centre of a recognised word may lie outside the spoken one, milliseconds.
        pause_ms: the longest silence inside an utterance, milliseconds.
    """
    said, heard = of_words(reference, rate, pause_ms), of_words(hypothesis, rate, pause_ms)
    return MeetingErrors(said, heard, rate, collar_ms=collar_ms)
