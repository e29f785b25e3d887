"""Outputs of real recognisers with their makers' figures, from the speech data pack: unpacked, read, and paired."""

from __future__ import annotations

import csv
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from testsets.formats import nlp
from testsets.formats.nlp_entities import Wordings, load_wordings
from testsets.hypotheses import read_hypotheses, read_turns
from testsets.transcript import SpeakerTurn, Transcript

RATE = 16_000

# Percent WER over all 44 calls of the corpus, with fstalign and its entity wordings (Del Rio et al., Interspeech 2021,
# table in the corpus's README). The pack holds 30 calls.
EARNINGS_PUBLISHED = {
    "google": 17.8,
    "amazon": 17.0,
    "microsoft": 15.8,
    "speechmatics": 16.0,
    "rev_kaldi": 13.2,
    "rev_espnet": 12.8,
    "kaldi_librispeech": 48.8,
}
# The same by sector, for the sectors of which the pack holds every call (the corpus's transcripts/README.md). The last
# system is left out: its outputs were replaced after that table was made.
SECTORS_PUBLISHED = {
    "Conglomerate": (15.5, 15.4, 14.1, 14.0, 8.0, 10.8),
    "Utilities": (15.9, 15.9, 14.8, 14.2, 10.3, 11.7),
    "Technology": (20.6, 18.9, 17.1, 17.4, 16.0, 14.4),
}  # in the order of the systems above
LIBRISPEECH_SETS = ("test-clean", "test-other")
LIBRISPEECH_SYSTEMS = ("rnnt_baseline", "rnnt_nnlm", "wfst_bias100", "db_nnlm_bias100")


@contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """The content of an archive in a folder that is gone afterwards."""
    with TemporaryDirectory() as folder, tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
        yield Path(folder) / archive.name.split(".")[0]


@dataclass(frozen=True)
class Earnings:
    """Earnings-21: 30 calls, seven systems."""

    folder: Path

    @cached_property
    def calls(self) -> tuple[str, ...]:
        """The calls in order."""
        return tuple(sorted(path.stem for path in (self.folder / "references").glob("*.nlp")))

    @cached_property
    def sectors(self) -> dict[str, str]:
        """Call -> the sector of its company."""
        with (self.folder / "file-metadata.csv").open(encoding="utf-8", newline="") as file:
            return {row["file_id"]: row["sector"] for row in csv.DictReader(file)}

    def tokens(self, call: str) -> tuple[nlp.Token, ...]:
        """The reference tokens of a call."""
        return nlp.load(self.folder / "references" / f"{call}.nlp", RATE)

    def reference(self, call: str) -> Transcript:
        """What was said in a call, with speakers and without times."""
        return nlp.transcript(self.tokens(call), RATE)

    def output(self, system: str, call: str) -> Transcript:
        """What a system wrote for a call."""
        (path,) = (self.folder / "outputs" / system).glob(f"{call}.*")
        return read_hypotheses(path, RATE)[call]

    def spoken(self, system: str, call: str, *, percent: bool = False) -> Transcript:
        """What a system wrote for a call, without its punctuation; ``percent``: a % that stands there is a word."""
        (path,) = (self.folder / "outputs" / system).glob(f"{call}.*")
        if path.suffix != ".nlp":
            return self.output(system, call)
        marked = (f"{one.token} %" if percent and "%" in one.punctuation else one.token for one in nlp.load(path, RATE))
        return Transcript.from_text(" ".join(marked), RATE)

    def wordings(self, call: str) -> dict[str, Wordings]:
        """How the entities of a call may be said."""
        return load_wordings(self.folder / "normalizations" / f"{call}.norm.json")

    def turns(self, call: str) -> tuple[SpeakerTurn, ...]:
        """Who spoke when in a call."""
        return read_turns(self.folder / "rttm" / f"{call}.rttm", RATE)[call]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance: what was said, what was recognised, and the rare words of what was said."""

    said: list[str]
    heard: list[str]
    rare: frozenset[str]


@dataclass(frozen=True, slots=True)
class Published:
    """One row of the makers' results."""

    rate: float  # percent
    substitutions: int
    insertions: int
    deletions: int
    reference: int


@dataclass(frozen=True, slots=True)
class LibriSpeech:
    """LibriSpeech test sets: four systems, with the makers' counts on exactly these lines."""

    folder: Path

    def utterances(self, name: str, system: str) -> list[Spoken]:
        """All utterances of a set in order."""
        heard = {key: text.split() for key, text, *_ in self._rows(f"{name}.{system}.hyp.tsv")}
        rows = list(self._rows(f"{name}.ref.tsv"))
        if heard.keys() != {key for key, *_ in rows}:
            raise ValueError(f"{name}.{system}: ids of references and hypotheses differ")
        return [Spoken(text.split(), heard[key], frozenset(json.loads(rare))) for key, text, rare, *_ in rows]

    def published(self, name: str, system: str) -> dict[str, Published]:
        """The makers' row of each metric that counts the utterances given here."""
        header, *rows = self._rows("results.tsv")
        found = [dict(zip(header, row, strict=False)) for row in rows]
        count = str(sum(1 for _ in self._rows(f"{name}.ref.tsv")))
        return {
            row["metric"]: Published(
                float(row["error_rate"]), *(int(row[key]) for key in ("subs", "ins", "dels", "ref_words"))
            )
            for row in found
            if (row["set"], row["system"], row["utterances"]) == (name, system, count)
        }

    def _rows(self, name: str) -> Iterator[list[str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield [*row, ""] if len(row) == 1 else row
