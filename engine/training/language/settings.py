"""The recipe of a language model training, read from a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template

from engine.training.schedule import Schedule

RECIPE = Path(__file__).with_name("language.toml")


@dataclass(frozen=True, slots=True)
class LanguageSettings:
    """All that decides a training but the texts."""

    folder: Path
    seed: int
    batch: int
    noise: int
    penalty: float
    dropout: float
    clip: float
    save_every: int
    shares: tuple[float, ...]
    context: int
    width: int
    hidden: int
    schedule: Schedule


def read_language_settings(path: Path, work: Path) -> LanguageSettings:
    """Read a recipe.

    Args:
        work: the folder that ``$work`` in it stands for.

    Raises:
        ValueError: a setting is missing or unknown.
    """
    table = tomllib.loads(Template(path.read_text(encoding="utf-8")).safe_substitute(work=work))
    try:
        return LanguageSettings(
            folder=Path(table.pop("folder")),
            shares=tuple(table.pop("shares")),
            schedule=Schedule(**table.pop("schedule")),
            **table.pop("shape"),
            **table,
        )
    except (KeyError, TypeError) as wrong:
        raise ValueError(f"{path}: setting missing or unknown ({wrong}); see {RECIPE.name}") from None
