"""The command line: parse, call, print, exit code (0 PASS, 1 FAIL, 2 usage or bad input, 3 HOLD)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import typer

from understudy import __version__
from understudy.user_errors import is_user_error

# command -> (module of understudy.commands, attribute); only what a call needs is imported, so that each starts quickly
COMMANDS: dict[str, tuple[str, str]] = {
    "gate": ("gate", "gate"),
    "score": ("score", "score"),
    "rescore": ("rescore", "rescore"),
    "report": ("report", "report"),
    "serve": ("serve", "serve"),
    "keys": ("keys", "app"),
    "jobs": ("jobs", "jobs"),
    "capture": ("capture", "capture"),
    "shadow": ("shadow", "shadow"),
    "plan": ("plan", "plan"),
    "replay": ("replay", "replay"),
    "store": ("store", "app"),
    "promote": ("registry", "promote"),
    "rollback": ("registry", "rollback"),
    "history": ("registry", "history"),
    "testset": ("testset", "app"),
    "train": ("train", "app"),
    "bench": ("bench", "app"),
    "doctor": ("doctor", "doctor"),
}


def build(arguments: Sequence[str]) -> typer.Typer:
    """The application with what ``arguments`` ask for: one command, none (the version), or all of them."""
    app = typer.Typer(
        name="understudy",
        help="Decide whether a new speech recogniser may replace the one in production.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,  # a mistake is one plain line, not a drawn box
    )
    app.callback()(_version)
    first = arguments[0] if arguments else ""
    for name in [] if first == "--version" else [first] if first in COMMANDS else COMMANDS:
        module, attribute = COMMANDS[name]
        target = getattr(importlib.import_module(f"understudy.commands.{module}"), attribute)
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name)
        else:
            app.command(name)(target)
    return app


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"understudy {__version__}")
        raise typer.Exit


def _version(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    pass


def main() -> None:
    """Run the command line; a user's mistake ends in one line on stderr and exit code 2."""
    try:
        build(sys.argv[1:])()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        if not is_user_error(error):
            raise
        typer.echo(f"understudy: {error}", err=True)
        raise SystemExit(2) from None
