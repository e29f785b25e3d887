"""Taking sessions out of a store: a test set with its audio, and what production answered as STM and SegLST."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from mirror.errors import StoreError
from mirror.store.cases import as_case, event_log
from mirror.store.place import Place
from mirror.store.segments import segments
from mirror.store.session import the_session
from testsets import manifest
from testsets.case import Case, TestSet
from testsets.formats import seglst, stm
from testsets.lines import write_text

MANIFEST, STM, SEGLST = "manifest.jsonl", "production.stm", "production.seglst.json"


def export_sessions(
    place: Place,
    names: Iterable[str],
    out: Path,
    title: str,
    identities: Sequence[Any],
    on_problem: Callable[[StoreError], None],
) -> TestSet | None:
    """Write sessions into a folder; None when none of them holds anything to replay.

    Args:
        place: the store.
        names: of the sessions.
        out: folder for the manifest, ``audio/`` and the answers.
        title: name of the test set.
        identities: private keys, for sessions that are encrypted.
        on_problem: told of each session that cannot be read; the others go on.

    Raises:
        FormatError: the folder cannot be written.
    """
    cases: list[Case] = []
    lines, entries = list[str](), list[Any]()
    for name in names:
        try:
            session = the_session(place, name, identities)
            log = event_log(session)
            cases.append(as_case(session, out / "audio"))
        except StoreError as error:
            on_problem(error)
            continue
        said = list(segments(log))
        entries += json.loads(seglst.render(said, log.rate))
        timed = [segment for segment in said if segment.start is not None]
        lines.append(stm.render(timed, log.rate))
        if len(timed) < len(said):
            what = f"{len(said) - len(timed)} segments have no times, and stand in {SEGLST} only"
            on_problem(StoreError(f"{place.location}/{name}", what))
    if not cases:
        return None
    write_text(out / STM, "".join(lines))
    write_text(out / SEGLST, json.dumps(entries, ensure_ascii=False, indent=1) + "\n")
    return manifest.save(out / MANIFEST, title, cases)
