"""A case as one JSON object, as it stands on a line of a manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from testsets.case import AudioRef, Case, Pacing, SentFrame
from testsets.errors import FormatError
from testsets.lines import Row
from testsets.transcript import SpeakerTurn, Transcript, Word

KEYS = (
    "id", "audio", "rate", "samples", "sha256", "text", "words", "words_rate",
    "turns", "uem", "cluster", "tags", "config", "pacing",
)  # fmt: skip

T = TypeVar("T")


def case_to_json(case: Case, audio: str) -> dict[str, Any]:
    """The JSON object of a case; what has its default is left out.

    Args:
        case: any case.
        audio: the audio's path as the manifest shall name it.
    """
    found = {
        "id": case.id,
        "audio": audio,
        "rate": case.audio.rate,
        "samples": case.audio.samples,
        "sha256": case.audio.sha256,
        **(_reference_to_json(case.reference, case.audio.rate) if case.reference is not None else {}),
        "turns": [{"speaker": turn.speaker, "start": turn.start, "end": turn.end} for turn in case.turns],
        "uem": [list(region) for region in case.uem],
        "cluster": case.cluster,
        "tags": dict(case.tags),
        "config": dict(case.config),
        "pacing": _pacing_to_json(case.pacing),
    }
    return {key: value for key, value in found.items() if key == "text" or value not in (None, [], {})}


def case_from_json(row: Row, locate: Callable[[str, Row], AudioRef]) -> Case:
    """Read a case.

    Args:
        row: the JSON object with its place in the file.
        locate: turns the audio's name and the row into what the audio is.

    Raises:
        FormatError: a key is unknown, missing, or holds what does not fit.
        AudioError: ``locate`` cannot use the audio.
    """
    row.allow(*KEYS)
    identity = row.text("id")
    if not identity:
        row.fail("'id' is empty; name the case")
    audio = locate(row.text("audio"), row)
    return Case(
        id=identity,
        audio=audio,
        reference=_reference_from_json(row, audio.rate),
        turns=tuple(_turn(turn) for turn in row.rows("turns")),
        uem=_regions(row),
        cluster=row.optional_text("cluster"),
        tags=_tags(row),
        config=row.mapping("config"),
        pacing=_pacing_from_json(row),
    )


def word_to_json(word: Word) -> dict[str, Any]:
    """The JSON object of a word; times in samples; what is not known is left out."""
    found = {
        "text": word.text,
        "start": word.start,
        "end": word.end,
        "confidence": word.confidence,
        "speaker": word.speaker,
    }
    return {key: value for key, value in found.items() if value is not None}


def word_from_json(row: Row) -> Word:
    """Read a word whose times are samples.

    Raises:
        FormatError: a key is unknown, missing, or holds what does not fit.
    """
    row.allow("text", "start", "end", "confidence", "speaker")
    return _built(
        row,
        lambda: Word(
            row.text("text"),
            row.optional_integer("start"),
            row.optional_integer("end"),
            row.optional_number("confidence"),
            row.optional_text("speaker"),
        ),
    )


def _reference_to_json(reference: Transcript, rate: int) -> dict[str, Any]:
    found: dict[str, Any] = {} if reference.rate == rate else {"words_rate": reference.rate}
    if reference == Transcript.from_text(reference.text, reference.rate):
        return {"text": reference.text, **found}
    return {"words": [word_to_json(word) for word in reference.words], **found}


def _reference_from_json(row: Row, audio_rate: int) -> Transcript | None:
    rate = row.integer("words_rate", default=audio_rate, least=1)
    text = row.optional_text("text")
    if "words" not in row.values:
        return None if text is None else Transcript.from_text(text, rate)
    if text is not None:
        row.fail("give 'text' or 'words', not both")
    return Transcript(tuple(word_from_json(word) for word in row.rows("words")), rate)


def _turn(row: Row) -> SpeakerTurn:
    row.allow("speaker", "start", "end")
    return _built(row, lambda: SpeakerTurn(row.text("speaker"), row.integer("start"), row.integer("end")))


def _regions(row: Row) -> tuple[tuple[int, int], ...]:
    regions = row.pairs("uem")
    for start, end in regions:
        if not 0 <= start < end:
            row.fail(f"'uem' region {start}..{end} needs 0 <= start < end")
    return regions


def _tags(row: Row) -> Mapping[str, str]:
    tags = row.mapping("tags")
    for name, value in tags.items():
        if not isinstance(value, str):
            row.fail(f"tag {name!r} must be a string; write it in quotes")
    return tags


def _pacing_to_json(pacing: Pacing) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if pacing.packet_samples != Pacing().packet_samples:
        found["packet_samples"] = pacing.packet_samples
    if pacing.frames:
        found["frames"] = [[frame.at_ns, frame.samples] for frame in pacing.frames]
    return found


def _pacing_from_json(row: Row) -> Pacing:
    pacing = Row(row.mapping("pacing"), row.where, row.line)
    pacing.allow("packet_samples", "frames")
    frames = tuple(SentFrame(at_ns, samples) for at_ns, samples in pacing.pairs("frames"))
    return Pacing(pacing.integer("packet_samples", default=Pacing().packet_samples, least=1), frames)


def _built(row: Row, build: Callable[[], T]) -> T:
    try:
        return build()
    except FormatError:
        raise
    except ValueError as error:
        row.fail(str(error))
