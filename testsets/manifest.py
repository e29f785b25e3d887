"""Manifests: a test set as JSON Lines, one header and one case a line, with a hash of the content."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from testsets import audio
from testsets.case import AudioRef, Case, TestSet
from testsets.case_json import case_from_json, case_to_json
from testsets.errors import AudioError, FormatError
from testsets.lines import Row, json_row, numbered, read_text, write_text

FORMAT = "understudy-testset"
FORMAT_VERSION = 1

Problem = FormatError | AudioError


def load(path: str | Path, *, check_audio: bool = True) -> TestSet:
    """Read a manifest; audio is looked for relative to its folder.

    Args:
        path: the manifest.
        check_audio: open and hash every audio file. Without it, lines must carry rate, samples and sha256, and
            missing audio shows only when it is played.

    Raises:
        FormatError: the manifest breaks its format.
        AudioError: audio is missing, unreadable, or not what its line says.
    """
    name, cases, problems = _read(Path(path), check_audio)
    if problems:
        raise problems[0]
    return TestSet(name, tuple(cases), digest(cases))


def validate(path: str | Path) -> list[Problem]:
    """Everything that is wrong with a manifest and its audio, in order of lines; nothing is repaired."""
    return _read(Path(path), check_audio=True)[2]


def save(path: str | Path, name: str, cases: Iterable[Case]) -> TestSet:
    """Write a manifest; audio paths, given as the program opens them, are written relative to its folder.

    Raises:
        FormatError: two cases have one id, or the file cannot be written.
    """
    kept = tuple(cases)
    seen: set[str] = set()
    for case in kept:
        if case.id in seen:
            raise FormatError(str(path), f"id {case.id!r} is used by two cases; make ids unique")
        seen.add(case.id)
    header = {"format": FORMAT, "version": FORMAT_VERSION, "name": name}
    folder = Path(path).parent
    rows = [header, *(case_to_json(case, _relative(case.audio.path, folder)) for case in kept)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    write_text(path, text)
    return TestSet(name, kept, digest(kept))


def digest(cases: Iterable[Case]) -> str:
    """sha256 over the cases in order: canonical JSON with the audio's own hash in place of its path."""
    state = hashlib.sha256(f"{FORMAT} {FORMAT_VERSION}\n".encode())
    for case in cases:
        state.update((case_digest(case) + "\n").encode())
    return state.hexdigest()


def case_digest(case: Case) -> str:
    """sha256 of one case: equal exactly when the audio's bytes and everything beside its path are equal."""
    row = case_to_json(case, audio="")
    return hashlib.sha256(json.dumps(row, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _read(path: Path, check_audio: bool) -> tuple[str, list[Case], list[Problem]]:
    cases: list[Case] = []
    problems: list[Problem] = []
    try:
        (number, first), *lines = list(numbered(read_text(path))) or [(1, "{}")]
        name = _header(json_row(first, str(path), number))
    except FormatError as error:
        return "", cases, [error]
    seen: dict[str, int] = {}
    spellings: dict[str, str] = {}
    for number, line in lines:
        try:
            row = json_row(line, str(path), number)
            case = case_from_json(row, lambda name, row: _locate(name, row, path.parent, check_audio))
            if case.id in seen:
                row.fail(f"id {case.id!r} was already used on line {seen[case.id]}; make ids unique")
            twin = spellings.setdefault(case.id.casefold(), case.id)
            if twin != case.id:
                row.fail(f"ids {twin!r} (line {seen[twin]}) and {case.id!r} differ only in case; rename one")
            seen[case.id] = number
            cases.append(case)
        except (FormatError, AudioError) as error:
            problems.append(error)
    if not cases and not problems:
        problems.append(FormatError(str(path), "holds no cases; add one JSON object a line below the header"))
    return name, cases, problems


def _header(row: Row) -> str:
    if row.values.get("format") != FORMAT:
        example = json.dumps({"format": FORMAT, "version": FORMAT_VERSION, "name": "my set"})
        row.fail(f"not a test set manifest; its first line must be {example} ('understudy testset import' makes one)")
    version = row.integer("version")
    if version != FORMAT_VERSION:
        row.fail(f"manifest version {version} is not known here (only {FORMAT_VERSION}); use a matching understudy")
    row.allow("format", "version", "name")
    return row.text("name")


def _locate(name: str, row: Row, folder: Path, check_audio: bool) -> AudioRef:
    stated = AudioRef(
        os.path.abspath(folder / name),
        row.integer("rate", default=0),
        row.integer("samples", default=0),
        row.optional_text("sha256"),
    )
    complete = bool(stated.rate and stated.samples and stated.sha256)
    if complete and not check_audio:
        return stated
    try:
        found = audio.probe(stated.path)
    except AudioError as error:
        raise AudioError(f"{row.where}:{row.line}: {name}", error.what) from None
    for field in ("rate", "samples", "sha256"):
        said, is_ = getattr(stated, field), getattr(found, field)
        if said and said != is_:
            raise AudioError(f"{row.where}:{row.line}: {name}", f"{field} is {is_}, the manifest says {said}")
    return found


def _relative(audio_path: str, folder: Path) -> str:
    return Path(os.path.relpath(audio_path, os.path.abspath(folder))).as_posix()
