"""Real outputs of real systems beside published figures and peers: ``python -m benchmarks.conformance --speech DIR``.

Prints the tables of docs/conformance.md. Peers that are not installed are left out of their columns.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.corpora import (
    EARNINGS_PUBLISHED,
    LIBRISPEECH_SETS,
    LIBRISPEECH_SYSTEMS,
    RATE,
    SECTORS_PUBLISHED,
    Earnings,
    LibriSpeech,
    Spoken,
    unpacked,
)
from harness.measures.counts import SpeakerErrors, WordErrors
from harness.measures.meetings.errors import MeetingErrors
from harness.measures.meetings.utterances import Utterance, normalised, of_words
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

Turns = tuple[SpeakerTurn, ...]

_RUNS = (5, 3, 2)  # equal tokens on each side of a place where two texts are cut
_PIECE = 200  # tokens, at least, of one piece
_CELLS = 4_000_000  # tokens times words of the largest piece, else it is cut at shorter runs
_FSTALIGN = Normaliser("fstalign", "lower case; split at white space", lambda text: tuple(text.lower().split()))
_DIALECTS = (dialect("nist"), dialect("nist", 250), dialect("nist", 250, skip_overlap=True), dialect("dscore"),
             dialect("pyannote"), dialect("pyannote", 500, skip_overlap=True), dialect("understudy"))  # fmt: skip


def librispeech_counts(utterances: Sequence[Spoken]) -> dict[str, WordErrors]:
    """WER, B-WER and U-WER at the makers' costs (insertion 3, deletion 3, substitution 4)."""
    found = align_lattices([one.said for one in utterances], [one.heard for one in utterances])
    chosen = others = WordErrors()
    for one, aligned in zip(utterances, found, strict=True):
        inside, outside = split_errors(one.said, one.heard, one.rare, aligned.steps)
        chosen, others = chosen + inside, others + outside
    return {"WER": chosen + others, "B-WER": chosen, "U-WER": others}


def call_errors(reference: Transcript, output: Transcript, pack: Normaliser) -> WordErrors:
    """The word errors of one call."""
    return align_pairs([pack.split(reference.text)], [pack.split(output.text)]).total()


def errors_with_wordings(
    tokens: Sequence[Token], wordings: Mapping[str, Wordings], output: Transcript, pack: Normaliser
) -> WordErrors:
    """Word errors of one call where any wording of an entity counts as right.

    A call of 15,000 words is too long for one lattice, so it is cut inside of stretches in which both sides agree: long
    ones where there are any. That such cuts change nothing is checked in tests/conformance.
    """
    heard = pack.split(output.text)
    for run in _RUNS:
        pieces = list(_pieces(tokens, heard, pack, run))
        if max(len(said) * len(found) for said, found in pieces) < _CELLS:
            break
    texts = (with_wordings(said, wordings) for said, _ in pieces)
    lattices = [parse_alternatives(text).normalised(pack.split) for text in texts]
    return sum((found.errors for found in align_lattices(lattices, [found for _, found in pieces])), WordErrors())


def _pieces(
    tokens: Sequence[Token], heard: Sequence[str], pack: Normaliser, run: int
) -> Iterator[tuple[Sequence[Token], Sequence[str]]]:
    """Both sides cut at the same places, never inside of an entity, with ``run`` equal words on each side of a cut."""
    words = [pack.split(token.token) for token in tokens]
    first = [0]  # the first word of each token
    for split in words:
        first.append(first[-1] + len(split))
    facing = {
        step.reference: step.hypothesis
        for step in align([word for split in words for word in split], heard)
        if step.kind == "equal" and step.reference is not None and step.hypothesis is not None
    }
    token_from = heard_from = 0
    for place in range(run, len(tokens) - run):
        if place - token_from < _PIECE or any(token.tags for token in tokens[place - run : place + run]):
            continue
        begin = facing.get(first[place])
        around = range(first[place - run], first[place + run])
        if begin is not None and all(facing.get(word) == begin + word - first[place] for word in around):
            yield tokens[token_from:place], heard[heard_from:begin]
            token_from, heard_from = place, begin
    yield tokens[token_from:], heard[heard_from:]


def main() -> None:
    """Print the tables asked for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--speech", type=Path, required=True, help="the speech data pack")
    arguments.add_argument("--only", nargs="*", choices=list(_TABLES), default=list(_TABLES), help="these tables")
    asked = arguments.parse_args()
    for archive in ("librispeech_asr_outputs", "earnings21"):
        with unpacked(asked.speech / archive / f"{archive}.tar.xz") as folder:
            for name in asked.only:
                corpus, header, rows = _TABLES[name]
                if corpus == archive:
                    _print(name, header, rows(folder))


def _librispeech(folder: Path) -> Iterator[list[str]]:
    corpus = LibriSpeech(folder)
    for name in LIBRISPEECH_SETS:
        for system in LIBRISPEECH_SYSTEMS:
            published = corpus.published(name, system)
            for metric, ours in librispeech_counts(corpus.utterances(name, system)).items():
                row = published[metric]
                counts = (ours.substitutions, ours.insertions, ours.deletions, ours.reference)
                equal = counts == (row.substitutions, row.insertions, row.deletions, row.reference)
                told = " / ".join(map(str, counts))
                yield [name, system, metric, _percent(ours.rate), f"{row.rate:.2f}", told, "yes" if equal else "NO"]


def _earnings_words(folder: Path) -> Iterator[list[str]]:
    corpus = Earnings(folder)
    for system, published in EARNINGS_PUBLISHED.items():
        plain = [_percent(_plain(corpus, system, pack).rate) for pack in PACKS.values()]
        worded = _percent(_worded(corpus, system, PACKS["basic"], corpus.calls).rate)
        yield [system, *plain, _jiwer(corpus, system, PACKS["basic"]), worded, str(published)]


def _sectors(folder: Path) -> Iterator[list[str]]:
    corpus = Earnings(folder)
    for sector, published in SECTORS_PUBLISHED.items():
        calls = [call for call in corpus.calls if corpus.sectors[call] == sector]
        for system, known in zip(EARNINGS_PUBLISHED, published, strict=False):
            found = [
                sum((as_fstalign(corpus, system, call, percent=percent) for call in calls), WordErrors()).rate
                for percent in (False, True)
            ]
            found.append(_worded(corpus, system, PACKS["basic"], calls).rate)
            yield [f"{sector} ({len(calls)} calls)", system, str(known), *(_percent(rate) for rate in found)]


def as_fstalign(corpus: Earnings, system: str, call: str, *, percent: bool = False) -> WordErrors:
    """Word errors of one call as fstalign reads it: lower case, hyphens kept, marks of punctuation no words.

    Args:
        corpus: the calls.
        system: whose output.
        call: its id.
        percent: take a ``%`` among the marks of punctuation for a word.
    """
    output = corpus.spoken(system, call, percent=percent)
    return errors_with_wordings(corpus.tokens(call), corpus.wordings(call), output, _FSTALIGN)


def _plain(corpus: Earnings, system: str, pack: Normaliser) -> WordErrors:
    calls = corpus.calls
    return sum((call_errors(corpus.reference(c), corpus.output(system, c), pack) for c in calls), WordErrors())


def _worded(corpus: Earnings, system: str, pack: Normaliser, calls: Iterable[str]) -> WordErrors:
    found = (
        errors_with_wordings(corpus.tokens(call), corpus.wordings(call), corpus.output(system, call), pack)
        for call in calls
    )
    return sum(found, WordErrors())


def _jiwer(corpus: Earnings, system: str, pack: Normaliser) -> str:
    if importlib.util.find_spec("jiwer") is None:
        return "-"
    import jiwer

    said = [" ".join(pack.split(corpus.reference(call).text)) for call in corpus.calls]
    return _percent(jiwer.wer(said, [" ".join(pack.split(corpus.output(system, call).text)) for call in corpus.calls]))


def _speakers(folder: Path) -> Iterator[list[str]]:
    corpus = Earnings(folder)
    turns = {call: corpus.turns(call) for call in corpus.calls}
    words = {call: corpus.output("amazon", call).words for call in corpus.calls}
    for rule in _DIALECTS:
        heard = {call: turns_of_words(words[call], RATE, rule) for call in corpus.calls}
        found = sum((speaker_errors(turns[call], heard[call], None, RATE, rule) for call in turns), SpeakerErrors())
        seconds = (f"{part / RATE:.2f}" for part in (found.missed, found.false_alarm, found.confusion, found.speech))
        peer = _pyannote(turns, heard, rule) if rule.convention.name == "pyannote" else "-"
        yield [rule.signature, *seconds, _percent(found.rate, 4), peer]


def _pyannote(turns: Mapping[str, Turns], heard: Mapping[str, Turns], rule: Dialect) -> str:
    if importlib.util.find_spec("pyannote.metrics") is None:
        return "-"
    import warnings

    from pyannote.core import Annotation, Segment
    from pyannote.metrics.diarization import DiarizationErrorRate

    def annotation(side: Turns) -> Annotation:
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


def _meetings(folder: Path) -> Iterator[list[str]]:
    corpus = Earnings(folder)
    pack = PACKS["basic"]
    for call in corpus.calls:
        reference, output = corpus.reference(call), corpus.output("amazon", call)
        said, heard = (normalised(of_words(side.words, RATE), pack.split) for side in (reference, output))
        ours = MeetingErrors(said, heard, RATE)
        yield [
            call,
            f"{len({one.speaker for one in said})} / {len({one.speaker for one in heard})}",
            _percent(call_errors(reference, output, pack).rate),
            _percent(ours.cp.errors.rate),
            _meeteval(said, heard),
            _percent(ours.orc.errors.rate),
            "yes" if ours.orc.exact else "no",
            _percent(ours.attribution.errors.rate),
        ]


def _meeteval(said: Iterable[Utterance], heard: Iterable[Utterance]) -> str:
    if importlib.util.find_spec("meeteval") is None:
        return "-"
    import meeteval

    return _percent(meeteval.wer.cp_word_error_rate(streams(said), streams(heard)).error_rate)


def streams(side: Iterable[Utterance]) -> dict[str, str]:
    """Each speaker's words end to end."""
    found: dict[str, list[str]] = {}
    for one in side:
        found.setdefault(one.speaker, []).extend(word.text for word in one.words)
    return {speaker: " ".join(words) for speaker, words in found.items()}


def _percent(rate: float | None, digits: int = 2) -> str:
    return "undefined" if rate is None else f"{100 * rate:.{digits}f}"


def _print(name: str, header: Sequence[str], rows: Iterable[list[str]]) -> None:
    print(f"\n{name}\n\n| {' | '.join(header)} |\n|{'---|' * len(header)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


_TABLES: Mapping[str, tuple[str, Sequence[str], Callable[[Path], Iterator[list[str]]]]] = {
    "librispeech": (
        "librispeech_asr_outputs",
        ["set", "system", "metric", "ours", "published", "S / I / D / N", "equal"],
        _librispeech,
    ),
    "words": (
        "earnings21",
        ["system", *PACKS, "jiwer (basic)", "basic + wordings", "published, 44 calls"],
        _earnings_words,
    ),
    "sectors": (
        "earnings21",
        ["sector", "system", "published", "as fstalign reads", "% a word", "basic + wordings"],
        _sectors,
    ),
    "speakers": (
        "earnings21",
        ["dialect", "missed s", "false s", "confused s", "speech s", "DER", "pyannote.metrics"],
        _speakers,
    ),
    "meetings": (
        "earnings21",
        ["call", "speakers", "WER", "cpWER", "meeteval cpWER", "ORC-WER", "exact", "wrong speaker"],
        _meetings,
    ),
}


if __name__ == "__main__":
    main()
