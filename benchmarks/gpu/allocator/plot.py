"""What each allocator had taken from the machine over time, as SVG for light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.gpu.allocator.trace import TICK_MS

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 820.0, 380.0, 62.0, 16.0, 78.0, 42.0
COLOURS = {
    "arena": "#2f9e78", "glibc malloc": "#d9822b", "caching": "#d9822b", "expandable segments": "#3b82c4",
    "cudaMallocAsync": "#8b7fd1",
}  # fmt: skip
_STYLE = (
    "svg{--ink:#30343b;--quiet:#6b7280;--ground:#fff;--grid:#e3e5e8}"
    "@media(prefers-color-scheme:dark){svg{--ink:#e6e8eb;--quiet:#9aa1ab;--ground:#16181d;--grid:#2b2f36}}"
    "text{font:12px system-ui,sans-serif;fill:var(--ink)}.title{font-size:14px;font-weight:600}"
    ".quiet{fill:var(--quiet)}.ground{fill:var(--ground)}.grid{stroke:var(--grid)}path{fill:none;stroke-width:1.8}"
    ".needed{stroke:var(--quiet);stroke-width:1.2}"
)


def draw(found: Mapping[str, Any]) -> str:
    """Draw an experiment, as ``__main__.experiment`` gives it."""
    arms: Mapping[str, Mapping[str, Any]] = found["arms"]
    needed = next(iter(arms.values()))["needed"]
    most = max(max(arm["reserved"]) for arm in arms.values())
    frame = _Frame(len(needed), most)
    title = f"Memory taken from the machine: one trace of arrivals, {found['device']}"
    parts = [f'<rect class="ground" width="{WIDTH:.0f}" height="{HEIGHT:.0f}"/>', _text(LEFT, 22, title, "title")]
    parts.append(_text(LEFT, 41, f"{found['trace']['slots']} places, ticks of {TICK_MS} ms, MiB", "quiet"))
    parts += _axes(frame)
    parts.append(f'<path class="needed" d="{_line(needed, frame)}"/>')
    parts += [f'<path stroke="{COLOURS[name]}" d="{_line(arm["reserved"], frame)}"/>' for name, arm in arms.items()]
    parts += _legend(arms)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" width="{WIDTH:.0f}" '
        f'height="{HEIGHT:.0f}" role="img" aria-label="{escape(title)}">'
    )
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


class _Frame:
    """From ticks and bytes to pixels."""

    def __init__(self, ticks: int, most: int) -> None:
        self.ticks, self.most = ticks, most

    def x(self, tick: float) -> float:
        return LEFT + tick / max(1, self.ticks - 1) * (WIDTH - LEFT - RIGHT)

    def y(self, size: float) -> float:
        return HEIGHT - BOTTOM - max(0.0, size) / (1.05 * self.most) * (HEIGHT - TOP - BOTTOM)


def _line(sizes: Sequence[int], frame: _Frame) -> str:
    return "M" + "L".join(f"{frame.x(tick):.1f} {frame.y(size):.1f}" for tick, size in enumerate(sizes))


def _axes(frame: _Frame) -> list[str]:
    step, lines = 1 << 20, []
    while frame.most / step > 6:
        step *= 2
    for size in range(0, frame.most + 1, step):
        y = frame.y(size)
        lines.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(_text(LEFT - 8, y + 4, str(size >> 20), "quiet", "end"))
    for tick in range(0, frame.ticks, max(1, frame.ticks // 6)):
        lines.append(_text(frame.x(tick), HEIGHT - BOTTOM + 17, str(tick), "quiet", "middle"))
    return [*lines, _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "tick", anchor="middle")]


def _legend(arms: Mapping[str, Any]) -> list[str]:
    lines, x = [], LEFT
    for name in arms:
        lines.append(f'<path stroke="{COLOURS[name]}" d="M{x:.1f} 58.5h18"/>')
        lines.append(_text(x + 24, 63, name))
        x += 24 + 7 * len(name) + 20
    lines.append(f'<path class="needed" d="M{x:.1f} 58.5h18"/>')
    return [*lines, _text(x + 24, 63, "needed: records and the largest step")]


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
