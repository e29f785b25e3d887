"""The curves of a training as SVG beside its log: loss, phone error rates on dev, learning rate, all by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from engine.errors import TrainingError
from engine.training.watching import Entry, read_log

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 760, 190, 70, 190, 34, 46
_COLOURS = ("#2563a8", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#0e7490", "#be185d", "#4b5563")
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#444}.title{font-weight:600;fill:#111}"
    ".axis{stroke:#999;fill:none}.line{fill:none;stroke-width:1.6}"
)

Line = Sequence[tuple[float, float]]  # step, value


def draw(folder: Path) -> Path:
    """Write ``curve.svg`` of a training's folder and give its path.

    Raises:
        TrainingError: there is no log, or nothing measured in it yet.
    """
    log = folder / "log.jsonl"
    if not log.exists():
        raise TrainingError(str(log), "no such log; name the folder of a training, such as work/main")
    panels = panels_of(read_log(log))
    if not panels:
        raise TrainingError(str(log), "nothing is measured in it yet")
    out = folder / "curve.svg"
    out.write_text(svg(panels), encoding="utf-8")
    return out


def panels_of(entries: Sequence[Entry]) -> dict[str, dict[str, Line]]:
    """Sort the numbers of a log into panels of named lines."""
    panels: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for entry in entries:
        for key, panel in (("loss", "loss a phone"), ("per", "phone error rate, %"), ("rate", "learning rate")):
            value = entry.get(key)
            if not isinstance(value, int | float):
                continue
            name = f"{entry['dev']}, {40 * int(float(entry.get('chunk') or 0))} ms" if "dev" in entry else key
            panels.setdefault(panel, {}).setdefault(name, []).append((float(entry.get("step") or 0), float(value)))
    return {panel: dict(lines) for panel, lines in panels.items()}


def svg(panels: Mapping[str, Mapping[str, Line]]) -> str:
    """Draw panels one below the other over one axis of steps."""
    last = max(step for lines in panels.values() for line in lines.values() for step, _ in line) or 1.0
    height = TOP + len(panels) * (PANEL + GAP)
    parts = [
        part
        for number, (title, lines) in enumerate(panels.items())
        for part in _panel(title, lines, last, TOP + number * (PANEL + GAP))
    ]
    size = f"0 0 {WIDTH} {height}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" role="img" aria-label="training curves">'
    return f"{head}<style>{_STYLE}</style>{''.join(parts)}</svg>\n"


def _panel(title: str, lines: Mapping[str, Line], last: float, top: int) -> list[str]:
    values = [value for line in lines.values() for _, value in line]
    low, high = min(0.0, *values), max(values)
    high = high if high > low else low + 1.0
    floor, wide = top + PANEL, WIDTH - LEFT - RIGHT
    parts = [
        f'<text class="title" x="{LEFT}" y="{top - 10}">{escape(title)}</text>',
        f'<path class="axis" d="M{LEFT} {top}V{floor}H{LEFT + wide}"/>',
        f'<text x="{LEFT - 8}" y="{top + 10}" text-anchor="end">{high:.3g}</text>',
        f'<text x="{LEFT - 8}" y="{floor}" text-anchor="end">{low:.3g}</text>',
        f'<text x="{LEFT + wide}" y="{floor + 18}" text-anchor="end">{last:,.0f} steps</text>',
    ]
    for number, (name, line) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = [(LEFT + step / last * wide, floor - (value - low) / (high - low) * PANEL) for step, value in line]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f'<path class="line" stroke="{colour}" d="M{path}"/>')
        where = top + 12 + 18 * number
        parts.append(f'<path class="line" stroke="{colour}" d="M{LEFT + wide + 12} {where - 4}h16"/>')
        parts.append(f'<text x="{LEFT + wide + 34}" y="{where}">{escape(name)}</text>')
    return parts
