"""One row of a forest plot: a difference with its interval, the margin, and the champion's own noise."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 240, 26
EDGE = 8  # pixels kept free on either side for the arrows of what lies outside
MIDDLE = HEIGHT / 2


@dataclass(frozen=True, slots=True)
class ForestMark:
    """What is drawn, all in one unit; 0 is always in the middle and worse is to the right."""

    point: float
    lower: float | None
    upper: float | None
    bound: float | None  # one-sided upper bound
    margin: float | None
    noise: float | None  # half-width of the champion's difference with itself
    half: float  # what stands at the right edge


def forest(mark: ForestMark, label: str) -> Markup:
    """Draw one row.

    Args:
        label: the same in words, for those who do not see it.
    """
    parts = [_noise(mark), _rule(mark, 0.0, "zero")]
    if mark.margin is not None:
        parts.append(_rule(mark, mark.margin, "margin"))
    if mark.lower is not None and mark.upper is not None:
        parts.append(_span(mark, mark.lower, mark.upper))
    if mark.bound is not None and abs(mark.bound) <= mark.half:
        x = _x(mark, mark.bound)
        parts.append(Markup('<path class="bound" d="M{} {}v9"/>').format(_n(x), _n(MIDDLE - 4.5)))
    parts.append(_point(mark))
    svg = Markup('<svg class="forest" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return svg.format(WIDTH, HEIGHT, label, Markup("").join(parts))


def _x(mark: ForestMark, value: float) -> float:
    room = WIDTH / 2 - EDGE
    share = value / mark.half if mark.half > 0 else 0.0
    return WIDTH / 2 + room * max(-1.0, min(1.0, share))


def _rule(mark: ForestMark, value: float, name: str) -> Markup:
    return Markup('<path class="{}" d="M{} 0v{}"/>').format(name, _n(_x(mark, value)), HEIGHT)


def _noise(mark: ForestMark) -> Markup:
    if mark.noise is None:
        return Markup("")
    left, right = _x(mark, -abs(mark.noise)), _x(mark, abs(mark.noise))
    rectangle = Markup('<rect class="noise" x="{}" y="2" width="{}" height="{}"/>')
    return rectangle.format(_n(left), _n(max(1.0, right - left)), HEIGHT - 4)


def _span(mark: ForestMark, lower: float, upper: float) -> Markup:
    left, right = _x(mark, lower), _x(mark, upper)
    line = Markup('<path class="span" d="M{} {}H{}"/>').format(_n(left), _n(MIDDLE), _n(right))
    return line + _end(left, -1, lower < -mark.half) + _end(right, 1, upper > mark.half)


def _end(x: float, direction: int, outside: bool) -> Markup:
    """A cap where the interval ends, an arrow where it goes on beyond the edge."""
    if outside:
        arrow = Markup('<path class="arrow" d="M{} {}l{} -4v8z"/>')
        return arrow.format(_n(x + 5 * direction), _n(MIDDLE), -6 * direction)
    return Markup('<path class="span" d="M{} {}v6"/>').format(_n(x), _n(MIDDLE - 3))


def _point(mark: ForestMark) -> Markup:
    if abs(mark.point) > mark.half:
        return Markup("")
    return Markup('<circle class="point" cx="{}" cy="{}" r="3.6"/>').format(_n(_x(mark, mark.point)), _n(MIDDLE))


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
