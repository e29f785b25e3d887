"""A plan's curve as SVG: clusters to the right, the difference that they tell apart upwards, both logarithmic."""

from __future__ import annotations

import math

from markupsafe import escape

from reports.wording import difference, measure_title, slice_title
from understudy.planning import Plan

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 360, 84, 44, 44, 24
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#444}.title{font-weight:600;fill:#111}.axis{stroke:#999}"
    ".curve{fill:none;stroke:#2563a8;stroke-width:2}.need{stroke:#c2410c;stroke-dasharray:4 3}"
    ".at{fill:#c2410c}.run{fill:#2563a8}"
)


def curve_svg(plan: Plan) -> str:
    """Draw one plan whose differences are above 0; margins are dashed lines, each with the clusters that it needs."""
    points = list(plan.curve)
    needs = [(need.clusters, need.margin, need.asked) for need in plan.needs if need.clusters is not None]
    ks = [k for k, _ in points] + [k for k, _, _ in needs]
    sizes = [size for _, size in points] + [margin for _, margin, _ in needs]
    frame = _Frame(min(ks), max(ks), min(sizes), max(sizes))
    title = f"{measure_title(plan.measure, plan.statistic)} on {slice_title(plan.slice)}"
    parts = [f'<text class="title" x="{LEFT}" y="22">{escape(title)}: the difference that so many clusters tell</text>']
    parts += _axes(frame, plan.unit, points)
    path = "L".join(f"{frame.x(k):.1f} {frame.y(size):.1f}" for k, size in points)
    parts.append(f'<path class="curve" d="M{path}"/>')
    for clusters, margin, asked in needs:
        x, y = frame.x(clusters), frame.y(margin)
        parts.append(f'<path class="need" d="M{LEFT} {y:.1f}H{x:.1f}V{HEIGHT - BOTTOM}"/>')
        parts.append(f'<circle class="at" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')
        parts.append(f'<text x="{x + 6:.1f}" y="{y - 6:.1f}">{escape(asked)}: {clusters:,}</text>')
    if plan.clusters is not None and plan.detectable:
        x, y = frame.x(plan.clusters), frame.y(plan.detectable)
        parts.append(f'<circle class="run" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
        parts.append(f'<text x="{x + 8:.1f}" y="{y + 16:.1f}">this run</text>')
    label = escape(title)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
    return f"{head}<style>{_STYLE}</style>{''.join(parts)}</svg>\n"


class _Frame:
    """From clusters and sizes to pixels; a range without width is widened."""

    def __init__(self, fewest: int, most: int, least: float, largest: float) -> None:
        self._k = (math.log(fewest), math.log(max(most, fewest + 1)))
        self._size = (math.log(least / 1.1), math.log(largest * 1.1))

    def x(self, clusters: int) -> float:
        low, high = self._k
        return LEFT + (math.log(clusters) - low) / (high - low) * (WIDTH - LEFT - RIGHT - 90)

    def y(self, size: float) -> float:
        low, high = self._size
        return HEIGHT - BOTTOM - (math.log(size) - low) / (high - low) * (HEIGHT - BOTTOM - TOP)


def _axes(frame: _Frame, unit: str, points: list[tuple[int, float]]) -> list[str]:
    floor = HEIGHT - BOTTOM
    parts = [f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}"/>']
    for clusters, size in points[:: max(len(points) // 5, 1)]:
        parts.append(f'<text x="{frame.x(clusters):.1f}" y="{floor + 18}" text-anchor="middle">{clusters:,}</text>')
        amount = difference(size, unit).lstrip("+")
        parts.append(f'<text x="{LEFT - 8}" y="{frame.y(size) + 4:.1f}" text-anchor="end">{escape(amount)}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">clusters</text>')
    return parts
