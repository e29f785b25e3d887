"""A planned arena as SVG: time, in ops, to the right, offset in the arena upwards, and a box for every buffer.

The line above the boxes is what is alive in each op. Where the two touch, the arena has no hole. Colours suit light
and dark pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import accumulate

from markupsafe import escape

from kernels.memory import Plan, Spec

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 960.0, 460.0, 74.0, 16.0, 78.0, 44.0
PARTS = ("attention", "convolution", "feed-forward and residual", "subsampling, mixing, output")
_STYLE = (
    "svg{--ink:#30343b;--quiet:#6b7280;--ground:#fff;--grid:#e3e5e8}"
    "@media(prefers-color-scheme:dark){svg{--ink:#e6e8eb;--quiet:#9aa1ab;--ground:#16181d;--grid:#2b2f36}}"
    "text{font:12px system-ui,sans-serif;fill:var(--ink)}.quiet{fill:var(--quiet)}"
    ".title{font-size:14px;font-weight:600}.name{fill:#fff;font-size:11px}"
    ".ground{fill:var(--ground)}.grid{stroke:var(--grid)}.box rect{stroke:var(--ground);stroke-width:.4}"
    ".p0{fill:#3b82c4}.p1{fill:#2f9e78}.p2{fill:#d9822b}.p3{fill:#8b7fd1}"
    ".alive{fill:none;stroke:var(--ink);stroke-width:1}.peak{stroke:#d03b3b;stroke-width:1.4}"
    ".bound{stroke:var(--ink);stroke-width:1.4;stroke-dasharray:5 4}"
)


def part_of(name: str) -> int:
    """Which of ``PARTS`` a buffer of the reference body belongs to, by its name in the graph."""
    if "/attention/" in name:
        return 0
    if "/convolution/" in name:
        return 1
    return 2 if re.match(r"blocks\.\d+/", name) else 3


def map_svg(specs: Sequence[Spec], plan: Plan, title: str, part: Callable[[str], int] = part_of) -> str:
    """Draw a plan of at least one buffer.

    Args:
        specs: the buffers.
        plan: where they lie.
        title: of the picture.
        part: which of ``PARTS`` a buffer belongs to; colours tell buffers apart where all belong to one.
    """
    frame = _Frame(max(spec.last for spec in specs) + 1, plan.peak)
    unshared = sum(spec.room for spec in specs)
    told = f"{len(specs)} buffers: {_size(unshared)} if none shared bytes, {_size(plan.peak)} as planned"
    parts = [f'<rect class="ground" width="{WIDTH:.0f}" height="{HEIGHT:.0f}"/>']
    parts += [_text(LEFT, 22, title, "title"), _text(LEFT, 41, told, "quiet")]
    kinds = [part(spec.name) for spec in specs]
    named = len(set(kinds)) > 1
    colours = kinds if named else [number % len(PARTS) for number in range(len(specs))]
    parts += [*_legend(PARTS if named else ()), *_axes(frame)]
    parts += [_box(spec, plan.offsets[spec.name], colour, frame) for spec, colour in zip(specs, colours, strict=True)]
    parts.append(_alive(specs, frame))
    parts += _limits(plan, frame)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" width="{WIDTH:.0f}" '
        f'height="{HEIGHT:.0f}" role="img" aria-label="{escape(title)}">'
    )
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


class _Frame:
    """From ops and bytes to pixels."""

    def __init__(self, ops: int, peak: int) -> None:
        self.ops, self.peak = ops, peak

    def x(self, op: float) -> float:
        return LEFT + op / self.ops * (WIDTH - LEFT - RIGHT)

    def y(self, offset: float) -> float:
        return HEIGHT - BOTTOM - offset / (1.06 * self.peak) * (HEIGHT - TOP - BOTTOM)


def _box(spec: Spec, offset: int, part: int, frame: _Frame) -> str:
    x, y = frame.x(spec.first), frame.y(offset + spec.room)
    width, height = frame.x(spec.last + 1) - x, frame.y(offset) - y
    told = f"{spec.name}: {_size(spec.bytes)} at {offset:,}, ops {spec.first} to {spec.last}"
    box = f'<rect class="p{part}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
    if width > 8 * len(spec.name) and height > 13:  # room for its name
        box += _text(x + width / 2, y + height / 2 + 4, spec.name, "name", "middle")
    return f'<g class="box"><title>{escape(told)}</title>{box}</g>'


def _alive(specs: Sequence[Spec], frame: _Frame) -> str:
    changes = [0] * (frame.ops + 1)
    for spec in specs:
        changes[spec.first] += spec.room
        changes[spec.last + 1] -= spec.room
    steps = "".join(f"V{frame.y(live):.1f}H{frame.x(op + 1):.1f}" for op, live in enumerate(accumulate(changes[:-1])))
    return f'<path class="alive" d="M{LEFT} {frame.y(0):.1f}{steps}"/>'


def _limits(plan: Plan, frame: _Frame) -> list[str]:
    ends = f'x1="{LEFT}" x2="{WIDTH - RIGHT}"'
    lines = []
    for name, size in (("peak", plan.peak), ("bound", plan.lower_bound)):
        y = f"{frame.y(size):.1f}"
        lines.append(f'<line class="{name}" {ends} y1="{y}" y2="{y}"/>')
    told = f"peak {plan.peak:,} bytes = lower bound: no plan needs less"
    if plan.peak > plan.lower_bound:
        over = 100 * (plan.peak / plan.lower_bound - 1)
        told = f"peak {plan.peak:,} bytes; {over:.1f} % above the lower bound (dashed), {plan.lower_bound:,}"
    return [*lines, _text(WIDTH - RIGHT, frame.y(plan.peak) - 6, told, anchor="end")]


def _legend(parts: Sequence[str]) -> list[str]:
    lines, x = [], LEFT
    for number, name in enumerate(parts):
        lines.append(f'<rect class="p{number}" x="{x:.1f}" y="53" width="11" height="11"/>')
        lines.append(_text(x + 16, 63, name))
        x += 16 + 6.6 * len(name) + 22
    lines.append(f'<path class="alive" d="M{x:.1f} 58.5h18"/>')
    return [*lines, _text(x + 24, 63, "alive in each op")]


def _axes(frame: _Frame) -> list[str]:
    lines = []
    for offset in _ticks(frame.peak):
        y = frame.y(offset)
        lines.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(_text(LEFT - 8, y + 4, _size(offset), "quiet", "end"))
    for op in range(0, frame.ops, 10 ** max(0, len(str(frame.ops)) - 1) if frame.ops > 10 else 1):
        lines.append(_text(frame.x(op), HEIGHT - BOTTOM + 17, str(op), "quiet", "middle"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    return [*lines, _text(middle, HEIGHT - 8, "op of the step", anchor="middle")]


def _ticks(peak: int) -> list[int]:
    step = 1024
    while peak / step > 6:
        step *= 2
    return list(range(0, peak + 1, step))


def _size(size: int) -> str:
    if size >= 1 << 20:
        return f"{size / (1 << 20):.1f} MiB"
    return f"{size / 1024:.0f} KiB" if size >= 1024 else f"{size} B"


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
