"""A TOML table becomes a dataclass; what does not fit is said in one line: which setting, where, what would fit."""

from __future__ import annotations

import difflib
import tomllib
import types
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from string import Template
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from engine.errors import TrainingError

T = TypeVar("T")


def read_table(path: Path, speech: Path, work: Path) -> dict[str, Any]:
    """Read a recipe.

    Args:
        path: the TOML file.
        speech: the folder that ``$speech`` in it stands for.
        work: the folder that ``$work`` in it stands for.

    Raises:
        TrainingError: it is missing or no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(Template(text).safe_substitute(speech=speech, work=work))
    except (OSError, UnicodeDecodeError) as wrong:
        raise TrainingError(str(path), f"cannot be read ({wrong}); name a recipe such as standard.toml") from None
    except tomllib.TOMLDecodeError as wrong:
        raise TrainingError(str(path), f"no TOML ({wrong})") from None


def fill(kind: type[T], table: Any, where: str) -> T:
    """Make a dataclass of a table.

    Args:
        kind: a dataclass of numbers, texts, paths, tuples and other such dataclasses.
        table: what TOML gave.
        where: file and table, for errors.

    Raises:
        TrainingError: a setting is unknown, missing, or of another type.
    """
    if not isinstance(table, dict):
        raise TrainingError(where, f"{table!r} is no table of settings")
    hints = get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for key in table:
        if key not in known:
            close = difflib.get_close_matches(key, known, 1)
            raise TrainingError(
                where,
                f"there is no setting {key!r}{f' (did you mean {close[0]!r}?)' if close else ''}; "
                f"known: {', '.join(known)}",
            )
    for name, field in known.items():
        if name not in table and field.default is MISSING and field.default_factory is MISSING:
            raise TrainingError(where, f"setting {name!r} is missing; see engine/training/standard.toml")
    return kind(**{key: _value(hints[key], value, f"{where}, {key}") for key, value in table.items()})


def _value(kind: Any, value: Any, where: str) -> Any:
    if get_origin(kind) is types.UnionType:
        kind = next(one for one in get_args(kind) if one is not type(None))
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise TrainingError(where, f"{value!r} is no list")
        return tuple(_value(get_args(kind)[0], item, f"{where} {number}") for number, item in enumerate(value, 1))
    if is_dataclass(kind):
        return fill(kind, value, where)  # type: ignore[arg-type]
    if kind is Path and isinstance(value, str):
        return Path(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise TrainingError(where, f"{value!r} is {type(value).__name__}; {kind.__name__} is expected")
    return value
