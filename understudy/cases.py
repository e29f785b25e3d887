"""The cases of a gate: curated test sets and captured traffic, as one list."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.results import TestSetRecord
from mirror.errors import StoreError
from mirror.store.cases import as_case
from mirror.store.session import sessions
from testsets import embedded, manifest
from testsets.case import Case
from understudy.errors import UsageError


@dataclass(frozen=True, slots=True)
class Gathered:
    """All cases of a gate, and where they come from."""

    cases: tuple[Case, ...]
    sources: tuple[TestSetRecord, ...]
    problems: tuple[str, ...]  # captures that could not be read, a line each


def gather(testsets: Sequence[str], stores: Sequence[Path], audio_out: Path, at_least: int = 1) -> Gathered:
    """Load test sets and captured sessions.

    Args:
        testsets: names of embedded sets or paths of manifests.
        stores: folders of captures.
        audio_out: folder that takes the audio of the captures.
        at_least: fewer cases than this are refused.

    Raises:
        FormatError, AudioError: a manifest or its audio is bad.
        UsageError: there is no case at all, or two have the same id.
    """
    cases: list[Case] = []
    sources: list[TestSetRecord] = []
    problems: list[str] = []
    for name in testsets:
        found = embedded.open_embedded(name) if name in embedded.available() else manifest.load(name)
        cases += found.cases
        sources.append(TestSetRecord(found.name, found.digest, len(found.cases)))
    for store in stores:
        traffic = _traffic(store, audio_out, problems.append)
        cases += traffic
        digest = hashlib.sha256("".join(manifest.case_digest(case) for case in traffic).encode()).hexdigest()
        name = store.name if store.name.startswith("traffic") else f"traffic {store.name}"
        sources.append(TestSetRecord(name, digest, len(traffic)))
    _check(cases, at_least)
    return Gathered(tuple(cases), tuple(sources), tuple(problems))


def _traffic(store: Path, audio_out: Path, tell: Callable[[str], None]) -> list[Case]:
    cases = []
    for session in sessions(store, lambda error: tell(str(error))):
        try:
            case = as_case(session, audio_out)
        except StoreError as error:
            tell(str(error))
            continue
        if session.problem is not None:
            tell(f"{session.path}: {session.problem}; what was captured is replayed")
        cases.append(replace(case, tags={**case.tags, "source": "traffic"}))
    return cases


def _check(cases: Sequence[Case], at_least: int) -> None:
    if len(cases) < at_least:
        raise UsageError("no cases: give --testset a manifest or an embedded set, or --traffic a store with captures")
    twice = [case_id for case_id, count in Counter(case.id for case in cases).items() if count > 1]
    if twice:
        raise UsageError(f"{len(twice)} case ids occur in two test sets, first {twice[0]!r}; rename one of them")
