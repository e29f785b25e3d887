"""A mistake in a recipe is one line that names the setting, its place and what would fit."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.errors import TrainingError
from engine.training.recipe import fill, read_table
from engine.training.settings import RECIPE, read_settings


@dataclass(frozen=True)
class Part:
    size: int
    share: float = 0.5


@dataclass(frozen=True)
class Whole:
    name: str
    place: Path | None = None
    parts: tuple[Part, ...] = ()
    one: Part = field(default_factory=lambda: Part(1))


def test_tables_become_dataclasses() -> None:
    table = {"name": "x", "place": "a/b", "parts": [{"size": 2, "share": 1}], "one": {"size": 3}}
    assert fill(Whole, table, "t") == Whole("x", Path("a/b"), (Part(2, 1.0),), Part(3))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            {"name": "x", "plaice": "y"},
            r"r\.toml: there is no setting 'plaice' \(did you mean 'place'\?\); known: name",
        ),
        ({}, r"r\.toml: setting 'name' is missing"),
        ({"name": 3}, r"r\.toml, name: 3 is int; str is expected"),
        ({"name": "x", "parts": {"size": 1}}, r"r\.toml, parts: .* is no list"),
        ({"name": "x", "parts": [{"size": 1}, {"size": 2.5}]}, r"r\.toml, parts 2, size: 2\.5 is float; int"),
        ({"name": "x", "one": {"size": True}}, r"one, size: True is bool"),
        ({"name": "x", "one": 5}, r"one: 5 is no table"),
    ],
)
def test_what_does_not_fit_is_named(table: dict[str, object], told: str) -> None:
    with pytest.raises(TrainingError, match=told):
        fill(Whole, table, "r.toml")


def test_a_recipe_that_is_not_there_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="cannot be read"):
        read_table(tmp_path / "gone.toml", tmp_path, tmp_path)
    (tmp_path / "bad.toml").write_text("a = ")
    with pytest.raises(TrainingError, match=r"bad\.toml: no TOML"):
        read_table(tmp_path / "bad.toml", tmp_path, tmp_path)


def test_the_recipe_that_comes_with_understudy_is_sound(tmp_path: Path) -> None:
    settings = read_settings(RECIPE, tmp_path / "speech", tmp_path / "work")
    assert settings.corpora[0].manifest == tmp_path / "speech" / "train.jsonl"
    assert settings.folder.is_relative_to(tmp_path / "work")
    assert 0 < settings.decay_steps < settings.steps


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("processes = 2", "processes = 0", "processes is 0; it must be above 0"),
        ("chunks = [2, 4", "chunks = [7, 4", "chunks has 7"),
        ("weights = [1.0, 0.5]", "weights = [1.0]", "digits: 1 weights for 2 versions"),
    ],
)
def test_settings_of_no_use_are_named(old: str, new: str, told: str, tmp_path: Path) -> None:
    text = RECIPE.read_text()
    assert old in text
    (tmp_path / "own.toml").write_text(text.replace(old, new))
    with pytest.raises(TrainingError, match=told):
        read_settings(tmp_path / "own.toml", tmp_path, tmp_path)


def test_the_order_of_batches_depends_on_what_decides_it(tmp_path: Path) -> None:
    text = RECIPE.read_text()
    orders = []
    for old, new in (("", ""), ("seed = 1", "seed = 2"), ("save_every = 200", "save_every = 100")):
        (tmp_path / "own.toml").write_text(text.replace(old, new) if old else text)
        orders.append(read_settings(tmp_path / "own.toml", tmp_path, tmp_path).order())
    assert orders[0] == orders[2] != orders[1]
