"""The figures of the experiment in words: a table, the ratio of labels, and the plot beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.label_efficiency.cells import Finished
from benchmarks.label_efficiency.curve import Counted, Saving, count, saving, spread
from benchmarks.label_efficiency.plot import draw
from harness.statistics.inference import Inference

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
PICTURE = Path("images") / "label-efficiency.svg"
SEED = 7
UNITS = (("words", "Word error rate (%)", True), ("phones", "Phone error rate, greedy (%)", False))


def rewrite(page: Path, finished: Sequence[Finished]) -> None:
    """Put the figures between the marks of a Markdown page, and the plot into its folder of images.

    Raises:
        ValueError: the page lacks the marks, or no size has both arms yet.
    """
    text = page.read_text(encoding="utf-8")
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise ValueError(f"{page} must hold {BEGIN} and {END}; the figures go between them")
    counted = {name: count(finished, words=words) for name, _, words in UNITS}
    panels = [(title, table) for name, title, _ in UNITS if (table := counted[name]) is not None]
    if not panels:
        raise ValueError("no size has both arms yet; let the experiment go on")
    picture = page.parent / PICTURE
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(draw(panels), encoding="utf-8")
    parts = [f"![Error rate against labelled minutes]({PICTURE.as_posix()})"]
    parts += [
        part
        for name, title, _ in UNITS
        if (table := counted[name])
        for part in (tabulate(table, title), ratio(table, name))
    ]
    page.write_text(f"{before}{BEGIN}\n" + "\n\n".join(parts) + f"\n{END}{after}", encoding="utf-8")


def tabulate(counted: Counted, title: str) -> str:
    """Every point with its interval over speakers, the spread of seeds, and the paired difference."""
    rng = np.random.default_rng(SEED)
    rates, by_seed = counted.rates(), counted.rates_by_seed()
    head = f"| labelled minutes | from scratch | pretrained | difference | seeds' deviation |\n{'| --- ' * 5}|"
    rows = [
        f"| {minutes:.0f} | {_rate(rates[0, size], counted.interval(0, size))} "
        f"| {_rate(rates[1, size], counted.interval(1, size))} | {_difference(counted.difference(size, rng))} "
        f"| {' / '.join(_percent(spread(list(by_seed[arm, size]))) for arm in (0, 1))} |"
        for size, minutes in enumerate(counted.minutes)
    ]
    seeds = ", ".join(str(seed) for seed in counted.seeds)
    total = counted.totals[0, 0, 0].sum()
    note = (
        f"{title} [95 % interval over {counted.errors.shape[3]} speakers]; {total:.0f} counted a seed; seeds {seeds}."
    )
    return "\n".join([note, "", head, *rows])


def ratio(counted: Counted, unit: str) -> str:
    """The sentence that the experiment is for."""
    found: Saving = saving(counted, np.random.default_rng(SEED))
    if found.ratio is None:
        return f"No error rate of {unit} is reached by both bodies: the ratio of labels is not defined."
    over = "speakers and seeds" if len(counted.seeds) > 1 else "speakers; one seed, whose luck is in no interval"
    undefined = f"; undefined in {100 * found.undefined:.0f} % of the draws" if found.undefined else ""
    interval = (
        "no interval" if found.low is None else f"{found.low:.2f} to {found.high:.2f}, 95 % over {over}{undefined}"
    )
    return (
        f"**At equal error rate of {unit}, the body from scratch needs {found.ratio:.2f} times the labels** of the "
        f"pretrained one [{interval}]."
    )


def _rate(rate: float, inference: Inference | None) -> str:
    if inference is None:
        return f"{100 * rate:.1f}"
    return f"{100 * rate:.1f} [{100 * inference.lower(0.025):.1f}, {100 * inference.upper(0.025):.1f}]"


def _difference(inference: Inference | None) -> str:
    if inference is None:
        return "-"
    return f"{100 * inference.estimate:+.1f} [{100 * inference.lower(0.025):+.1f}, {100 * inference.upper(0.025):+.1f}]"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"
