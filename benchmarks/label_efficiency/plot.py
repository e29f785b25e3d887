"""The curves as a scalable picture: a panel for words and one for phones."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

import numpy as np

from benchmarks.label_efficiency.curve import Counted

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 380.0, 300.0, 52.0, 34.0, 46.0
COLOURS = ("#8a8f98", "#1665d8")
NAMES = ("from scratch", "pretrained")
TICKS = (1, 3, 10, 30, 100, 300)


class Panel:
    """One pair of axes: logarithmic minutes, and percent."""

    def __init__(self, counted: Counted, title: str, offset: float) -> None:
        self._counted, self._title, self._offset = counted, title, offset
        rates = 100 * counted.rates_by_seed()
        self._low = float(max(0.0, 10 * np.floor(rates.min() / 10 - 0.2)))
        self._high = float(10 * np.ceil(rates.max() / 10 + 0.2))
        self._first, self._last = np.log(counted.minutes[0] / 1.5), np.log(counted.minutes[-1] * 1.5)

    def draw(self) -> list[str]:
        """Everything in the panel."""
        across = self._offset + LEFT + (WIDTH - LEFT - 14) / 2
        lines = [_text(across, TOP - 12, self._title, "middle", bold=True)]
        lines.append(_text(across, HEIGHT - 10, "labelled minutes", "middle"))
        return [*lines, *self._axes(), *(part for arm in (0, 1) for part in self._curve(arm))]

    def _x(self, minutes: float) -> float:
        share = (np.log(minutes) - self._first) / (self._last - self._first)
        return float(self._offset + LEFT + share * (WIDTH - LEFT - 14))

    def _y(self, percent: float) -> float:
        return float(TOP + (self._high - percent) / (self._high - self._low) * (HEIGHT - TOP - BOTTOM))

    def _axes(self) -> list[str]:
        lines = []
        for percent in np.arange(self._low, self._high + 1, 10 if self._high - self._low > 20 else 5):
            y = self._y(percent)
            lines.append(_line([(self._offset + LEFT, y), (self._offset + WIDTH - 14, y)], "#e3e5e8", 1))
            lines.append(_text(self._offset + LEFT - 6, y + 4, f"{percent:.0f}", "end"))
        for minutes in TICKS:
            if self._first <= np.log(minutes) <= self._last:
                lines.append(_text(self._x(minutes), HEIGHT - BOTTOM + 17, str(minutes), "middle"))
        return lines

    def _curve(self, arm: int) -> list[str]:
        counted, colour = self._counted, COLOURS[arm]
        rates = 100 * counted.rates()[arm]
        places = [(self._x(m), self._y(r)) for m, r in zip(counted.minutes, rates, strict=True)]
        lines = [_line(places, colour, 2)]
        for size, (x, _) in enumerate(places):
            inference = counted.interval(arm, size)
            if inference is not None:
                ends = [100 * inference.lower(0.025), 100 * min(1.0, inference.upper(0.025))]
                shifted = x + (-3, 3)[arm]
                lines.append(_line([(shifted, self._inside(end)) for end in ends], colour, 1))
            lines += [
                f'<circle cx="{x:.1f}" cy="{self._y(100 * rate):.1f}" r="2.6" fill="{colour}"/>'
                for rate in counted.rates_by_seed()[arm, size]
            ]
        # Curves fall to the right: its upper corner is free.
        lines.append(_text(self._offset + WIDTH - 20, TOP + 16 + 16 * arm, NAMES[arm], "end", bold=True, colour=colour))
        return lines

    def _inside(self, percent: float) -> float:
        return self._y(min(self._high, max(self._low, percent)))


def draw(panels: Sequence[tuple[str, Counted]]) -> str:
    """The picture as SVG, panels side by side."""
    parts = [
        part for place, (title, counted) in enumerate(panels) for part in Panel(counted, title, place * WIDTH).draw()
    ]
    width = WIDTH * len(panels)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {HEIGHT:.0f}" width="{width:.0f}" '
        f'height="{HEIGHT:.0f}" font-family="system-ui, sans-serif" font-size="12" fill="#30343b">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="#ffffff"/>', *parts, "</svg>", ""])


def _line(points: Sequence[tuple[float, float]], colour: str, width: float) -> str:
    where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{where}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, text: str, anchor: str, *, bold: bool = False, colour: str = "#30343b") -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(text)}</text>'
