"""Fill a work folder for a training: synthesised speech and packed features. Run once, before ``tune``.

``understudy train prepare --work FOLDER``, or ``python -m engine.training.prepare --work FOLDER [--only real-s10 ...]``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from engine.alphabet import alphabet_of, read_lexicon
from engine.errors import TrainingError
from engine.phones import Lexicon
from engine.training.corpus import Utterance, load, read_noises, require_audio, survey
from engine.training.degradation import Surroundings, made_noises, made_rooms
from engine.training.preparation import Version, left_out_of, write_pack
from engine.training.reading import blocks_of
from engine.training.sentences import book_sentences, read_everyday
from engine.training.settings import Corpus, Settings, Synthesis, add_places, read_settings
from engine.training.sources import speller_of
from engine.training.synthesis import synthesise

SPEEDS = {"s10": 1.0, "s09": 0.9, "s11": 1.1}
TALKERS = 150
NOWHERE = Surroundings([], [], [])  # for versions that nothing disturbs

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One pack to write."""

    settings: Settings
    corpus: Corpus | None  # None for the noises
    version: str
    stem: Path
    trimmed: bool


def synthesise_corpora(synthesis: Synthesis, work: Path, lexicon: Lexicon, seed: int) -> Iterator[str]:
    """Say book and everyday sentences into ``synth_train``, and a few by voices kept apart into ``synth_dev``."""
    rng = np.random.default_rng((seed, 0))
    everyday = read_everyday()
    texts = [] if synthesis.books is None else book_sentences(synthesis.books, lexicon, synthesis.book_sentences, rng)
    texts += [everyday.draw(rng) for _ in range(synthesis.everyday_sentences)]
    texts = [texts[index] for index in rng.permutation(len(texts))]
    kept = synthesis.held_out
    parts = (("synth_train", texts[: len(texts) - kept], False), ("synth_dev", texts[len(texts) - kept :], True))
    for number, (name, chosen, held_out) in enumerate(parts):
        hours = sum(synthesise(chosen, work / name, seed + number, held_out=held_out)) / 3600
        yield f"{name}: {hours:.2f} h"


def surroundings(settings: Settings, lexicon: Lexicon) -> Surroundings:
    """Load (or make) noises and rooms, and load some recordings of the first corpus to make babble of."""
    rng, places = np.random.default_rng((settings.seed, 1)), settings.surroundings
    talkers = survey(settings.corpora[0].manifest, lexicon).utterances
    noises = [load(path) for path in read_noises(places.noise, places.split)] if places.noise else []
    rooms = [load(path) for path in sorted(places.rooms.glob("*.flac"))] if places.rooms else []
    chosen = rng.choice(len(talkers), min(TALKERS, len(talkers)))
    voices = [next(blocks_of(talkers[int(index)])) for index in chosen]
    return Surroundings(
        noises=[noise for noise in noises if np.std(noise) > 1e-4] or made_noises(rng),
        rooms=[room / np.abs(room).max() for room in rooms] or made_rooms(rng),
        talkers=voices,
    )


def version_of(name: str) -> Version:
    """Read the name of a version.

    ``s09``, ``s10``, ``s11`` are speeds, ``d1``, ``d2``, ... are disturbed, ``c1``, ``c2``, ... are coded as well.

    Raises:
        TrainingError: it is none of these.
    """
    if name in SPEEDS:
        return Version(name, SPEEDS[name], 0)
    if name[:1] in {"d", "c"} and name[1:].isdecimal():
        return Version(name, None, int(name[1:]), coded=name[0] == "c")
    raise TrainingError(name, "no version of a corpus; use s09, s10, s11, d1, d2, ... or c1, c2, ...")


def plan(settings: Settings, only: Sequence[str] = ()) -> list[Job]:
    """List the packs that the recipe names and that are missing, or of them only some by name."""
    jobs = [Job(settings, None, "s10", settings.noises, trimmed=True)]
    for corpora, trimmed in ((settings.corpora, True), (settings.dev, False)):
        for corpus in corpora:
            pairs = zip(corpus.versions, corpus.packs(), strict=True)
            jobs += [Job(settings, corpus, version, stem, trimmed) for version, stem in pairs]
    missing = [job for job in jobs if not job.stem.with_name(f"{job.stem.name}.json").exists()]
    return [job for job in missing if not only or job.stem.name in only]


def pack(job: Job) -> list[str]:
    """Write one pack and tell its length and what was left out."""
    settings = job.settings
    version = version_of(job.version)
    alphabet = alphabet_of(settings.lexicon)
    lexicon = read_lexicon(settings.lexicon, alphabet)
    told: list[str] = []
    if job.corpus is None:
        utterances = noises_of(settings, job.stem)
    else:
        spell = speller_of(settings, alphabet, lexicon)
        found = survey(job.corpus.manifest, lexicon, spell, longest_s=settings.longest)
        require_audio(found.utterances, job.corpus.manifest)
        utterances, told = found.utterances, found.lines()
    if not utterances:
        raise TrainingError(str(job.stem), f"nothing to pack; {'; '.join(told) or 'the manifest is empty'}")
    around = NOWHERE if version.speed is not None else surroundings(settings, lexicon)
    job.stem.parent.mkdir(parents=True, exist_ok=True)
    frames = sum(write_pack(utterances, version, around, job.stem, trimmed=job.trimmed))
    told += [f"{len(names)} left out: {reason}" for reason, names in left_out_of(job.stem).items()]
    return [f"{job.stem.name}: {len(utterances)} recordings, {frames / 360000:.2f} h", *told]


def noises_of(settings: Settings, stem: Path) -> list[Utterance]:
    """List the noises as utterances in which nothing is said; made ones are written beside the pack first."""
    places = settings.surroundings
    if places.noise is not None:
        paths = read_noises(places.noise, places.split)
    else:
        paths = write_noises(stem.with_name(f"{stem.name}-made"), settings.seed)
    return [Utterance(path.stem, path, "", (), "", "noise") for path in paths]


def write_noises(folder: Path, seed: int) -> list[Path]:
    """Write made noises as FLAC."""
    import soundfile

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, noise in enumerate(made_noises(np.random.default_rng((seed, 2)))):
        paths.append(folder / f"{number:02d}.flac")
        soundfile.write(paths[-1], noise, 16000)
    return paths


def prepare(
    settings: Settings, work: Path, *, only: Sequence[str] = (), processes: int = 1, say: Say = lambda line: None
) -> None:
    """Fill a work folder; what is there stays.

    Args:
        settings: the recipe.
        work: the folder.
        only: names of packs, to share the work among machines.
        processes: packs made at a time.
        say: told of every pack that is done.

    Raises:
        TrainingError: the data cannot be used; or flite or espeak-ng is missing for synthesis.
    """
    work.mkdir(parents=True, exist_ok=True)
    if settings.synthesis is not None and not (work / "synth_dev.jsonl").exists():
        lexicon = read_lexicon(settings.lexicon, alphabet_of(settings.lexicon))
        for line in synthesise_corpora(settings.synthesis, work, lexicon, settings.seed):
            say(line)
    jobs = plan(settings, only)
    if processes == 1 or len(jobs) < 2:
        for job in jobs:
            _tell(pack(job), say)
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for told in pool.map(pack, jobs):
            _tell(told, say)


def _tell(lines: Sequence[str], say: Say) -> None:
    for line in lines:
        say(line)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_places(parser)
    parser.add_argument("--only", nargs="*", default=[], help="names of packs, to share the work among processes")
    given = parser.parse_args(arguments)
    settings = read_settings(given.config, given.speech, given.work)
    prepare(settings, given.work, only=given.only, say=lambda line: print(line, file=sys.stderr, flush=True))


if __name__ == "__main__":
    main()
