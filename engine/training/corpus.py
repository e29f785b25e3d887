"""Training and test utterances: manifests read into spelt, trimmed recordings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from engine.alphabet import words_in
from engine.errors import TrainingError
from engine.phones import Lexicon

SAMPLE_RATE = 16000
LONGEST_S = 40.0  # of an utterance with words: attention over more costs more memory than it teaches
PIECE_S = 20.0  # into which recordings without words are cut
SHOWN = 5

Samples = npt.NDArray[np.float32]
Spell = Callable[[str], tuple[int, ...] | None]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording, or a span of one, with its transcript spelt in phones (empty for noise).

    Attributes:
        start: first sample of it, at 16 kHz whatever the file's rate.
        end: one past its last sample; None for the file's end.
        channel: of the file; None for the mean of all.
    """

    name: str
    audio: Path
    text: str
    phones: tuple[int, ...]
    speaker: str
    stratum: str
    start: int = 0
    end: int | None = None
    channel: int | None = None


@dataclass(slots=True)
class Survey:
    """A manifest, read: what can be used, what was left out and why, and the words that the lexicon lacks.

    Attributes:
        left_out: reason -> names.
        unknown: word outside the lexicon -> how often; spelt by letter-to-sound where there is one.
    """

    utterances: list[Utterance] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """Tell what was left out, with counts and the first names."""
        told = [f"{len(names)} left out: {reason} ({_some(names)})" for reason, names in self.left_out.items()]
        if self.unknown:
            frequent = [f"{word} {count}" for word, count in self.unknown.most_common(SHOWN)]
            told.append(f"{len(self.unknown)} words are not in the lexicon ({_some(frequent, len(self.unknown))})")
        return told


def _some(names: list[str], of: int = 0) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if max(len(names), of) > SHOWN else "")


def stratum_of(entry: dict[str, Any]) -> str:
    """Name the group whose errors are counted together.

    That is the condition of a test set's case, the split of a noise, or the data set, by age where both ages occur.
    """
    if "split" in entry:
        return str(entry["split"])
    tags = entry.get("tags", {})
    if tags.get("style") == "conversation":
        return "conversation"
    dataset = str(tags.get("condition") or entry.get("dataset"))
    return f"{dataset}-{entry['age_group']}" if dataset == "speechocean762" else dataset


def transcript_of(entry: dict[str, Any]) -> str:
    """Give the transcript of a manifest's entry, joined from its words where it has only these; may be empty."""
    return str(entry.get("text") or " ".join(word["text"] for word in entry.get("words", [])))


def survey(path: Path, lexicon: Lexicon, spell: Spell | None = None, *, longest_s: float = LONGEST_S) -> Survey:
    """Read a JSON-lines manifest or test set.

    An utterance with a word that neither the lexicon nor ``spell`` can spell is left out, and so is one with words
    that is too long. Recordings without words are cut into pieces.

    Args:
        path: the manifest; its ``audio`` fields are relative to its folder.
        lexicon: pronunciations, of which the first is taken.
        spell: gives the phones of a word outside the lexicon, or None.
        longest_s: longest utterance with words, where the manifest gives its duration.

    Raises:
        TrainingError: the manifest is missing or a line of it is malformed.
    """
    found = Survey()
    for entry in _entries(path):
        text = transcript_of(entry)
        phones = _spelt(text, lexicon, spell, found.unknown)
        name, seconds = str(entry["id"]), _seconds(entry)
        if phones is None:
            found.left_out.setdefault("a word is not in the lexicon", []).append(name)
        elif phones and seconds > longest_s:
            found.left_out.setdefault(f"longer than {longest_s:g} s", []).append(name)
        else:
            found.utterances.extend(_pieces(_utterance(entry, path, text, phones), seconds, longest_s))
    return found


def read_manifest(path: Path, lexicon: Lexicon) -> list[Utterance]:
    """Read a manifest, leaving out utterances with a word that the lexicon cannot spell: see ``survey``."""
    return survey(path, lexicon, longest_s=float("inf")).utterances


def require_audio(utterances: Iterable[Utterance], manifest: Path) -> None:
    """Check that every recording is there.

    Raises:
        TrainingError: some are missing.
    """
    gone = [utterance.name for utterance in utterances if not utterance.audio.exists()]
    if gone:
        raise TrainingError(str(manifest), f"the audio of {len(gone)} utterances is missing ({_some(gone)})")


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as wrong:
        raise TrainingError(str(path), f"cannot be read as a manifest ({wrong})") from None
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            if "audio" not in entry:
                continue  # the header of a test set
            if "id" not in entry:
                raise KeyError("id")
            yield entry
        except (json.JSONDecodeError, TypeError, KeyError) as wrong:
            raise TrainingError(f"{path}:{number}", f"no entry of a manifest ({wrong}); see docs/training.md") from None


def _spelt(text: str, lexicon: Lexicon, spell: Spell | None, unknown: Counter[str]) -> tuple[int, ...] | None:
    spelt: list[int] = []
    whole = True
    for word in words_in(text):
        variants = lexicon.get(word) or lexicon.get(word.strip("'"))
        if not variants:
            unknown[word] += 1
        phones = variants[0] if variants else spell(word) if spell else None
        whole = whole and bool(phones)
        spelt.extend(phones or ())
    return tuple(spelt) if whole else None


def _seconds(entry: dict[str, Any]) -> float:
    if entry.get("end") is not None:
        return float(entry["end"]) - float(entry.get("start") or 0.0)
    return float(entry.get("duration") or 0.0)


def _utterance(entry: dict[str, Any], path: Path, text: str, phones: tuple[int, ...]) -> Utterance:
    return Utterance(
        name=str(entry["id"]),
        audio=path.parent / entry["audio"],
        text=text,
        phones=phones,
        speaker=str(entry.get("speaker") or entry.get("cluster") or ""),
        stratum=stratum_of(entry),
        start=round(float(entry.get("start") or 0.0) * SAMPLE_RATE),
        end=None if entry.get("end") is None else round(float(entry["end"]) * SAMPLE_RATE),
        channel=entry.get("channel"),
    )


def _pieces(utterance: Utterance, seconds: float, longest_s: float) -> Iterator[Utterance]:
    """Cut a long recording without words; give any other as it is."""
    if utterance.phones or seconds <= longest_s:
        yield utterance
        return
    step, end = round(PIECE_S * SAMPLE_RATE), utterance.start + round(seconds * SAMPLE_RATE)
    for number, start in enumerate(range(utterance.start, end, step)):
        yield replace(utterance, name=f"{utterance.name}#{number}", start=start, end=min(start + step, end))


def read_noises(path: Path, split: str) -> list[Path]:
    """List the noise recordings of one split (``noise_train`` or ``noise_test``)."""
    entries = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [path.parent / entry["audio"] for entry in entries if entry["split"] == split]


def load(path: Path) -> Samples:
    """Read a mono recording as samples in [-1, 1] at 16 kHz."""
    samples, rate = soundfile.read(path, dtype="float32")
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE) if rate != SAMPLE_RATE else samples, np.float32)


def trim(samples: Samples, *, below_peak_db: float = 35.0, keep: float = 0.25) -> Samples:
    """Cut the silent edges of a recording.

    Args:
        samples: (n,) at 16 kHz.
        below_peak_db: a 10 ms frame this far below the loudest is silent.
        keep: seconds of silence to leave at each edge.
    """
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    if not len(frames):
        return samples
    power = (frames.astype(np.float64) ** 2).mean(axis=1) + 1e-10
    loud = np.flatnonzero(10 * np.log10(power / power.max()) > -below_peak_db)
    margin = int(keep * SAMPLE_RATE)
    return samples[max(0, loud[0] * 160 - margin) : (loud[-1] + 1) * 160 + margin]
