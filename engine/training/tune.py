"""Train a body on labelled speech: ``python -m engine.training.tune --work FOLDER``.

A training runs at a stable rate until told to decay: by ``--decay`` (branch off a checkpoint now) or by a file named
``decay`` in its folder. A file named ``stop`` ends it after a checkpoint; starting again goes on from there.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import distributed
from torch.multiprocessing.spawn import spawn

from engine.phones import Lexicon, read_lexicon
from engine.spelling.graphemes import letters_of
from engine.training.batches import Batch, Item, Source, make_batch, pad, plan_epoch
from engine.training.checkpoint import Progress, begin_from, save
from engine.training.corpus import read_manifest
from engine.training.measurement import PhoneErrors, phone_errors
from engine.training.network import Network
from engine.training.optimisation import make_optimiser, train_step
from engine.training.preparation import Pack, normalisation, read_pack
from engine.training.settings import Corpus, Settings, add_places, read_settings

FULL = 1 << 20


def load_source(corpus: Corpus, lexicon: Lexicon) -> Source:
    """Spell the transcripts of a corpus and map its packs."""
    utterances = read_manifest(corpus.manifest, lexicon)
    phones, letters = [utterance.phones for utterance in utterances], [letters_of(item.text) for item in utterances]
    return refresh(corpus, phones, letters)


def refresh(corpus: Corpus, phones: Sequence[tuple[int, ...]], letters: Sequence[tuple[int, ...]]) -> Source:
    """Map the packs of a corpus that exist by now: a version may still be in the making."""
    stems = [corpus.stem.with_name(f"{corpus.stem.name}-{version}") for version in corpus.versions]
    found = [index for index, stem in enumerate(stems) if stem.with_suffix(".json").exists()]
    return Source(
        packs=[read_pack(stems[index]) for index in found],
        weights=[corpus.weights[index] for index in found],
        disturbed=[corpus.versions[index].startswith("d") for index in found],
        targets=phones,
        letters=letters,
        share=corpus.share,
    )


def error_rate(network: Network, source: Source, pack: Pack, chunk: int, every: int = 1) -> PhoneErrors:
    """Count greedy phone errors over every n-th utterance of a development set."""
    network.eval()
    total = PhoneErrors()
    chosen = sorted(range(0, len(pack), every), key=lambda index: int(pack.starts[index + 1] - pack.starts[index]))
    for first in range(0, len(chosen), 16):
        rows = chosen[first : first + 16]
        batch = pad([pack[index] for index in rows], [source.targets[index] for index in rows], [()] * len(rows))
        with torch.inference_mode():
            log_probs = network(torch.from_numpy(batch.features), torch.from_numpy(batch.lengths), chunk)[0].numpy()
        for row, index in enumerate(rows):
            total += phone_errors(log_probs[row, : batch.lengths[row]], source.targets[index])
    network.train()
    return total


class Trainer:
    """One process of a training."""

    def __init__(self, settings: Settings, rank: int, start: Path | None, *, decay: bool) -> None:
        self._settings, self._rank = settings, rank
        torch.manual_seed(settings.seed)
        self._network = Network(settings.shape, settings.dropout)
        self._optimiser = make_optimiser(self._network, settings.schedule.peak, settings.weight_decay)
        self._noises = read_pack(settings.noises)
        lexicon = read_lexicon(settings.lexicon)
        self._sources = [load_source(corpus, lexicon) for corpus in settings.corpora]
        self._dev = [load_source(corpus, lexicon) for corpus in settings.dev] if rank == 0 else []
        self._progress = Progress()
        if start is not None:
            self._progress = begin_from(start, self._network, self._optimiser)
        else:
            mean, deviation = normalisation([source.packs[0] for source in self._sources])
            self._network.mean.copy_(torch.from_numpy(mean))
            self._network.deviation.copy_(torch.from_numpy(deviation))
        if (self._progress.decayed or 0.0) >= 1.0:
            self._progress.decayed = None  # an annealed model is a fine start for more training
        if decay and self._progress.decayed is None:
            self._progress.decayed = 0.0
        self._losses: list[float] = []

    def run(self) -> None:
        """Train until told to stop, until the decay is over or until the last step."""
        self._network.train()
        last = time.monotonic()
        for items, seed in self._batches():
            batch = self._make(items, seed)
            now = time.monotonic()
            order = self._orders(now - last)
            last = now
            self._train(batch, seed)
            if self._rank == 0:
                self._report(batch)
            if order == 1 or self._finished():
                break
        if self._rank == 0:
            self._save("last.pt")
            self._measure()

    def _batches(self) -> Iterator[tuple[list[Item], tuple[int, ...]]]:
        progress, settings = self._progress, self._settings
        share = settings.batch_seconds / settings.processes
        while True:
            pairs = zip(settings.corpora, self._sources, strict=True)
            self._sources = [refresh(corpus, source.targets, source.letters) for corpus, source in pairs]
            plan = plan_epoch(self._sources, settings.seed, progress.epoch, share)
            mine = [plan[index : index + settings.processes] for index in range(0, len(plan), settings.processes)]
            whole = [group for group in mine if len(group) == settings.processes]
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
        progress, folder = self._progress, self._settings.folder
        told = torch.zeros(3, dtype=torch.float64)
        if self._rank == 0:
            told[0] = float((folder / "stop").exists())
            told[1] = elapsed
            told[2] = float((folder / "decay").exists() or progress.decayed is not None)
        if distributed.is_initialized():
            distributed.broadcast(told, 0)
        progress.wall += float(told[1])
        if told[2]:
            progress.decayed = min(1.0, (progress.decayed or 0.0) + float(told[1]) / self._settings.decay_seconds)
        return int(told[0])

    def _train(self, batch: Batch, seed: tuple[int, ...]) -> None:
        settings, progress = self._settings, self._progress
        # The same chunk on all processes: they would wait for the slowest anyway.
        chunk = int(np.random.default_rng(seed[:-1]).choice(settings.chunks)) or FULL
        # Dropout depends on the step alone, so that going on equals never having stopped.
        torch.manual_seed((settings.seed * 1_000_003 + progress.step) * settings.processes + self._rank)
        rate = settings.schedule.rate(progress.step, progress.decayed or 0.0)
        self._losses.append(train_step(self._network, self._optimiser, batch, chunk, rate, settings.clip))
        progress.step += 1
        progress.seconds += batch.seconds * settings.processes

    def _finished(self) -> bool:
        return self._progress.step >= self._settings.steps or (self._progress.decayed or 0.0) >= 1.0

    def _report(self, batch: Batch) -> None:
        step = self._progress.step
        if step % 25 == 0:
            self._log(loss=round(float(np.mean(self._losses)), 4))
            self._losses.clear()
        if step % self._settings.save_every == 0:
            self._save("last.pt")
            self._save(f"step-{step:06d}.pt")

    def _measure(self) -> None:
        for corpus, source in zip(self._settings.dev, self._dev, strict=True):
            for version, pack in zip(corpus.versions, source.packs, strict=False):
                for chunk in (8, 32):
                    rate = error_rate(self._network, source, pack, chunk, self._settings.dev_every).rate
                    self._log(dev=f"{corpus.stem.name}-{version}", chunk=chunk, per=round(100 * (rate or 0.0), 2))

    def _save(self, name: str) -> None:
        save(self._settings.folder / name, self._network, self._optimiser, self._progress)

    def _log(self, **values: object) -> None:
        progress = self._progress
        entry = {"step": progress.step, "epoch": progress.epoch, "audio_s": round(progress.seconds),
                 "wall_s": round(progress.wall), "decayed": progress.decayed, **values}  # fmt: skip
        with (self._settings.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")


def _process(rank: int, settings: Settings, start: Path | None, decay: bool, port: int) -> None:
    torch.set_num_threads(1)
    if settings.processes > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
        distributed.init_process_group("gloo", rank=rank, world_size=settings.processes)
    Trainer(settings, rank, start, decay=decay).run()
    if settings.processes > 1:
        distributed.destroy_process_group()


def tune(settings: Settings, *, start: Path | None = None, decay: bool = False) -> Path:
    """Train, or go on training, and give the last checkpoint.

    Args:
        settings: what to train on and how.
        start: a checkpoint to branch off, annealed or not, unless the folder has a last one to go on from; a deeper
            body grows out of a shallower one.
        decay: begin the decay at once.
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    (settings.folder / "stop").unlink(missing_ok=True)
    last = settings.folder / "last.pt"
    begin = last if last.exists() else start
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    spawn(_process, (settings, begin, decay, port), nprocs=settings.processes)  # type: ignore[no-untyped-call]
    return last


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_places(parser)
    parser.add_argument("--folder", type=Path, help="another folder for checkpoints and log")
    parser.add_argument("--start", type=Path, help="a checkpoint to branch off")
    parser.add_argument("--decay", type=float, metavar="SECONDS", help="begin the decay at once, over so much work")
    given = parser.parse_args(arguments)
    settings = read_settings(given.config, given.speech, given.work)
    if given.folder is not None:
        settings = replace(settings, folder=given.folder)
    if given.decay is not None:
        settings = replace(settings, decay_seconds=given.decay)
    print(tune(settings, start=given.start, decay=given.decay is not None))


if __name__ == "__main__":
    main()
