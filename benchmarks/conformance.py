"""Real outputs of real systems beside published figures and peers: ``python -m benchmarks.conformance --speech DIR``.

Prints the tables of docs/conformance.md. Peers that are not installed are left out of their columns.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from benchmarks.corpora import (
    EARNINGS_PUBLISHED,
    LIBRISPEECH_SETS,
    LIBRISPEECH_SYSTEMS,
    RATE,
    Earnings,
    LibriSpeech,
    Utterance,
    unpacked,
)
from harness.measures.counts import SpeakerErrors, WordErrors
from harness.measures.meetings.errors import MeetingErrors
from harness.measures.meetings.utterances import normalised, of_words
from harness.measures.normalisation.packs import PACKS, Normaliser
from harness.measures.speakers.dialects import Dialect, dialect
from harness.measures.speakers.diarisation import speaker_errors, turns_of_words
from harness.measures.words.alignment import align
from harness.measures.words.alternatives import parse_alternatives
from harness.measures.words.batch import align_pairs
from harness.measures.words.chosen import split_errors
from harness.measures.words.lattice import align_lattices
from testsets.formats.nlp import Token
from testsets.formats.nlp_entities import Wordings, with_wordings
from testsets.transcript import SpeakerTurn, Transcript

_RUN = 5  # equal words on each side of a place where two texts may be cut without changing their alignment
_PIECE = 200  # tokens, at least, of one piece
_DIALECTS = (dialect("nist"), dialect("nist", 250), dialect("nist", 250, skip_overlap=True), dialect("dscore"),
             dialect("pyannote"), dialect("pyannote", 500, skip_overlap=True), dialect("understudy"))  # fmt: skip


def librispeech_counts(utterances: Sequence[Utterance]) -> dict[str, WordErrors]:
    """WER, B-WER and U-WER at the makers' costs (insertion 3, deletion 3, substitution 4)."""
    found = align_lattices([one.said for one in utterances], [one.heard for one in utterances])
    chosen = others = WordErrors()
    for one, aligned in zip(utterances, found, strict=True):
        inside, outside = split_errors(one.said, one.heard, one.rare, aligned.steps)
        chosen, others = chosen + inside, others + outside
    return {"WER": chosen + others, "B-WER": chosen, "U-WER": others}


def call_errors(
    references: dict[str, Transcript], outputs: dict[str, Transcript], pack: Normaliser
) -> list[WordErrors]:
    """The word errors of each call."""
    said = (pack.split(reference.text) for reference in references.values())
    return align_pairs(said, (pack.split(outputs[call].text) for call in references)).each()


def errors_with_wordings(
    tokens: Sequence[Token], wordings: dict[str, Wordings], heard: Sequence[str], pack: Normaliser
) -> WordErrors:
    """Word errors of one call where any wording of an entity counts as right.

    A call of 15,000 words is too long for one lattice, so it is cut where both sides agree for ten words; that the cuts
    change nothing is checked in tests/conformance.
    """
    pieces = list(_pieces(tokens, heard, pack))
    texts = (with_wordings(part, wordings) for part, _ in pieces)
    lattices = [parse_alternatives(text).normalised(pack.split) for text in texts]
    return sum((found.errors for found in align_lattices(lattices, [part for _, part in pieces])), WordErrors())


def _pieces(
    tokens: Sequence[Token], heard: Sequence[str], pack: Normaliser
) -> Iterable[tuple[Sequence[Token], Sequence[str]]]:
    """Both sides cut at the same places, never inside of an entity."""
    words = [pack.split(token.token) for token in tokens]
    first = [0]  # the first word of each token
    for split in words:
        first.append(first[-1] + len(split))
    right = {
        step.reference: step.hypothesis
        for step in align([word for split in words for word in split], heard)
        if step.kind == "equal" and step.reference is not None and step.hypothesis is not None
    }
    token_from = heard_from = 0
    for place in range(_RUN, len(tokens) - _RUN):
        if place - token_from < _PIECE or any(token.tags for token in tokens[place - _RUN : place + _RUN]):
            continue
        around = range(first[place - _RUN], first[place + _RUN])
        matched = [right.get(word) for word in around]
        begin = right.get(first[place])
        if begin is not None and all(m == begin + word - first[place] for m, word in zip(matched, around, strict=True)):
            yield tokens[token_from:place], heard[heard_from:begin]
            token_from, heard_from = place, begin
    yield tokens[token_from:], heard[heard_from:]


def speaker_errors_of(
    turns: dict[str, tuple[SpeakerTurn, ...]], heard: dict[str, tuple[SpeakerTurn, ...]], rule: Dialect
) -> SpeakerErrors:
    """Diarisation errors of all calls, without a UEM."""
    return sum((speaker_errors(turns[call], heard[call], None, RATE, rule) for call in turns), SpeakerErrors())


def main() -> None:
    """Print every table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--speech", type=Path, required=True, help="the speech data pack")
    speech: Path = arguments.parse_args().speech
    with unpacked(speech / "librispeech_asr_outputs" / "librispeech_asr_outputs.tar.xz") as folder:
        _table(["set", "system", "metric", "ours", "published", "S/I/D/N ours", "equal"], _librispeech(folder))
    with unpacked(speech / "earnings21" / "earnings21.tar.xz") as folder:
        earnings = Earnings(folder)
        _table(["system", *PACKS, *(f"{p} + wordings" for p in ("basic", "english-1")), "jiwer (basic)", "published"],
               _earnings_words(earnings))  # fmt: skip
        heard = earnings.outputs("amazon")
        _table(["dialect", "missed s", "false s", "confused s", "speech s", "DER", "pyannote.metrics"],
               _speakers(earnings.turns, heard))  # fmt: skip
        _table(["call", "speakers", "WER", "cpWER", "ORC-WER", "attribution", "meeteval cpWER", "ORC exact"],
               _meetings(earnings.references, heard))  # fmt: skip


def _librispeech(folder: Path) -> Iterable[list[str]]:
    corpus = LibriSpeech(folder)
    for name in LIBRISPEECH_SETS:
        for system in LIBRISPEECH_SYSTEMS:
            published = corpus.published(name, system)
            for metric, ours in librispeech_counts(corpus.utterances(name, system)).items():
                row = published[metric]
                counts = (ours.substitutions, ours.insertions, ours.deletions, ours.reference)
                equal = counts == (row.substitutions, row.insertions, row.deletions, row.reference)
                told = "/".join(map(str, counts))
                yield [name, system, metric, _percent(ours.rate), f"{row.rate:.2f}", told, "yes" if equal else "NO"]


def _earnings_words(corpus: Earnings) -> Iterable[list[str]]:
    for system, published in EARNINGS_PUBLISHED.items():
        outputs = corpus.outputs(system)
        row = [system]
        for pack in PACKS.values():
            row.append(_percent(sum(call_errors(corpus.references, outputs, pack), WordErrors()).rate))
        for pack in (PACKS["basic"], PACKS["english-1"]):
            found = (
                errors_with_wordings(tokens, corpus.wordings(call), pack.split(outputs[call].text), pack)
                for call, tokens in corpus.tokens.items()
            )
            row.append(_percent(sum(found, WordErrors()).rate))
        yield [*row, _jiwer(corpus.references, outputs, PACKS["basic"]), str(published)]


def _jiwer(references: dict[str, Transcript], outputs: dict[str, Transcript], pack: Normaliser) -> str:
    if importlib.util.find_spec("jiwer") is None:
        return "-"
    import jiwer

    said = [" ".join(pack.split(references[call].text)) for call in references]
    return _percent(jiwer.wer(said, [" ".join(pack.split(outputs[call].text)) for call in references]))


def _speakers(turns: dict[str, tuple[SpeakerTurn, ...]], heard: dict[str, Transcript]) -> Iterable[list[str]]:
    for rule in _DIALECTS:
        guess = {call: turns_of_words(heard[call].words, RATE, rule) for call in turns}
        found = speaker_errors_of(turns, guess, rule)
        seconds = (f"{part / RATE:.2f}" for part in (found.missed, found.false_alarm, found.confusion, found.speech))
        peer = _pyannote(turns, guess, rule) if rule.convention.name == "pyannote" else "-"
        yield [rule.signature, *seconds, _percent(found.rate, 4), peer]


def _pyannote(
    turns: dict[str, tuple[SpeakerTurn, ...]], heard: dict[str, tuple[SpeakerTurn, ...]], rule: Dialect
) -> str:
    if importlib.util.find_spec("pyannote.metrics") is None:
        return "-"
    import warnings

    from pyannote.core import Annotation, Segment
    from pyannote.metrics.diarization import DiarizationErrorRate

    def annotation(side: tuple[SpeakerTurn, ...]) -> Annotation:
        found = Annotation()
        for track, turn in enumerate(side):
            found[Segment(turn.start / RATE, turn.end / RATE), track] = turn.speaker
        return found

    metric = DiarizationErrorRate(collar=rule.collar_ms / 1000, skip_overlap=rule.skip_overlap)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it takes the extent of the turns for the UEM: so do we
        for call in turns:
            metric(annotation(turns[call]), annotation(heard[call]))
    return _percent(abs(metric), 4)


def _meetings(references: dict[str, Transcript], heard: dict[str, Transcript]) -> Iterable[list[str]]:
    pack = PACKS["basic"]
    for call, reference in references.items():
        said = normalised(of_words(reference.words, RATE), pack.split)
        found = normalised(of_words(heard[call].words, RATE), pack.split)
        ours = MeetingErrors(said, found, RATE)
        plain = align_pairs([pack.split(reference.text)], [pack.split(heard[call].text)]).total()
        yield [
            call,
            f"{len({one.speaker for one in said})} / {len({one.speaker for one in found})}",
            _percent(plain.rate),
            _percent(ours.cp.errors.rate),
            _percent(ours.orc.errors.rate),
            _percent(ours.attribution.errors.rate),
            _meeteval(reference, heard[call], pack),
            "yes" if ours.orc.exact else "no",
        ]


def _meeteval(reference: Transcript, heard: Transcript, pack: Normaliser) -> str:
    if importlib.util.find_spec("meeteval") is None:
        return "-"
    import meeteval

    def streams(side: Transcript) -> dict[str, str]:
        words = sorted(side.words, key=lambda word: word.speaker or "")
        found = groupby(words, key=lambda word: word.speaker or "")
        return {name: " ".join(part for word in own for part in pack.split(word.text)) for name, own in found}

    return _percent(meeteval.wer.cp_word_error_rate(streams(reference), streams(heard)).error_rate)


def _percent(rate: float | None, digits: int = 2) -> str:
    return "undefined" if rate is None else f"{100 * rate:.{digits}f}"


def _table(header: list[str], rows: Iterable[list[str]]) -> None:
    print(f"\n| {' | '.join(header)} |\n|{'---|' * len(header)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
