"""Makes the embedded rehearsal set again, byte for byte where the same synthesisers are installed.

Run it as ``python -m testsets.synthesis.rehearsal --out DIR``.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import soxr
from rich.console import Console
from rich.progress import track

from testsets import audio, manifest
from testsets.case import Case, TestSet
from testsets.errors import AudioError, FormatError
from testsets.synthesis import conditions
from testsets.synthesis.conditions import Samples
from testsets.synthesis.conversation import converse
from testsets.synthesis.roster import PAIRS, SPEAKERS, Speaker
from testsets.synthesis.sentences import CONVERSATIONS, NAMES, NUMBERS, PLAIN, spoken_words
from testsets.synthesis.voices import Voice, speak, version
from testsets.transcript import SpeakerTurn, Transcript, Word

SEED = 20_261_122  # each recipe draws from (SEED, its number), so that each can be made alone
RATE = 16_000
CONDITIONS = ("clean", "noisy", "clean", "telephone", "clean", "noisy", "clean", "telephone")  # of a speaker's eight
SNR_DB = (10.0, 15.0)
LEVEL_DB = (-32.0, -26.0)  # of full scale; louder would only make larger files
EDGE_S = 0.15  # silence before and after each sentence
TALKERS = 8  # of the babble


@dataclass(frozen=True, slots=True)
class Recipe:
    """One case to make: one speaker and one sentence, or two speakers and their lines in turn."""

    id: str
    number: int
    speakers: tuple[Speaker, ...]
    lines: tuple[str, ...]
    condition: str  # clean, noisy or telephone
    content: str | None  # plain, numbers or names; None for a conversation, which mixes them


def recipes() -> tuple[Recipe, ...]:
    """Every case of the rehearsal set in its order: eight sentences a speaker, then the conversations."""
    contents = {"plain": PLAIN, "numbers": NUMBERS, "names": NAMES}
    sentences = [(content, text) for content, texts in contents.items() for text in texts]
    found: list[Recipe] = []
    for place, speaker in enumerate(SPEAKERS):
        for turn, (content, text) in enumerate(sentences[place :: len(SPEAKERS)]):
            condition = CONDITIONS[(place + turn) % len(CONDITIONS)]
            found.append(Recipe(f"{speaker.id}-{turn + 1}", len(found), (speaker,), (text,), condition, content))
    for place, lines in enumerate(CONVERSATIONS):
        pair = PAIRS[place % len(PAIRS)]
        found.append(Recipe(f"conversation-{place + 1:02}", len(found), pair, lines, "clean", None))
    return tuple(found)


def make(recipe: Recipe, folder: Path) -> Case:
    """Synthesise one case and write its audio into a folder.

    Raises:
        AudioError: a synthesiser is missing or fails, or the file cannot be written.
    """
    rng = np.random.default_rng((SEED, recipe.number))
    turns: tuple[SpeakerTurn, ...] = ()
    if len(recipe.speakers) == 1:
        samples = _reading(recipe, rng)
        words = Transcript.from_text(spoken_words(recipe.lines[0])).words
    else:
        samples, turns = _conversation(recipe, rng)
        words = tuple(
            Word(word, speaker=turn.speaker)
            for turn, line in zip(turns, recipe.lines, strict=True)
            for word in spoken_words(line).split()
        )
    rate = conditions.TELEPHONE_RATE if recipe.condition == "telephone" else RATE
    reference = audio.write(folder / f"{recipe.id}.flac", samples, rate)
    cluster = "+".join(speaker.id for speaker in recipe.speakers)
    return Case(recipe.id, reference, Transcript(words, rate), turns, cluster=cluster, tags=_tags(recipe))


def generate(folder: Path) -> TestSet:
    """Make the whole set: audio, ``manifest.jsonl`` and ``origin.json``.

    Raises:
        AudioError: a synthesiser is missing or fails, or a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    cases = [make(recipe, folder) for recipe in track(recipes(), "Synthesising", console=console)]
    (folder / "origin.json").write_text(json.dumps(origin(), indent=2) + "\n", encoding="utf-8")
    return manifest.save(folder / "manifest.jsonl", "rehearsal", cases)


def origin() -> dict[str, str | None]:
    """The versions that decide the bytes of the set."""
    return {
        "flite": version("flite"),
        "espeak-ng": version("espeak-ng"),
        "libsndfile": soundfile.__libsndfile_version__,
        "soxr": soxr.__libsoxr_version__,
    }


def _reading(recipe: Recipe, rng: np.random.Generator) -> Samples:
    (speaker,) = recipe.speakers
    voice = speaker.telephone if recipe.condition == "telephone" and speaker.telephone else speaker.voice
    samples = conditions.at_level(_spoken(voice, recipe.lines[0], EDGE_S), rng.uniform(*LEVEL_DB))
    if recipe.condition == "noisy":
        noise = _noise(_noise_kind(recipe), samples.size, rng)
        samples = conditions.mix(samples, noise, rng.uniform(*SNR_DB))
    if recipe.condition == "telephone":
        samples = conditions.telephone(samples, RATE)
    return samples


def _conversation(recipe: Recipe, rng: np.random.Generator) -> tuple[Samples, tuple[SpeakerTurn, ...]]:
    levels = [rng.uniform(*LEVEL_DB) for _ in recipe.speakers]
    spoken = []
    for turn, line in enumerate(recipe.lines):
        place = turn % len(recipe.speakers)
        speaker = recipe.speakers[place]
        spoken.append((speaker.id, conditions.at_level(_spoken(speaker.voice, line, 0.0), levels[place])))
    return converse(spoken, RATE, rng)


def _noise_kind(recipe: Recipe) -> str:
    return ("pink", "babble")[recipe.number % 2]


def _noise(kind: str, size: int, rng: np.random.Generator) -> Samples:
    if kind == "pink":
        return conditions.pink_noise(size, rng)
    talkers = _babble_lines()
    chosen = rng.choice(len(talkers), TALKERS, replace=False)
    return conditions.babble(size, [talkers[index] for index in chosen], rng)


@cache
def _babble_lines() -> tuple[Samples, ...]:
    return tuple(
        _spoken(pair[turn % 2].voice, line, 0.1)
        for pair, lines in zip(PAIRS, CONVERSATIONS, strict=False)
        for turn, line in enumerate(lines)
    )


def _spoken(voice: Voice, text: str, edge_s: float) -> Samples:
    samples, rate = speak(voice, text)
    return conditions.trim(audio.resample(audio.to_float32(samples), rate, RATE), RATE, edge_s)


def _tags(recipe: Recipe) -> dict[str, str]:
    tags = {"condition": recipe.condition, "style": "read" if recipe.content else "conversation"}
    if recipe.content:
        tags["content"] = recipe.content
    if recipe.condition == "noisy":
        tags["noise"] = _noise_kind(recipe)
    for name in ("accent", "gender"):
        values = {getattr(speaker, name) for speaker in recipe.speakers}
        if len(values) == 1:
            tags[name] = values.pop()
    tags["voice"] = "+".join(speaker.id for speaker in recipe.speakers)
    tags["synthesiser"] = recipe.speakers[0].voice.engine
    return tags


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the embedded rehearsal set.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into; made when missing")
    folder: Path = parser.parse_args().out
    try:
        made = generate(folder)
    except (AudioError, FormatError, OSError) as error:
        print(f"cannot make the rehearsal set: {error}", file=sys.stderr)
        return 2
    seconds = sum(case.audio.samples / case.audio.rate for case in made.cases)
    print(f"{len(made.cases)} cases, {seconds:.0f} s, digest {made.digest[:12]}, in {folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
