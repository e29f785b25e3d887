"""The cases of a gate: curated test sets and captured traffic, as one list."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.results import TestSetRecord
from mirror.replay import Reaction
from testsets import embedded, manifest
from testsets.case import Case
from understudy.captured import Source, read_played
from understudy.errors import UsageError

TRAFFIC = "traffic"  # value of the tag ``source`` of every captured session


@dataclass(frozen=True, slots=True)
class Gathered:
    """All cases of a gate, and where they come from."""

    cases: tuple[Case, ...] = ()
    sources: tuple[TestSetRecord, ...] = ()
    problems: tuple[str, ...] = ()  # captures that could not be read, a line each
    reactions: Mapping[str, tuple[Reaction, ...]] = field(default_factory=dict)  # by the id of the captured session
    encrypted: int = 0  # cases whose audio lay encrypted in its store

    def __add__(self, other: Gathered) -> Gathered:
        return Gathered(
            self.cases + other.cases,
            self.sources + other.sources,
            self.problems + other.problems,
            {**self.reactions, **other.reactions},
            self.encrypted + other.encrypted,
        )

    def notes(self) -> Iterator[str]:
        """What whoever reads the verdict has to know of the cases, a line each."""
        yield from self.problems
        for case_id, found in self.reactions.items():
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            what = f"{found[0].what} at {found[0].at_ns / 1e9:.2f} s{more}"
            yield f"{case_id}: its client reacted to what it heard, a replay cannot ({what})"
        if self.encrypted:
            yield f"{self.encrypted} captured sessions were encrypted; the run folder holds their audio in the clear"


def gather(
    testsets: Sequence[str],
    stores: Sequence[str],
    audio_out: Path,
    identities: Sequence[Any] = (),
    at_least: int = 1,
) -> Gathered:
    """Load test sets and captured sessions.

    Args:
        testsets: names of embedded sets or paths of manifests.
        stores: folders and URLs of captures, sealed or not.
        audio_out: folder that takes the audio of the captures.
        identities: private keys, for captures that are encrypted.
        at_least: fewer cases than this are refused.

    Raises:
        FormatError, AudioError, StoreError: a manifest, its audio or a store is bad.
        UsageError: there is no case at all, none in one of the stores, or two cases have the same id.
    """
    found = sum((_testset(name) for name in testsets), Gathered())
    found = sum((of_traffic(store, read_played(store, audio_out, identities)) for store in stores), found)
    check(found, at_least)
    return found


def of_traffic(store: str, found: Source) -> Gathered:
    """What was read of a store, as cases of a gate."""
    cases = [replace(case, tags={**case.tags, "source": TRAFFIC}) for case in found.cases]
    digest = hashlib.sha256("".join(manifest.case_digest(case) for case in cases).encode()).hexdigest()
    name = store.rstrip("/").rpartition("/")[2]
    name = name if name.startswith(TRAFFIC) else f"{TRAFFIC} {name}"
    record = TestSetRecord(name, digest, len(cases))
    return Gathered(tuple(cases), (record,), tuple(found.problems), found.flagged, found.encrypted)


def check(found: Gathered, at_least: int = 1) -> None:
    """Refuse cases that cannot be judged.

    Raises:
        UsageError: there are fewer than ``at_least``, or two have the same id.
    """
    if len(found.cases) < at_least:
        raise UsageError("no cases: give --testset a manifest or an embedded set, or --traffic a store with captures")
    twice = [case_id for case_id, count in Counter(case.id for case in found.cases).items() if count > 1]
    if twice:
        raise UsageError(f"{len(twice)} case ids occur in two test sets, first {twice[0]!r}; rename one of them")


def _testset(name: str) -> Gathered:
    found = embedded.open_embedded(name) if name in embedded.available() else manifest.load(name)
    return Gathered(tuple(found.cases), (TestSetRecord(found.name, found.digest, len(found.cases)),))
