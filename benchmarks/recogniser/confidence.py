"""Are confidences right as often as they say? Reliability on test, as given and as calibrated on dev."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from benchmarks.recogniser.bench import Bench
from benchmarks.recogniser.deciding import Heard
from benchmarks.recogniser.findings import Findings
from engine.decoder.confidence import ConfidenceMap
from engine.training.calibration import Bin, expected_calibration_error, fit_calibration, reliability, table_of


@dataclass(frozen=True, slots=True)
class Judged:
    """Recognised words: how sure each was, and whether it was said."""

    confidence: tuple[float, ...]
    right: tuple[bool, ...]

    def calibrated(self, calibration: ConfidenceMap) -> Judged:
        """With other confidences."""
        return Judged(tuple(map(calibration, self.confidence)), self.right)

    @property
    def bins(self) -> tuple[Bin, ...]:
        """Ten of equal width."""
        return reliability(self.confidence, self.right)

    @property
    def cross_entropy(self) -> float | None:
        """Normalised: 1 for an oracle, 0 for saying the average every time; None where all are right, or wrong.

        Source: NIST, Rich Transcription evaluation plan (normalised cross entropy).
        """
        sure = np.clip(np.asarray(self.confidence), 1e-6, 1 - 1e-6)
        said = np.asarray(self.right)
        share = said.mean() if len(said) else 0.0
        if not 0 < share < 1:
            return None
        best = -(share * np.log(share) + (1 - share) * np.log(1 - share))
        given = -np.where(said, np.log(sure), np.log(1 - sure)).mean()
        return float((best - given) / best)


def judge(heard: Iterable[Heard]) -> Judged:
    """Every recognised word with its confidence; right where the cheapest edit script pairs it with an equal word."""
    confidence: list[float] = []
    right: list[bool] = []
    for one in heard:
        wrong = {
            one.placed[step.hypothesis][1]
            for step in one.steps()
            if step.hypothesis is not None and step.kind != "equal"
        }
        confidence += [word.confidence for word in one.words]
        right += [place not in wrong for place in range(len(one.words))]
    return Judged(tuple(confidence), tuple(right))


def calibrate(bench: Bench) -> ConfidenceMap:
    """Learn the first arm's map on dev: posteriors that no map has changed, speakers never heard in training."""
    heard = bench.heard(replace(bench.arm, calibrated=False), "dev")
    dev = judge(one for one in heard if one.recording.stratum != "kathleen")
    return fit_calibration(dev.confidence, dev.right)


def calibration(bench: Bench) -> Findings:
    """Reliability on test of the first arm's posteriors, as the search gives them and mapped by what dev teaches."""
    found = calibrate(bench)
    given = judge(bench.heard(replace(bench.arm, calibrated=False), "test"))
    mapped = given.calibrated(found)
    rows = [
        (f"{place / 10:.1f} to {place / 10 + 0.1:.1f}", *_cells(before), *_cells(after))
        for place, (before, after) in enumerate(zip(given.bins, mapped.bins, strict=True))
    ]
    errors = [expected_calibration_error(one.bins) for one in (given, mapped)]
    said = " ".join(
        f"{name}: expected calibration error {_number(error)}, normalised cross entropy {_number(one.cross_entropy)}."
        for name, error, one in zip(("As given", "Mapped"), errors, (given, mapped), strict=True)
    )
    return Findings(
        "confidence",
        f"Reliability of the confidences of {bench.arm.name} on test",
        ("confidence", "words", "mean", "right %", "words, mapped", "mean", "right %"),
        tuple(rows),
        (
            f"{said} The map (isotonic, piecewise linear) is learnt on the speakers of dev that were never heard in "
            "training; test decides nothing.",
        ),
        data={
            "given": [asdict(one) for one in given.bins],
            "mapped": [asdict(one) for one in mapped.bins],
            "table": table_of(found),
        },
    )


def _cells(found: Bin) -> Sequence[str]:
    share = "-" if found.share is None else f"{100 * found.share:.1f}"
    return (str(found.words), "-" if found.confidence is None else f"{found.confidence:.3f}", share)


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
