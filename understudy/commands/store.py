"""``understudy store``: what a capture store holds, sealing and verifying it, taking sessions out, erasing them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mirror.errors import StoreError
from mirror.store.audit import Audit
from mirror.store.catalogue import catalogue, row_of
from mirror.store.place import open_place
from mirror.store.session import session_names, the_session
from understudy.errors import UsageError
from understudy.store_display import end, events_json, into, print_table, row_json, warn
from understudy.store_query import find, identities_of, index_of, query_of, record_read, to_erase, who_asks

app = typer.Typer(
    help="Look into a capture store, seal and verify it, take sessions out of it, and erase them.", no_args_is_help=True
)

Store = Annotated[str, typer.Argument(help="Folder of captures, or where they were sealed to: a folder or s3://...")]
Name = Annotated[str, typer.Argument(help="The session's name, as `store list` prints it, or the begin of it.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Identity = Annotated[
    Path | None, typer.Option(help="File of the private key (age-keygen) that opens encrypted sessions.")
]
Tenant = Annotated[str | None, typer.Option(help="Only sessions of this tenant (the tag `tenant`).")]
Since = Annotated[str | None, typer.Option(help="Only sessions that began then or later: 2026-11-23, or 7d ago.")]
Until = Annotated[str | None, typer.Option(help="Only sessions that began before: 2026-11-23, or 7d ago.")]
Language = Annotated[str | None, typer.Option(help="Only sessions in this language, as the client asked for it.")]
MinDuration = Annotated[float | None, typer.Option(help="Only sessions with at least so many seconds of audio.")]
Tag = Annotated[list[str] | None, typer.Option(help="NAME=VALUE: only sessions with this tag; repeat for more.")]
Why = Annotated[str, typer.Option(help="The reason, for the audit log.")]
Who = Annotated[str | None, typer.Option(help="Who asks, for the audit log; else the user and the machine.")]


@app.command("list")
def list_sessions(
    store: Store,
    tenant: Tenant = None,
    since: Since = None,
    until: Until = None,
    language: Language = None,
    min_duration: MinDuration = None,
    tag: Tag = None,
    identity: Identity = None,
    rebuild: Annotated[bool, typer.Option(help="Make the index anew; it is a cache.")] = False,
    as_json: Json = False,
) -> None:
    """List the sessions of a store; one that cannot be read is told in one line and passed over."""
    place, problems = open_place(store), list[str]()
    index = index_of(place)
    if rebuild:
        index.unlink(missing_ok=True)
    query = query_of(tenant, since, until, language, min_duration, tag)
    rows = catalogue(place, index, query, into(problems), identities_of(identity))
    if as_json:
        typer.echo(json.dumps({"store": store, "sessions": [row_json(row) for row in rows], "problems": problems}))
        return
    print_table(rows)
    warn(problems)


@app.command()
def show(
    store: Store,
    session: Name,
    identity: Identity = None,
    why: Why = "to look at it",
    who: Who = None,
    as_json: Json = False,
) -> None:
    """Show one session: its handshake, its config, and every event with its time."""
    from mirror.store.cases import config_of

    place, identities = open_place(store), identities_of(identity)
    name = find(store, session)
    record_read(place, who, [name], why)
    found = the_session(place, name, identities)
    summary = row_of(place, index_of(place), name, identities)
    row = {
        **row_json(summary),
        "request": found.request.first_line,
        "config": dict(config_of(found)),
        "events": events_json(found),
    }
    if as_json:
        typer.echo(json.dumps(row))
        return
    for key in ("session", "began", "upstream", "request", "config", "tags", "problem", "failure"):
        typer.echo(f"{key:10} {row[key] if isinstance(row[key], str | None) else json.dumps(row[key])}")
    for event in row["events"]:
        what = event["text"] if event["text"] else json.dumps(event["detail"]) if event["detail"] else ""
        typer.echo(f"{event['seconds']:10.3f}  {event['kind']:13} {what}")


@app.command()
def seal(
    store: Annotated[Path, typer.Argument(help="Folder of captures.")],
    to: Annotated[str | None, typer.Option(help="Folder or URL (s3://...) that takes the sealed sessions.")] = None,
    identity: Identity = None,
    drop: Annotated[bool, typer.Option("--drop", help="Remove each capture once its sealed form is whole.")] = False,
    as_json: Json = False,
) -> None:
    """Decode captures to FLAC and Parquet, read them back, and enter them in the chain; may be cut short and run again.

    Exits 1 when a capture could not be sealed; the others are.
    """
    from mirror.store.sealer import Sealed, seal_store
    from mirror.store.session import capture_paths
    from understudy.progress import telling

    done: list[Sealed] = []
    problems: list[str] = []
    place = open_place(to if to is not None else store)
    with telling() as told:
        told.stage("sealing", len(capture_paths(store)))
        seal_store(store, place, identities_of(identity), drop, done.append, into(problems), told.step)
    answer = {
        "store": str(store),
        "to": place.location,
        "sealed": [{"session": item.session, "samples": item.samples, "exact": item.exact} for item in done],
        "problems": problems,
    }
    typer.echo(json.dumps(answer) if as_json else f"{place.location}: {len(done)} sealed, {len(problems)} not")
    end(problems, as_json)


@app.command()
def verify(
    store: Store,
    head: Annotated[str | None, typer.Option(help="A head printed earlier: it must still be in the chain.")] = None,
    as_json: Json = False,
) -> None:
    """Find every change since sealing: in a file, in the chain, in the audit log. Exits 1 when there is one."""
    from mirror.store.verify import verify as examine

    place = open_place(store)
    session_names(store)  # a store that is none is told apart from one that is empty
    try:
        found = examine(place, head)
        problems = [str(error) for error in found.problems]
        problems += _changed_deeds(store)
    except OSError as error:
        raise StoreError(store, f"cannot be read ({error}); check the address and your permissions") from None
    unfinished = [f"{store}: the sealing of {name} was cut short; seal again" for name in found.unfinished]
    answer = {
        "store": store,
        "records": found.records,
        "sessions": found.sessions,
        "erased": found.erased,
        "head": found.head,
        "problems": problems,
        "unfinished": list(found.unfinished),
    }
    line = (
        f"{store}: {found.sessions} sealed sessions, {found.erased} erased, {len(problems)} changes, head {found.head}"
    )
    typer.echo(json.dumps(answer) if as_json else line)
    if not as_json:
        warn(unfinished)
    end(problems, as_json)


@app.command()
def export(
    store: Store,
    out: Annotated[Path, typer.Option(help="Folder for manifest.jsonl, the audio, and what production answered.")],
    incomplete: Annotated[bool, typer.Option(help="Export sessions that were not captured to their end, too.")] = False,
    tenant: Tenant = None,
    since: Since = None,
    until: Until = None,
    language: Language = None,
    min_duration: MinDuration = None,
    tag: Tag = None,
    identity: Identity = None,
    why: Why = "to export it",
    who: Who = None,
    as_json: Json = False,
) -> None:
    """Take sessions out as a test set: the audio exactly as it was sent, production's answers as STM and SegLST."""
    from mirror.store.export import export_sessions

    place, skipped, identities = open_place(store), list[str](), identities_of(identity)
    query = query_of(tenant, since, until, language, min_duration, tag)
    rows = list(catalogue(place, index_of(place), query, into(skipped), identities))
    if not incomplete:
        cut = [row for row in rows if row.problem is not None]
        skipped += [f"{store}/{row.session}: {row.problem}; --incomplete exports it all the same" for row in cut]
        rows = [row for row in rows if row.problem is None]
    names = [row.session for row in rows]
    if names:
        record_read(place, who, names, why, to=out)
    found = export_sessions(place, names, out, Path(store.rstrip("/")).name, identities, into(skipped))
    if found is None:
        warn(skipped)
        raise UsageError(f"{store}: holds no session that can be exported")
    answer = {
        "manifest": str(out / "manifest.jsonl"),
        "stm": str(out / "production.stm"),
        "seglst": str(out / "production.seglst.json"),
        "cases": len(found.cases),
        "digest": found.digest,
        "skipped": skipped,
    }
    typer.echo(
        json.dumps(answer) if as_json else f"{answer['manifest']}: {len(found.cases)} cases, {len(skipped)} skipped"
    )
    if not as_json:
        warn(skipped)


@app.command()
def erase(
    store: Store,
    why: Annotated[str, typer.Option(help="The reason, for the audit log and the register.")],
    sessions: Annotated[list[str] | None, typer.Argument(help="Names of sessions, whole.")] = None,
    tenant: Tenant = None,
    keep: Annotated[str | None, typer.Option(help="Erase what is older: 30d, 12h, 8w.")] = None,
    derived: Annotated[list[Path] | None, typer.Option(help="Folder of results to mark, beside those known.")] = None,
    who: Who = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
    as_json: Json = False,
) -> None:
    """Destroy the keys and files of sessions, wherever they were sealed to, and mark every result made of them."""
    from mirror.store.erasure import Order
    from mirror.store.erasure import erase as destroy

    place, problems = open_place(store), list[str]()
    names = to_erase(place, store, sessions or [], tenant, keep, problems)
    answer: dict[str, Any] = {"store": store, "sessions": names, "dry_run": dry_run, "problems": problems}
    if names and not dry_run:
        done = destroy(place, Order(tuple(names), datetime.now(UTC), who_asks(who), why), derived or [])
        index_of(place).unlink(missing_ok=True)
        answer |= {
            "sessions": list(done.sessions),
            "keys": done.keys,
            "marked": list(done.marked),
            "unreached": list(done.unreached),
        }
    verb = "would be erased" if dry_run else "erased"
    typer.echo(json.dumps(answer) if as_json else f"{store}: {len(answer['sessions'])} sessions {verb}")
    if not as_json:
        for name in answer["sessions"]:
            typer.echo(f"  {name}")
        for folder in answer.get("marked", ()):
            typer.echo(f"marked: {folder}")
        warn([f"{folder}: results were made here, and are not here any more" for folder in answer.get("unreached", ())])
    end(problems, as_json)


@app.command()
def recover(
    store: Annotated[Path, typer.Argument(help="Folder of captures, or one capture.")], as_json: Json = False
) -> None:
    """Make torn captures whole, so that any MCAP tool opens them. Exits 1 when one holds nothing that can be read."""
    from mirror.store.mending import mend
    from mirror.store.session import capture_paths

    mended, problems = [], list[str]()
    for path in capture_paths(store):
        try:
            if mend(path):
                mended.append(path.stem)
        except StoreError as error:
            problems.append(str(error))
    answer = {"store": str(store), "mended": mended, "problems": problems}
    typer.echo(json.dumps(answer) if as_json else f"{store}: {len(mended)} mended, {len(problems)} not readable")
    end(problems, as_json)


@app.command()
def audit(store: Store, as_json: Json = False) -> None:
    """Print who read or erased what, when and why."""
    deeds = list(Audit(open_place(store)).deeds())
    if as_json:
        keys = ("at", "who", "action", "sessions", "why", "to")
        rows = [{key: getattr(deed, key) for key in keys} for deed in deeds]
        typer.echo(json.dumps({"store": store, "deeds": rows}))
        return
    for deed in deeds:
        to = f", to {deed.to}" if deed.to is not None else ""
        typer.echo(f"{deed.at}  {deed.who}  {deed.action}  {', '.join(deed.sessions)}  ({deed.why}{to})")


def _changed_deeds(store: str) -> list[str]:
    try:
        for _ in Audit(open_place(store)).deeds():
            pass
    except StoreError as error:
        return [str(error)]
    return []
