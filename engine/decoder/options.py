"""How a search is run: the [decode] table of model.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from engine.errors import ModelError


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """Settings of one search; every cost is in nats."""

    acoustic_scale: float = 0.9  # multiplies log-probs before graph costs are added
    blank_penalty: float = 0.3  # subtracted from log p(blank) before scaling
    prior_scale: float = 0.5  # this share of the log phone prior is subtracted (blank excepted)
    word_penalty: float = 0.0  # added to the cost of every word
    beam: float = 12.0
    max_active: int = 2000

    @classmethod
    def from_table(cls, table: Mapping[str, Any], where: str) -> DecodeOptions:
        """Read a TOML table.

        Raises:
            ModelError: a key is unknown or a value is no number.
        """
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(table) - set(known))
        if unknown:
            raise ModelError(where, f"unknown decode setting {unknown[0]!r}; known: {', '.join(known)}")
        bad = [k for k, v in table.items() if isinstance(v, bool) or not isinstance(v, int | float)]
        if bad:
            raise ModelError(where, f"decode setting {bad[0]!r} must be a number, got {table[bad[0]]!r}")
        options = cls(**table)
        if options.beam <= 0 or options.max_active < 1 or not isinstance(options.max_active, int):
            raise ModelError(where, "beam must be above 0 and max_active a whole number above 0")
        return options


def read_decode_options(folder: Path) -> DecodeOptions:
    """Read the [decode] table of a folder's model.toml; what it leaves out keeps its default.

    Raises:
        ModelError: the file is missing, damaged, or has an unknown setting.
    """
    path = folder / "model.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(str(folder), "no model.toml here; name a model folder such as reference-1") from None
    except tomllib.TOMLDecodeError as wrong:
        raise ModelError(str(path), f"damaged ({wrong}); install the model again") from None
    return DecodeOptions.from_table(table.get("decode", {}), str(path))
