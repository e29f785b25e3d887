"""What each part of a recipe is worth: small bodies trained without it, everything else equal.

``python -m benchmarks.ablations --work work`` trains one body by the whole recipe and one without each part, all of one
size and for equally many steps, exports them to ``work/ablations``, and prints the command that compares them. What was
trained stays, so a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.training.augmentation import Augmentation
from engine.training.blocks import Shape
from engine.training.export import export
from engine.training.schedule import Schedule
from engine.training.settings import Corpus, Settings, add_places, read_settings
from engine.training.storage import Storage
from engine.training.tune import tune

SHAPE = Shape(width=96, blocks=5, inner=288)  # 0.75 million weights, as in the label experiment
SCHEDULE = Schedule(peak=3e-3, warm_up=100, final=0.01)
BATCH_SECONDS = 22.0
DECAY = 0.6  # of the steps
PLAIN = "s10"  # the version of a pack that nothing was done to


def small(recipe: Settings, steps: int, seed: int) -> Settings:
    """The recipe for a small body and so many steps on one core."""
    return replace(
        recipe, shape=SHAPE, schedule=SCHEDULE, batch_seconds=BATCH_SECONDS, steps=steps, seed=seed,
        decay_steps=round(DECAY * steps), processes=1, save_every=steps, dev=(),
    )  # fmt: skip


def without(recipe: Settings) -> Iterator[tuple[str, Settings]]:
    """The whole recipe, and then without one part after the other."""
    yield "all", recipe
    for corpus in recipe.corpora[1:]:
        yield f"no-{corpus.stem.name}", replace(recipe, corpora=tuple(one for one in recipe.corpora if one != corpus))
    yield "no-versions", replace(recipe, corpora=tuple(map(_plain, recipe.corpora)))
    yield "no-masks", replace(recipe, augmentation=replace(recipe.augmentation, masks=0))
    still = Augmentation(noisy=0, narrow=0, padded=0, masks=recipe.augmentation.masks, warp=0, gain=0, tilt=0)
    yield "no-noise-nor-warp", replace(recipe, augmentation=still)


def _plain(corpus: Corpus) -> Corpus:
    return replace(corpus, versions=(PLAIN,), weights=())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_places(parser)
    parser.add_argument("--steps", type=int, default=1_200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="names of arms, to share the work among machines")
    given = parser.parse_args(arguments)
    recipe = small(read_settings(given.config, given.speech, given.work), given.steps, given.seed)
    folder = given.work / "ablations" / f"{given.steps}-{given.seed}"
    asked = []
    for name, settings in without(recipe):
        out = folder / name / "model"
        asked += ["--arm", f"{name}={out}"]
        if (out / "model.toml").exists() or (given.only and name not in given.only):
            continue
        settings = replace(settings, folder=folder / name)
        export(settings, tune(settings), out, name=name, version=str(given.seed), storage=Storage.FLOAT32)
        print(f"{name}: {out}", flush=True)
    print(shlex.join(["python", "-m", "benchmarks.recogniser", *asked, "arms"]))


if __name__ == "__main__":
    main()
