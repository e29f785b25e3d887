"""One process of a training: batches in a fixed order, steps, checkpoints, measures, and who is told of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import distributed

from engine.errors import TrainingError
from engine.training.bar import Bar
from engine.training.batches import Batch, Item, Source, make_batch, misfits, pad, plan_epoch
from engine.training.checkpoint import Progress, Stamp, begin_from, order_of, save
from engine.training.measurement import PhoneErrors, phone_errors
from engine.training.network import Network
from engine.training.optimisation import make_optimiser, train_step
from engine.training.preparation import Pack, normalisation, read_pack
from engine.training.settings import Settings
from engine.training.sources import available, lexicon_of, load_source, refresh, sized, speller_of
from engine.training.tracking import Tracker
from engine.training.watching import LogFile, Watcher, Watchers

FULL = 1 << 20
REPORT_EVERY = 25  # steps


@dataclass(frozen=True, slots=True)
class Asked:
    """What one start of a training is asked for, beside its settings.

    Attributes:
        start: a checkpoint to branch off.
        decay: begin the decay at once.
        track: where MLflow keeps curves, such as ``sqlite:///mlflow.db``; None for nowhere.
        bar: draw a bar on stderr.
    """

    start: Path | None = None
    decay: bool = False
    track: str | None = None
    bar: bool = False


def error_rate(network: Network, source: Source, pack: Pack, chunk: int, every: int = 1) -> PhoneErrors:
    """Count greedy phone errors over every n-th utterance of a development set."""
    network.eval()
    device, total = network.mean.device, PhoneErrors()
    heard = [index for index in range(0, len(pack), every) if pack.starts[index + 1] > pack.starts[index]]
    chosen = sorted(heard, key=lambda index: int(pack.starts[index + 1] - pack.starts[index]))
    for first in range(0, len(chosen), 16):
        rows = chosen[first : first + 16]
        batch = pad([pack[index] for index in rows], [source.targets[index] for index in rows], [()] * len(rows))
        with torch.inference_mode():
            features, lengths = torch.from_numpy(batch.features), torch.from_numpy(batch.lengths)
            log_probs = network(features.to(device), lengths.to(device), chunk)[0].cpu().numpy()
        for row, index in enumerate(rows):
            total += phone_errors(log_probs[row, : batch.lengths[row]], source.targets[index])
    network.train()
    return total


class Trainer:
    """One process of a training."""

    def __init__(self, settings: Settings, rank: int, asked: Asked, device: torch.device) -> None:
        self._settings, alphabet = sized(settings)
        self._rank, self._device = rank, device
        self._stamp = Stamp(alphabet.tokens, settings.order())
        torch.manual_seed(settings.seed)
        self._network = Network(self._settings.shape, settings.dropout).to(device)
        self._optimiser = make_optimiser(self._network, settings.schedule.peak, settings.weight_decay)
        self._noises = read_pack(settings.noises)
        lexicon = lexicon_of(settings, alphabet)
        spell = speller_of(settings, alphabet, lexicon)
        self._sources = [load_source(corpus, lexicon, spell) for corpus in settings.corpora]
        self._dev = [load_source(corpus, lexicon, spell) for corpus in settings.dev] if rank == 0 else []
        self._progress = self._begin(asked)
        self._losses: list[float] = []
        self._watchers = Watchers(self._watch(asked) if rank == 0 else [])

    def _begin(self, asked: Asked) -> Progress:
        last = self._settings.folder / "last.pt"
        start = last if last.exists() else asked.start
        if start is None:
            mean, deviation = normalisation([source.packs[0] for source in self._sources])
            self._network.mean.copy_(torch.from_numpy(mean))
            self._network.deviation.copy_(torch.from_numpy(deviation))
            progress = Progress()
        else:
            progress = begin_from(start, self._network, self._optimiser)
            if progress.position and order_of(start) not in ("", self._stamp.order):
                # Other settings give another order: what is left of this epoch means nothing in it.
                progress.epoch, progress.position, progress.drawn = progress.epoch + 1, 0, []
        if (progress.decayed or 0.0) >= 1.0:
            progress.decayed = None  # an annealed model is a fine start for more training
        if asked.decay and progress.decayed is None:
            progress.decayed = 0.0
        return progress

    def _watch(self, asked: Asked) -> list[Watcher]:
        settings, step = self._settings, self._progress.step
        watchers: list[Watcher] = [LogFile(settings.folder / "log.jsonl", step)]
        if asked.track is not None:
            shown = {"seed": settings.seed, "processes": settings.processes, "batch_seconds": settings.batch_seconds}
            weights = sum(weight.numel() for weight in self._network.parameters())
            watchers.append(Tracker(asked.track, settings.folder, shown | {"weights": weights}))
        if asked.bar:
            left_out = sum((misfits(source, settings.longest) for source in self._sources), start=Counter[str]())
            watchers.append(Bar(settings.steps, step, [f"{many} left out: {why}" for why, many in left_out.items()]))
        return watchers

    def run(self) -> None:
        """Train until told to stop, until the decay is over or until the last step."""
        if self._over():
            return
        self._network.train()
        last = time.monotonic()
        for items, seed in self._batches():
            batch = self._make(items, seed)
            now = time.monotonic()
            order = self._orders(now - last)
            last = now
            self._train(batch, seed)
            if self._rank == 0:
                self._report()
            if order == 1 or self._over():
                break
        if self._rank == 0:
            self._save("last.pt")
            self._measure()
            self._watchers.end()

    def _batches(self) -> Iterator[tuple[list[Item], tuple[int, ...]]]:
        progress, settings = self._progress, self._settings
        share = settings.batch_seconds / settings.processes
        while True:
            if not progress.position or not progress.drawn:
                progress.drawn = [available(corpus) for corpus in settings.corpora]
            trios = zip(settings.corpora, self._sources, progress.drawn, strict=True)
            self._sources = [refresh(corpus, source, drawn) for corpus, source, drawn in trios]
            plan = plan_epoch(self._sources, settings.seed, progress.epoch, share, settings.longest)
            mine = [plan[index : index + settings.processes] for index in range(0, len(plan), settings.processes)]
            whole = [group for group in mine if len(group) == settings.processes]
            if not whole:
                raise TrainingError(str(settings.folder), _too_little(settings, len(plan)))
            for position in range(progress.position, len(whole)):
                progress.position = position + 1
                yield whole[position][self._rank], (settings.seed, progress.epoch, position, self._rank)
            progress.epoch, progress.position = progress.epoch + 1, 0
            if self._rank == 0:
                self._measure()

    def _make(self, items: Sequence[Item], seed: tuple[int, ...]) -> Batch:
        rng = np.random.default_rng(seed)
        return make_batch(items, self._sources, self._noises, self._settings.augmentation, rng)

    def _orders(self, elapsed: float) -> int:
        """Let process 0 say to all whether to stop (1) and how far the decay is."""
        progress, settings = self._progress, self._settings
        told = torch.zeros(3, dtype=torch.float64, device=self._device)
        if self._rank == 0:
            told[0] = float((settings.folder / "stop").exists())
            told[1] = elapsed
            told[2] = float((settings.folder / "decay").exists() or progress.decayed is not None)
        if distributed.is_initialized():
            distributed.broadcast(told, 0)
        progress.wall += float(told[1])
        if settings.decay_steps:
            since = progress.step - (settings.steps - settings.decay_steps)
            progress.decayed = since / settings.decay_steps if since > 0 else None
        elif told[2]:
            progress.decayed = min(1.0, (progress.decayed or 0.0) + float(told[1]) / settings.decay_seconds)
        return int(told[0])

    def _train(self, batch: Batch, seed: tuple[int, ...]) -> None:
        settings, progress = self._settings, self._progress
        # The same chunk on all processes: they would wait for the slowest anyway.
        chunk = int(np.random.default_rng(seed[:-1]).choice(settings.chunks)) or FULL
        # Dropout depends on the step alone, so that going on equals never having stopped.
        torch.manual_seed((settings.seed * 1_000_003 + progress.step) * settings.processes + self._rank)
        try:
            loss = train_step(self._network, self._optimiser, batch, chunk, self._rate(), settings.clip)
        except FloatingPointError as wrong:
            what = (
                f"step {progress.step}: {wrong} ([schedule] peak) and start again; it goes on from the last checkpoint"
            )
            raise TrainingError(str(settings.folder), what) from None
        self._losses.append(loss)
        progress.step += 1
        progress.seconds += batch.seconds * settings.processes

    def _rate(self) -> float:
        return self._settings.schedule.rate(self._progress.step, self._progress.decayed or 0.0)

    def _over(self) -> bool:
        settings, progress = self._settings, self._progress
        return progress.step >= settings.steps or (not settings.decay_steps and (progress.decayed or 0.0) >= 1.0)

    def _report(self) -> None:
        step = self._progress.step
        self._watchers.step(step)
        if step % REPORT_EVERY == 0:
            self._tell(loss=round(float(np.mean(self._losses)), 4), rate=self._rate())
            self._losses.clear()
        if step % self._settings.save_every == 0:
            self._save("last.pt")
            self._save(f"step-{step:06d}.pt")

    def _measure(self) -> None:
        for corpus, source in zip(self._settings.dev, self._dev, strict=True):
            for index, pack in zip(available(corpus), source.packs, strict=False):
                for chunk in (8, 32):
                    rate = error_rate(self._network, source, pack, chunk, self._settings.dev_every).rate
                    per = None if rate is None else round(100 * rate, 2)
                    self._tell(dev=corpus.packs()[index].name, chunk=chunk, per=per)

    def _save(self, name: str) -> None:
        save(self._settings.folder / name, self._network, self._optimiser, self._progress, self._stamp)

    def _tell(self, **values: float | str | None) -> None:
        progress = self._progress
        self._watchers.tell(
            {
                "step": progress.step,
                "epoch": progress.epoch,
                "audio_s": round(progress.seconds),
                "wall_s": round(progress.wall),
                "decayed": progress.decayed,
                **values,
            }
        )


def _too_little(settings: Settings, batches: int) -> str:
    return (
        f"the corpora fill {batches} batches, and {settings.processes} processes need one each; "
        "give more speech, smaller batch_seconds or fewer processes"
    )
