"""``understudy keys``: the API keys of a service, made, listed and revoked in a file of hashes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.operations.errors import OperationsError
from engine.operations.key_file import read_keys, write_keys
from engine.operations.keys import KeyRing, make_key
from understudy.errors import UsageError
from understudy.home import home

app = typer.Typer(help="Make, list and revoke API keys for `understudy serve --keys FILE`.", no_args_is_help=True)

File = Annotated[Path | None, typer.Option("--file", help="File of the keys. [default: .understudy/keys.json]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, in your words.")],
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, once: only its hash is kept."""
    path = _path(file)
    secret, key = make_key(name, _today())
    _write(path, _read(path, may_be_new=True).with_key(key))
    if as_json:
        told = {"key": secret, "id": key.id, "name": key.name, "created": key.created, "sha256": key.digest}
        typer.echo(json.dumps(told))
        return
    typer.echo(secret)
    typer.echo(f"key {key.id} was added to {path}; it is shown only now", err=True)


@app.command(name="list")
def list_keys(file: File = None, as_json: AsJson = False) -> None:
    """Show the keys, without their secrets."""
    keys = _read(_path(file)).keys
    if as_json:
        shown = [{"id": key.id, "name": key.name, "created": key.created, "revoked": key.revoked} for key in keys]
        typer.echo(json.dumps({"keys": shown}))
        return
    for key in keys:
        state = f"revoked {key.revoked}" if key.revoked else "good"
        typer.echo(f"{key.id}  {key.created}  {state:<18}  {key.name}")


@app.command()
def revoke(
    id: Annotated[str, typer.Argument(help="Of the key, as `understudy keys list` shows it.")],
    file: File = None,
) -> None:
    """Revoke a key; a running service takes notice on SIGHUP."""
    path = _path(file)
    try:
        ring = _read(path).revoke(id, _today())
    except KeyError:
        raise UsageError(f"{path}: no key {id!r}; see: understudy keys list") from None
    _write(path, ring)
    typer.echo(f"key {id} is revoked; tell a running service with: kill -HUP PID", err=True)


def _path(file: Path | None) -> Path:
    return file if file is not None else home() / "keys.json"


def _read(path: Path, may_be_new: bool = False) -> KeyRing:
    if may_be_new and not path.exists():
        return KeyRing()
    try:
        return read_keys(path)
    except OperationsError as error:
        raise UsageError(str(error)) from None


def _write(path: Path, ring: KeyRing) -> None:
    try:
        write_keys(path, ring)
    except OperationsError as error:
        raise UsageError(str(error)) from None


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
