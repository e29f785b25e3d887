"""How a search is run: the [decode] table of model.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from engine.decoder.confidence import UNCHANGED, ConfidenceMap
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
    lattice_beam: float = 0.0  # paths worse by less than this stay in the lattice; 0 keeps the best path only
    posterior_scale: float = 1.0  # multiplies scores of the lattice where posteriors are taken
    evidence: float = 0.0  # of speech that a word needs about it (``engine.nonspeech``); 0 lets every word pass
    least_risk: bool = True  # finals are the words that are wrong least often; false takes the best path's
    confidence: ConfidenceMap = UNCHANGED

    @classmethod
    def from_table(cls, table: Mapping[str, Any], where: str) -> DecodeOptions:
        """Read a TOML table.

        Raises:
            ModelError: a key is unknown or a value is no number.
        """
        known = [field.name for field in fields(cls) if field.name != "confidence"]
        unknown = sorted(set(table) - set(known))
        if unknown:
            raise ModelError(where, f"unknown decode setting {unknown[0]!r}; known: {', '.join(known)}")
        if not isinstance(table.get("least_risk", True), bool):
            raise ModelError(where, f"decode setting 'least_risk' must be true or false, got {table['least_risk']!r}")
        numbers = {key: value for key, value in table.items() if key != "least_risk"}
        bad = [k for k, v in numbers.items() if isinstance(v, bool) or not isinstance(v, int | float)]
        if bad:
            raise ModelError(where, f"decode setting {bad[0]!r} must be a number, got {table[bad[0]]!r}")
        options = cls(**table)
        if options.beam <= 0 or options.max_active < 1 or not isinstance(options.max_active, int):
            raise ModelError(where, "beam must be above 0 and max_active a whole number above 0")
        if min(options.lattice_beam, options.evidence) < 0 or options.posterior_scale <= 0:
            raise ModelError(where, "lattice_beam and evidence must not be below 0, posterior_scale must be above 0")
        return options


def read_decode_options(folder: Path) -> DecodeOptions:
    """Read the [decode] and [confidence] tables of a folder's model.toml; what they leave out keeps its default.

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
    options = DecodeOptions.from_table(table.get("decode", {}), str(path))
    return replace(options, confidence=ConfidenceMap.from_table(table.get("confidence", {}), str(path)))
