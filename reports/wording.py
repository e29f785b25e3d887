"""How numbers and names read: the only place where a report rounds or words anything small."""

from __future__ import annotations

from harness.measures.catalogue import CATALOGUE
from harness.results import ALL, Arm, Comparison, Outcome, Role

NONE = "–"  # what stands where a value is undefined; the reason stands beside it
NBSP = "\u00a0"
MINUS = "\u2212"
DISAGREEMENT = "disagreement"

ARM_TITLES = {
    Arm.CHAMPION.value: "champion",
    Arm.CHAMPION_AGAIN.value: "champion again",
    Arm.CANDIDATE.value: "candidate",
}


def number(value: float | None, unit: str) -> str:
    """A value in its unit: ``0.1234`` of unit "ratio" reads 12.34 %, of unit "s" 0.123 s."""
    if value is None:
        return NONE
    scale, digits, name = _form(unit, difference=False)
    return f"{_grouped(abs(value) * scale, digits, value < 0)}{NBSP}{name}"


def difference(value: float | None, unit: str) -> str:
    """A signed difference: percentage points (pp) for ratios, seconds for delays; no sign where it rounds to zero."""
    if value is None:
        return NONE
    scale, digits, name = _form(unit, difference=True)
    text = _grouped(abs(value) * scale, digits, negative=False)
    nothing = not text.strip("0.,")
    sign = "" if nothing else (MINUS if value < 0 else "+")
    return f"{sign}{text}{NBSP}{name}"


def count(n: int, noun: str, plural: str | None = None) -> str:
    """``1 unit``, ``1,200 units``."""
    return f"{n:,}{NBSP}{noun if n == 1 else plural or noun + 's'}"


def percent(share: float | None) -> str:
    """A share with at most two decimals: 95 %, 99.9 %, 0.02 %."""
    if share is None:
        return NONE
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + f"{NBSP}%"


def milliseconds(ns: int) -> str:
    """Nanoseconds of wall time as milliseconds."""
    return f"{ns / 1e6:,.1f}{NBSP}ms"


def duration(ns: int) -> str:
    """A wall time a person waits for: ``42 s``, ``3 min 05 s``, ``2 h 10 min``."""
    seconds = round(ns / 1e9)
    if seconds < 60:
        return f"{seconds}{NBSP}s"
    if seconds < 3600:
        return f"{seconds // 60}{NBSP}min {seconds % 60:02d}{NBSP}s"
    return f"{seconds // 3600}{NBSP}h {seconds % 3600 // 60:02d}{NBSP}min"


def clock(samples: int, rate: int) -> str:
    """A position in audio as minutes and seconds: ``1:02.35``."""
    hundredths = round(100 * samples / rate)
    return f"{hundredths // 6000}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"


def short(digest: str) -> str:
    """The first twelve characters of a digest, without the name of its algorithm."""
    return digest.rsplit(":", 1)[-1][:12] or NONE


def arm_title(arm: str | None) -> str:
    """How an arm is called in a sentence."""
    return NONE if arm is None else ARM_TITLES.get(arm, arm)


def measure_title(measure: str, statistic: str = "rate") -> str:
    """``WER``, ``Final latency p95``."""
    title = CATALOGUE[measure].title if measure in CATALOGUE else measure
    return title if statistic == "rate" else f"{title} {statistic}"


def measure_meaning(measure: str) -> str:
    """What the measure is, in a few words; empty when the catalogue does not know it."""
    return CATALOGUE[measure].meaning if measure in CATALOGUE else ""


def measure_family(measure: str) -> str:
    """What the measure belongs with in a table."""
    return CATALOGUE[measure].family if measure in CATALOGUE else "Other"


def slice_title(name: str) -> str:
    """``all cases`` or the slice as the policy writes it."""
    return "all cases" if name == ALL else name


def outcome_word(c: Comparison) -> str:
    """What stands in a comparison's badge; only what gates may say PASS, FAIL or HOLD aloud."""
    if c.role is Role.GATING:
        return c.outcome.value
    if c.difference is None:
        return "no value"
    if c.superior:
        return "better"
    if c.measure == DISAGREEMENT:  # another answer than the champion's is no worse answer yet
        return "differs" if c.difference > (c.noise or 0.0) else "alike"
    return {Outcome.PASS: "no worse", Outcome.FAIL: "worse", Outcome.HOLD: "unsure"}[c.outcome]


def reason(c: Comparison) -> str:
    """Why a comparison came out so, without the name that stands beside it anyway."""
    key = c.measure if c.statistic == "rate" else f"{c.measure}.{c.statistic}"
    return c.reason.removeprefix(f"{key} on {c.slice}: ")


def _form(unit: str, *, difference: bool) -> tuple[float, int, str]:
    if unit == "ratio":
        return 100.0, 2, "pp" if difference else "%"
    return 1.0, 3, "×" if unit == "x" else unit


def _grouped(value: float, digits: int, negative: bool) -> str:
    return f"{MINUS if negative else ''}{value:,.{digits}f}"
