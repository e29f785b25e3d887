"""Fill a work folder for a training: synthesised speech and packed features. Run once, before ``tune``.

``python -m engine.training.prepare --work FOLDER [--only real-s10 ...]``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.phones import Lexicon, read_lexicon
from engine.training.corpus import Utterance, load, read_manifest, read_noises
from engine.training.degradation import Surroundings
from engine.training.preparation import Version, write_pack
from engine.training.sentences import book_sentences, read_everyday
from engine.training.settings import Settings, add_places, read_settings
from engine.training.synthesis import synthesise

SPEEDS = {"s10": 1.0, "s09": 0.9, "s11": 1.1}
BOOK_SENTENCES = 1500
EVERYDAY_SENTENCES = 1200
HELD_OUT = 120


def synthesise_corpora(speech: Path, work: Path, lexicon: Lexicon, seed: int) -> None:
    """Say book and everyday sentences into ``synth_train``, and a few by voices kept apart into ``synth_dev``."""
    rng = np.random.default_rng((seed, 0))
    everyday = read_everyday()
    texts = book_sentences(speech / "lm_text" / "lm_text.txt.xz", lexicon, BOOK_SENTENCES, rng)
    texts += [everyday.draw(rng) for _ in range(EVERYDAY_SENTENCES)]
    texts = [texts[index] for index in rng.permutation(len(texts))]
    parts = (("synth_train", texts[:-HELD_OUT], False), ("synth_dev", texts[-HELD_OUT:], True))
    for number, (name, chosen, held_out) in enumerate(parts):
        hours = sum(synthesise(chosen, work / name, seed + number, held_out=held_out)) / 3600
        print(f"{name}: {hours:.2f} h", file=sys.stderr, flush=True)


def surroundings(speech: Path, talkers: Sequence[Utterance], seed: int) -> Surroundings:
    """Load training noises, rooms and 150 recordings to make babble of."""
    rng = np.random.default_rng((seed, 1))
    noises = [load(path) for path in read_noises(speech / "noise.jsonl", "noise_train")]
    rooms = [load(path) for path in sorted((speech / "rir").glob("*.flac"))]
    voices = [load(talkers[int(index)].audio) for index in rng.choice(len(talkers), min(150, len(talkers)))]
    return Surroundings(
        noises=[noise for noise in noises if np.std(noise) > 1e-4],
        rooms=[room / np.abs(room).max() for room in rooms],
        talkers=voices,
    )


def version_of(name: str) -> Version:
    """Read the name of a version: ``s09``, ``s10``, ``s11`` are speeds, ``d1``, ``d2``, ... are disturbed."""
    return Version(name, SPEEDS[name], 0) if name in SPEEDS else Version(name, None, int(name.removeprefix("d")))


def pack_all(settings: Settings, speech: Path, only: Sequence[str]) -> None:
    """Write every pack that the recipe names and that is missing, or only some by name."""
    lexicon = read_lexicon(settings.lexicon)
    corpora = [(corpus, True) for corpus in settings.corpora] + [(corpus, False) for corpus in settings.dev]
    around = surroundings(speech, read_manifest(settings.corpora[0].manifest, lexicon), settings.seed)
    noises = [
        Utterance(path.stem, path, "", (), "", "noise") for path in read_noises(speech / "noise.jsonl", "noise_train")
    ]
    jobs = [(settings.noises, noises, "s10", True)]
    for corpus, trimmed in corpora:
        utterances = read_manifest(corpus.manifest, lexicon)
        for version in corpus.versions:
            jobs.append((corpus.stem.with_name(f"{corpus.stem.name}-{version}"), utterances, version, trimmed))
    for stem, utterances, version, trimmed in jobs:
        if stem.with_suffix(".json").exists() or (only and stem.name not in only):
            continue
        frames = sum(write_pack(utterances, version_of(version), around, stem, trimmed=trimmed))
        print(f"{stem.name}: {frames / 360000:.2f} h", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_places(parser)
    parser.add_argument("--only", nargs="*", default=[], help="names of packs, to share the work among processes")
    given = parser.parse_args(arguments)
    given.work.mkdir(parents=True, exist_ok=True)
    settings = read_settings(given.config, given.speech, given.work)
    if not (given.work / "synth_train.jsonl").exists():
        synthesise_corpora(given.speech, given.work, read_lexicon(settings.lexicon), settings.seed)
    pack_all(settings, given.speech, given.only)


if __name__ == "__main__":
    main()
