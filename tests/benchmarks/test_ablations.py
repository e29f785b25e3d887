"""Arms of an ablation differ from the whole recipe in one part."""

from dataclasses import fields, replace
from pathlib import Path

from benchmarks.ablations import SHAPE, small, without
from engine.training.settings import read_settings

RECIPE = Path(__file__).parents[2] / "engine/training/standard.toml"


def test_each_arm_lacks_one_part_and_trains_as_long() -> None:
    recipe = small(read_settings(RECIPE, Path("speech"), Path("work")), steps=100, seed=7)
    assert (recipe.shape, recipe.steps, recipe.decay_steps, recipe.seed) == (SHAPE, 100, 60, 7)
    arms = dict(without(recipe))
    assert list(arms) == ["all", "no-synth", "no-digits", "no-versions", "no-masks", "no-noise-nor-warp"]
    assert arms.pop("all") == recipe
    for name, arm in arms.items():
        changed = [field.name for field in fields(arm) if getattr(arm, field.name) != getattr(recipe, field.name)]
        assert changed == (["augmentation"] if name in ("no-masks", "no-noise-nor-warp") else ["corpora"])
    assert [one.stem.name for one in arms["no-synth"].corpora] == ["real", "digits"]
    assert {one.versions for one in arms["no-versions"].corpora} == {("s10",)}
    assert replace(arms["no-masks"].augmentation, masks=2) == recipe.augmentation
    assert arms["no-noise-nor-warp"].augmentation.masks == 2
