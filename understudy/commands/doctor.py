"""``understudy doctor``: explain this installation."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import json
import platform
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from understudy import __version__
from understudy.home import home, speech_folder
from understudy.models import shipped_versions

ROOMS = ("understudy", "harness", "reports", "mirror", "engine", "kernels", "testsets")
ENGINE = ("onnxruntime", "numba", "kaldi_native_fbank")
CLIENT = ("speechmatics.rt",)
TRAIN = ("torch", "onnx", "kaldilm", "kaldifst")
PROGRAMS = {
    "flite": "synthesises the rehearsal voices again: apt-get install flite",
    "espeak-ng": "synthesises the rehearsal voices again: apt-get install espeak-ng",
    "node": "runs the JavaScript client's test: apt-get install nodejs npm",
    "chromium": "looks at the report in the tests: apt-get install chromium",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: is it there, what was found, and what to do when it is not."""

    name: str
    ok: bool
    needed: bool  # the main job does not work without it
    found: str
    advice: str = ""


def doctor(as_json: bool = typer.Option(False, "--json", help="Print one JSON object.")) -> None:
    """Explain this installation: what works, what is missing, what to do. Exits 2 if the gate cannot run here."""
    checks = examine()
    broken = [c for c in checks if c.needed and not c.ok]
    if as_json:
        typer.echo(json.dumps({"version": __version__, "ok": not broken, "checks": [asdict(c) for c in checks]}))
    else:
        _draw(checks, broken)
    if broken:
        raise typer.Exit(2)


def examine() -> list[Check]:
    """Every check, in the order in which they are printed."""
    return [
        Check("python", True, True, f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        *(_room(name) for name in ROOMS),
        *(_module(name, True, 'pip install "understudy[engine]"', "runs the reference recogniser") for name in ENGINE),
        *(
            _module(name, True, 'pip install "understudy[client]"', "the real client that makes traffic")
            for name in CLIENT
        ),
        *(_module(name, False, 'pip install "understudy[train]"', "only for training") for name in TRAIN),
        *_models(),
        *_testsets(),
        Check("registry", True, True, str(home()), ""),
        _speech(),
        *(_program(name, why) for name, why in PROGRAMS.items()),
    ]


def _room(name: str) -> Check:
    """A foreign package of the same name would silently win outside the repository: show whose file is imported."""
    ours = Path(__file__).resolve().parents[2] / name
    found = Path(str(importlib.import_module(name).__file__)).resolve().parent
    advice = f"a foreign package called {name!r} hides ours at {ours}: install understudy in a venv of its own"
    return Check(f"package {name}", found == ours, True, str(found), "" if found == ours else advice)


def _module(name: str, needed: bool, install: str, why: str) -> Check:
    try:
        present = importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        present = False
    return Check(name, present, needed, "installed" if present else "missing", "" if present else f"{install}  ({why})")


def _models() -> list[Check]:
    versions = shipped_versions()
    if not versions:
        return [Check("models", False, True, "none", "the installation is incomplete: reinstall")]
    return [Check(f"model reference/{v}", True, True, str(folder)) for v, folder in versions.items()]


def _testsets() -> list[Check]:
    from testsets.embedded import available

    return [Check(f"test set {name}", True, True, "embedded") for name in available()]


def _speech() -> Check:
    folder = speech_folder()
    advice = "tests and benchmarks on recorded speech skip; set UNDERSTUDY_SPEECH to its folder"
    return Check("recorded speech", folder is not None, False, str(folder or "none"), "" if folder else advice)


def _program(name: str, why: str) -> Check:
    path = shutil.which(name)
    return Check(name, path is not None, False, path or "missing", "" if path else why)


def _draw(checks: list[Check], broken: list[Check]) -> None:
    console = Console()
    table = Table("", "what", "found", "what to do", box=None, pad_edge=False)
    for check in checks:
        mark = "[green]ok[/]" if check.ok else "[red]missing[/]" if check.needed else "[yellow]absent[/]"
        table.add_row(mark, check.name, escape(check.found), escape(check.advice))
    console.print(f"understudy {__version__}")
    console.print(table)
    console.print("[red]The gate cannot run here yet.[/]" if broken else "[green]Everything the gate needs is here.[/]")
