"""The time measures that are neither delays nor plain shares, as values: counts only, and quick to load."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from harness.measures.counts import Share


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Words by when their final came; the rate is that of late ones, early ones are shown and never counted against."""

    early: int = 0  # well before the deadline, while audio still flowed
    in_time: int = 0
    late: int = 0  # after the deadline, or never

    def __add__(self, other: Deadlines) -> Deadlines:
        return Deadlines(self.early + other.early, self.in_time + other.in_time, self.late + other.late)

    @property
    def errors(self) -> int:
        return self.late

    @property
    def total(self) -> int:
        return self.early + self.in_time + self.late

    @property
    def scale(self) -> int:
        return 1

    @property
    def rate(self) -> float | None:
        """Share of late words."""
        return self.late / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class RealTimeFactor:
    """Time of work over time of audio; below 1 a recogniser keeps up."""

    work_ns: int = 0
    audio_ns: int = 0

    def __add__(self, other: RealTimeFactor) -> RealTimeFactor:
        return RealTimeFactor(self.work_ns + other.work_ns, self.audio_ns + other.audio_ns)

    @property
    def errors(self) -> int:
        return self.work_ns

    @property
    def total(self) -> int:
        return self.audio_ns

    @property
    def scale(self) -> int:
        return 1_000_000_000

    @property
    def rate(self) -> float | None:
        return self.work_ns / self.audio_ns if self.audio_ns else None


@dataclass(frozen=True, slots=True)
class Stability:
    """Counts of what was shown, kept and taken back; each share of it is read by its own name."""

    final: int = 0  # words that became final
    shown: int = 0  # words put on the screen, again each time they are rewritten
    erased: int = 0  # words taken off the screen: all behind the first that changed
    unstable: int = 0  # words that changed or went; words that only moved do not count
    updates: int = 0  # times that a shown partial was replaced
    revisions: int = 0  # updates that changed a word
    segments: int = 0  # utterances, see stability()
    unstable_segments: int = 0  # with at least one revision

    def __add__(self, other: Stability) -> Stability:
        return Stability(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def erasure(self) -> Share:
        """Normalised erasure: erased words over final words; it may exceed 1.

        Source: Arivazhagan et al. 2020 (arXiv 2004.03643).
        """
        return Share(self.erased, self.final)

    @property
    def unstable_words(self) -> Share:
        """Unstable partial word ratio (UPWR) over final words; it may exceed 1.

        Source: Shangguan et al. 2020 (arXiv 2006.01416).
        """
        return Share(self.unstable, self.final)

    @property
    def unstable_shown(self) -> Share:
        """The same over shown words, as some implementations have it: never above 1, and kinder to chatty partials."""
        return Share(self.unstable, self.shown)

    @property
    def unstable_segment_share(self) -> Share:
        """Unstable partial segment ratio (UPSR): segments with a revision over segments. Source: as UPWR."""
        return Share(self.unstable_segments, self.segments)

    @property
    def flicker(self) -> Share:
        """Updates that changed a shown word over all updates of shown words."""
        return Share(self.revisions, self.updates)
