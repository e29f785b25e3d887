"""Empirical distributions of delays: what share of words arrived within so many seconds, one curve an arm."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 540, 250
LEFT, RIGHT, TOP, BOTTOM = 54, 12, 22, 34
SHARES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)  # horizontal rules; 95 % would touch the top
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)  # of the horizontal axis, times a power of ten
TICKS = 6


@dataclass(frozen=True, slots=True)
class Curve:
    """One arm's curve: shares of all words, those that never arrived included, so it may end below 1."""

    name: str  # class in the style sheet
    points: tuple[tuple[float, float], ...]  # (seconds, share), ascending


@dataclass(frozen=True, slots=True)
class Limit:
    """A promised delay, drawn as a vertical rule."""

    seconds: float
    text: str


def ecdf(curves: tuple[Curve, ...], lowest: float, highest: float, limit: Limit | None, label: str) -> Markup:
    """Draw the curves between two delays in seconds.

    Args:
        label: the same in words, for those who do not see it.
    """
    step = tick_step(lowest, highest)
    parts = [_grid(), _ticks(lowest, highest, step)]
    if limit is not None and lowest <= limit.seconds <= highest:
        parts.append(_limit(limit, lowest, highest))
    parts.extend(_curve(c, lowest, highest) for c in curves)
    svg = Markup('<svg class="ecdf" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return svg.format(WIDTH, HEIGHT, label, Markup("").join(parts))


def tick_step(lowest: float, highest: float) -> float:
    """A round distance between ticks, so that about six fit."""
    rough = max(highest - lowest, 1e-9) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(s for s in STEPS if s * power >= rough * 0.999)


def _x(seconds: float, lowest: float, highest: float) -> float:
    share = (seconds - lowest) / (highest - lowest) if highest > lowest else 0.0
    return LEFT + (WIDTH - LEFT - RIGHT) * share


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)


def _grid() -> Markup:
    rule = Markup('<path class="rule" d="M{} {}H{}"/><text class="tick" x="{}" y="{}" text-anchor="end">{}</text>')
    lines = (rule.format(LEFT, _n(_y(s)), WIDTH - RIGHT, LEFT - 6, _n(_y(s) + 4), f"{s:.0%}") for s in SHARES)
    return Markup("").join(lines)


def _ticks(lowest: float, highest: float, step: float) -> Markup:
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) + (1 if f"{step:e}".startswith("2.5") else 0)
    tick = Markup('<path class="rule" d="M{} {}v4"/><text class="tick" x="{}" y="{}" text-anchor="middle">{} s</text>')
    parts = []
    for k in range(math.ceil(lowest / step - 1e-9), math.floor(highest / step + 1e-9) + 1):
        x = _n(_x(k * step, lowest, highest))
        parts.append(tick.format(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 18, f"{k * step:.{digits}f}"))
    return Markup("").join(parts)


def _limit(limit: Limit, lowest: float, highest: float) -> Markup:
    x = _x(limit.seconds, lowest, highest)
    anchor = "end" if x > WIDTH / 2 else "start"  # the text stands above the curves and inside the picture
    rule = Markup('<path class="limit" d="M{} {}V{}"/><text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>')
    return rule.format(_n(x), TOP - 4, HEIGHT - BOTTOM, _n(x), TOP - 8, anchor, limit.text)


def _curve(curve: Curve, lowest: float, highest: float) -> Markup:
    seen = [(x, share) for x, share in curve.points if x <= highest]
    if not seen:
        return Markup("")
    path = [f"M{_n(_x(seen[0][0], lowest, highest))} {_n(_y(0.0))}"]
    for seconds, share in seen:
        path.append(f"H{_n(_x(seconds, lowest, highest))}V{_n(_y(share))}")
    if len(seen) == len(curve.points):
        path.append(f"H{WIDTH - RIGHT}")
    return Markup('<path class="curve {}" d="{}"/>').format(curve.name, "".join(path))


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
