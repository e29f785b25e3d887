"""One process of a pretraining: batches in a fixed order, steps, checkpoints, and who is told of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, distributed, nn

from engine.errors import TrainingError
from engine.training.bar import Bar
from engine.training.batches import Item, Source, make_batch, plan_epoch
from engine.training.checkpoint import FORMAT, Progress, read, restore_optimiser, write
from engine.training.guesses import Guesses
from engine.training.guessing import Guesser, Plan
from engine.training.optimisation import average_gradients, make_optimiser
from engine.training.preparation import Pack, normalisation, read_pack
from engine.training.settings import Settings
from engine.training.tracking import Tracker
from engine.training.trainer import FULL, REPORT_EVERY
from engine.training.watching import LogFile, Watcher, Watchers

HEADS = ("exits.", "heads.", "spell.")  # a tuned body's, which a pretraining does not touch


def load_recordings(settings: Settings) -> tuple[list[Source], Pack]:
    """Map the packs of a recipe, of which no word is known, and its noises."""
    sources = []
    for corpus in settings.corpora:
        disturbed = [version[:1] in {"d", "c"} for version in corpus.versions]
        sources.append(wordless([read_pack(stem) for stem in corpus.packs()], corpus.odds(), disturbed, corpus.share))
    return sources, read_pack(settings.noises)


def wordless(packs: Sequence[Pack], weights: Sequence[float], disturbed: Sequence[bool], share: float = 1.0) -> Source:
    """Take the versions of a packed corpus as a source in which nothing is known to be said."""
    nothing: list[tuple[int, ...]] = [()] * len(packs[0])
    return Source(packs, weights, disturbed, nothing, nothing, share)


class Pretrainer:
    """One process of a pretraining."""

    def __init__(
        self, plan: Plan, sources: Sequence[Source], noises: Pack, device: torch.device, rank: int = 0
    ) -> None:
        self._plan, self._sources, self._noises, self._rank = plan, sources, noises, rank
        self._device = device
        settings = plan.settings
        torch.manual_seed(settings.seed)
        self._guesser = Guesser(plan).to(device)
        self._optimiser = make_optimiser(self._guesser, settings.schedule.peak, settings.weight_decay)
        self._progress = Progress()
        self._guesses = Guesses.none(plan.codebooks)
        self._watchers = Watchers([])
        last = settings.folder / "last.pt"
        if last.exists():
            self._go_on_from(last)
        else:
            mean, deviation = normalisation([source.packs[0] for source in sources])
            self._guesser.network.mean.copy_(torch.from_numpy(mean))
            self._guesser.network.deviation.copy_(torch.from_numpy(deviation))

    @property
    def done(self) -> bool:
        """Whether the last step is made."""
        return self._progress.step >= self._plan.settings.steps

    def watch(self, track: str | None = None, *, bar: bool = False) -> None:
        """Keep a log from now on and, if asked, curves in MLflow and a bar on stderr."""
        settings, step = self._plan.settings, self._progress.step
        watchers: list[Watcher] = [LogFile(settings.folder / "log.jsonl", step)]
        if track is not None:
            watchers.append(Tracker(track, settings.folder, {"seed": settings.seed, **asdict(self._plan.codebooks)}))
        if bar:
            watchers.append(Bar(settings.steps, step))
        self._watchers = Watchers(watchers)

    def run(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Go on until the last step, or until told to stop; either way a checkpoint is written.

        Args:
            stop: asked after every step; what process 0 is told holds for all.
        """
        if self.done:
            return
        self._guesser.train()
        last = time.monotonic()
        for items, seed in self._batches():
            self._step(items, seed)
            now = time.monotonic()
            told = self._orders(stop(), now - last)
            last = now
            if self._rank == 0:
                self._report()
            if told:
                break
        if self._rank == 0:
            self._save()
            self._watchers.end()

    def _batches(self) -> Iterator[tuple[list[Item], tuple[int, ...]]]:
        settings, progress = self._plan.settings, self._progress
        share, many = settings.batch_seconds / settings.processes, settings.processes
        while progress.step < settings.steps:
            drawn = plan_epoch(self._sources, settings.seed, progress.epoch, share, settings.longest)
            groups = [drawn[index : index + many] for index in range(0, len(drawn) // many * many, many)]
            if not groups:
                raise TrainingError(str(settings.folder), f"the corpora fill {len(drawn)} batches; give more speech")
            for position in range(progress.position, len(groups)):
                if self.done:
                    return
                progress.position = position + 1
                yield groups[position][self._rank], (settings.seed, progress.epoch, position, self._rank)
            progress.epoch, progress.position = progress.epoch + 1, 0

    def _step(self, items: Sequence[Item], seed: tuple[int, ...]) -> None:
        plan, progress = self._plan, self._progress
        settings, rng = plan.settings, np.random.default_rng(seed)
        batch = make_batch(items, self._sources, self._noises, settings.augmentation, rng, empty=0.0)
        # The same chunk on all processes: they would wait for the slowest anyway.
        chunk = int(np.random.default_rng(seed[:-1]).choice(settings.chunks)) or FULL
        # Dropout depends on the step alone, so that going on equals never having stopped.
        torch.manual_seed((settings.seed * 1_000_003 + progress.step) * settings.processes + self._rank)
        loss, guesses = self._guesser.loss(batch, chunk, plan.spans, rng)
        self._descend(loss)
        self._guesses += guesses
        progress.step += 1
        progress.seconds += batch.seconds * settings.processes

    def _descend(self, loss: Tensor) -> None:
        settings, progress = self._plan.settings, self._progress
        since = progress.step - (settings.steps - settings.decay_steps)
        decayed = since / settings.decay_steps if settings.decay_steps else 0.0
        for group in self._optimiser.param_groups:
            group["lr"] = settings.schedule.rate(progress.step, decayed)
        loss.backward()  # type: ignore[no-untyped-call]
        weights = [weight for weight in self._guesser.parameters() if weight.grad is not None]
        average_gradients(weights)
        if not torch.isfinite(nn.utils.clip_grad_norm_(weights, settings.clip)):
            what = f"step {progress.step}: the gradient is not finite; lower [schedule] peak and start again"
            raise TrainingError(str(settings.folder), what)
        self._optimiser.step()
        self._optimiser.zero_grad()

    def _orders(self, stop: bool, elapsed: float) -> bool:
        """Let process 0 say to all whether to stop, and keep its time."""
        told = torch.tensor([float(stop), elapsed], dtype=torch.float64, device=self._device)
        if distributed.is_initialized():
            distributed.broadcast(told, 0)
        self._progress.wall += float(told[1])
        return bool(told[0])

    def _report(self) -> None:
        progress = self._progress
        self._watchers.step(progress.step)
        if progress.step % REPORT_EVERY == 0:
            far = {"step": progress.step, "epoch": progress.epoch}
            spent = {"audio_s": round(progress.seconds), "wall_s": round(progress.wall)}
            self._watchers.tell({**far, **spent, **self._guesses.row()})
            self._guesses = Guesses.none(self._plan.codebooks)
        if progress.step % self._plan.settings.save_every == 0:
            self._save()

    def _save(self) -> None:
        """Write the body without heads, so that tuning begins with fresh ones, and all that going on needs."""
        settings, state = self._plan.settings, self._guesser.network.state_dict()
        stored = {
            "format": FORMAT,
            "kind": "pretrained",
            "shape": asdict(settings.shape),
            "order": settings.order(),
            "network": {name: value for name, value in state.items() if not name.startswith(HEADS)},
            "guesser": self._guesser.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "progress": {name: getattr(self._progress, name) for name in Progress.__slots__},
            "guesses": self._guesses.counts(),
        }
        write(settings.folder / "last.pt", stored)

    def _go_on_from(self, path: Path) -> None:
        stored = read(path)
        if stored.get("kind") != "pretrained":
            raise TrainingError(str(path), "no checkpoint of a pretraining; give the recipe another folder")
        try:
            self._guesser.load_state_dict(stored["guesser"])
            restore_optimiser(stored, self._optimiser)
        except (RuntimeError, ValueError) as wrong:
            line = str(wrong).splitlines()[-1].strip()
            raise TrainingError(str(path), f"another body or other codebooks ({line}); give another folder") from None
        self._progress = Progress(**stored["progress"])
        self._guesses = Guesses(**stored["guesses"])
        if stored["order"] != self._plan.settings.order():
            # Other settings give another order: what is left of this epoch means nothing in it.
            self._progress.epoch, self._progress.position = self._progress.epoch + 1, 0
