"""Plots of the findings as SVG, without a plotting library: readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.recogniser.findings import Findings

_SIDE, _EDGE = 300, 46  # pixels of the square, and around it
_COLOURS = ("#9aa0a6", "#1a73e8")
_LINES = ("#1a73e8", "#d93025", "#188038", "#f29900", "#9334e6", "#12858d", "#5f6368")
_INK = "#3c4043"

Point = tuple[float, float]


def reliability_plot(found: Findings) -> str:
    """Share of right words over confidence, a dot a bin as large as its share of words; on the diagonal is honest."""
    parts = [_axes("confidence", "share of right words"), _line([(0, 0), (1, 1)], "#80868b", "4 4")]
    for place, (name, label) in enumerate((("given", "as given"), ("mapped", "calibrated on dev"))):
        bins: Sequence[Mapping[str, Any]] = found.data[name]
        words = sum(one["words"] for one in bins)
        dots = [(one["confidence"], one["right"] / one["words"], one["words"] / words) for one in bins if one["words"]]
        parts.append(_line([(x, y) for x, y, _ in dots], _COLOURS[place]))
        parts += [_dot(x, y, 2.5 + 9 * weight**0.5, _COLOURS[place]) for x, y, weight in dots]
        parts.append(_text(_EDGE + 12, _EDGE + 18 + 16 * place, label, _COLOURS[place]))
    return _svg(found.title, parts)


def look_ahead_plot(found: Findings) -> str:
    """Word error rate over look-ahead, a line a stratum with its intervals as thin bars."""
    names, aheads = list(next(iter(found.data.values()))), list(found.data)
    top = max(one["upper"] or one["point"] for row in found.data.values() for one in row.values())
    parts = [_frame("look-ahead", f"word error rate, 0 to {100 * top:.0f} %")]
    across = [(place + 0.5) / len(aheads) for place in range(len(aheads))]
    parts += [_text(_x(x), _EDGE + _SIDE + 16, ahead, _INK, "middle") for x, ahead in zip(across, aheads, strict=True)]
    for place, name in enumerate(names):
        colour = _LINES[place % len(_LINES)]
        rates = [found.data[ahead][name] for ahead in aheads]
        parts.append(_line([(x, one["point"] / top) for x, one in zip(across, rates, strict=True)], colour))
        parts += [
            _line([(x, one["lower"] / top), (x, one["upper"] / top)], colour, "1 2")
            for x, one in zip(across, rates, strict=True)
            if one["lower"] is not None
        ]
        parts.append(_text(_x(across[0]), _y(rates[0]["point"] / top) - 5, name, colour))
    return _svg(found.title, parts)


def plane_plot(found: Findings) -> str:
    """Word error rate over the median delay of finals, a line an operating point; areas of dots are processor time."""
    places: Sequence[Mapping[str, Any]] = [one for one in found.data["places"] if not one["partials"]]
    right = 1.1 * max(one["delay"] for one in places)
    top, bottom = 1.01 * max(one["point"] for one in places), 0.99 * min(one["point"] for one in places)
    most = max(one["cpu"] for one in places)
    parts = [_frame("median delay of a final, s", f"word error rate, {100 * bottom:.0f} to {100 * top:.0f} %")]
    for place, name in enumerate(dict.fromkeys(one["name"] for one in places)):
        colour = _LINES[place]
        line = [one for one in places if one["name"] == name]
        dots = [(one["delay"] / right, (one["point"] - bottom) / (top - bottom)) for one in line]
        parts.append(_line(dots, colour))
        for one, (x, y) in zip(line, dots, strict=True):
            parts.append(_dot(x, y, 9 * (one["cpu"] / most) ** 0.5, colour))
            parts.append(_text(_x(x) + 12, _y(y) - 6 + 16 * place, f"{one['max_delay']:g} s", colour))
        parts.append(_text(_EDGE + _SIDE - 8, _EDGE + 18 + 16 * place, name, colour, "end"))
    parts += [_text(_x(tick / right), _EDGE + _SIDE + 16, str(tick), _INK, "middle") for tick in range(int(right) + 1)]
    return _svg(found.title, parts)


def _svg(title: str, parts: Sequence[str]) -> str:
    size = _SIDE + 2 * _EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" font-family="sans-serif" '
        f'font-size="12"><title>{title}</title><rect width="{size}" height="{size}" fill="#fff"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _axes(across: str, up: str) -> str:
    marks = [
        _text(_x(tick), _EDGE + _SIDE + 16, f"{tick:g}", _INK, "middle")
        + _text(_EDGE - 6, _y(tick) + 4, f"{tick:g}", _INK, "end")
        for tick in (0, 0.2, 0.4, 0.6, 0.8, 1)
    ]
    return _frame(across, up) + "".join(marks)


def _frame(across: str, up: str) -> str:
    square = f'<rect x="{_EDGE}" y="{_EDGE}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#dadce0"/>'
    turned = f'<g transform="rotate(-90 12 {_y(0.5):.1f})">{_text(12, _y(0.5), up, _INK, "middle")}</g>'
    return square + _text(_x(0.5), _EDGE + _SIDE + 34, across, _INK, "middle") + turned


def _line(points: Sequence[Point], colour: str, dashes: str = "none") -> str:
    listed = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    return f'<polyline points="{listed}" fill="none" stroke="{colour}" stroke-width="1.5" stroke-dasharray="{dashes}"/>'


def _dot(x: float, y: float, radius: float, colour: str) -> str:
    return f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="0.7"/>'


def _text(x: float, y: float, text: str, colour: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{text}</text>'


def _x(value: float) -> float:
    return _EDGE + _SIDE * value


def _y(value: float) -> float:
    return _EDGE + _SIDE * (1 - value)
