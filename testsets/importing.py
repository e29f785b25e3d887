"""Other people's test data to cases: JSON Lines manifests, or references in STM, TRN, CTM or SegLST beside audio.

Words are kept as they stand, but for Unicode form C and single spaces: a reference must not be tidied twice.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from testsets.audio import probe
from testsets.case import AudioRef, Case
from testsets.errors import AudioError, FormatError
from testsets.formats import ctm, rttm, seglst, stm, trn, uem
from testsets.formats.segment import Segment, regions, transcripts, turns
from testsets.import_rows import import_rows
from testsets.transcript import Transcript, Word

AUDIO_ENDINGS = (".wav", ".flac", ".opus", ".ogg", ".mp3", ".aiff", ".au")
REFERENCES: Mapping[str, Callable[[str | Path, int], tuple[Segment, ...]]] = {
    ".stm": stm.load,
    ".ctm": ctm.load,
    ".trn": lambda path, rate: trn.load(path),
    ".json": seglst.load,
}

Watch = Callable[[Iterable[str]], Iterable[str]]  # sees the ids go by; a progress bar is one


@dataclass(frozen=True, slots=True)
class Imported:
    """Cases, and what was left out with the reason."""

    cases: tuple[Case, ...]
    left_out: tuple[str, ...]


def import_cases(
    source: str | Path,
    audio: str | Path | None = None,
    *,
    speakers: str | Path | None = None,
    scored: str | Path | None = None,
    watch: Watch = iter,
) -> Imported:
    """Make cases of a foreign test set.

    Args:
        source: .jsonl (id, audio, text, speaker, ... a line), .stm, .trn, .ctm, .json (SegLST), or a folder of audio.
        audio: folder of the audio; by default the source's own. Files are found as ``<recording>.<ending>``.
        speakers: RTTM with the turns, where the source has none.
        scored: UEM with the scored regions.
        watch: passes the ids of the cases through as they are made.

    Raises:
        FormatError: a file breaks its format.
        AudioError: audio is missing or unreadable.
    """
    source = Path(source)
    folder = Path(audio) if audio is not None else source if source.is_dir() else source.parent
    if source.suffix.lower() == ".jsonl":
        found = Imported(import_rows(source, folder, normal, watch), ())
    elif source.is_dir():
        files = _audio_files(source)
        found = Imported(tuple(Case(name, probe(files[name])) for name in watch(sorted(files))), ())
    elif source.suffix.lower() in REFERENCES:
        found = _import_reference(source, folder, watch)
    else:
        known = ", ".join([".jsonl", *REFERENCES])
        raise FormatError(str(source), f"a {source.suffix or 'nameless'} file cannot be imported; use one of {known}")
    if not found.cases:
        raise FormatError(str(source), "holds nothing to import")
    return replace(found, cases=_with_regions(found.cases, speakers, scored))


def normal(text: str) -> str:
    """Unicode form C with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _import_reference(source: Path, folder: Path, watch: Watch) -> Imported:
    load = REFERENCES[source.suffix.lower()]
    files = _audio_files(folder)
    recordings = list(dict.fromkeys(segment.recording for segment in load(source, 1)))
    missing = [name for name in recordings if name not in files]
    if missing:
        what = f"{len(missing)} of {len(recordings)} recordings have no audio here, first {missing[0]!r}; give --audio"
        raise AudioError(str(folder), what)
    references = {name: probe(files[name]) for name in watch(recordings)}
    at_rate = {rate: load(source, rate) for rate in {found.rate for found in references.values()}}
    cases = tuple(_case(name, found, at_rate[found.rate]) for name, found in references.items())
    unused = [f"{files[name]}: no reference" for name in sorted(set(files) - set(recordings))]
    return Imported(cases, tuple(unused))


def _case(name: str, audio: AudioRef, segments: tuple[Segment, ...]) -> Case:
    own = [segment for segment in segments if segment.recording == name]
    if len({segment.channel for segment in own}) > 1:
        raise FormatError(name, "has several channels, and a case has one; split audio and reference by channel")
    words = transcripts(own, audio.rate)[name].words
    timed = all(segment.speaker is not None and segment.start is not None for segment in own)
    several = timed and len(own) > 1
    speakers = {segment.speaker for segment in own}
    return Case(
        name,
        audio,
        Transcript(tuple(_normal_word(word) for word in words), audio.rate),
        turns=turns(own)[name] if several else (),
        cluster=speakers.pop() if len(speakers) == 1 else None,
    )


def _normal_word(word: Word) -> Word:
    return replace(word, text=unicodedata.normalize("NFC", word.text))


def _with_regions(cases: tuple[Case, ...], speakers: str | Path | None, scored: str | Path | None) -> tuple[Case, ...]:
    rates = {case.audio.rate for case in cases}
    spoken = {rate: turns(rttm.load(speakers, rate)) for rate in rates} if speakers is not None else {}
    wanted = {rate: regions(uem.load(scored, rate)) for rate in rates} if scored is not None else {}
    return tuple(
        replace(
            case,
            turns=spoken.get(case.audio.rate, {}).get(Path(case.audio.path).stem, case.turns),
            uem=wanted.get(case.audio.rate, {}).get(Path(case.audio.path).stem, case.uem),
        )
        for case in cases
    )


def _audio_files(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise AudioError(str(folder), "no such folder of audio; give it with --audio")
    found: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in AUDIO_ENDINGS:
            continue
        if path.stem in found:
            raise AudioError(str(path), f"has the same name as {found[path.stem]}; keep one of them")
        found[path.stem] = os.path.abspath(path)
    return found
