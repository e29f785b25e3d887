"""An arm: a model folder with its settings, as a user could ship it; changed settings become a folder of their own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.acoustic.executor_choice import Choice
from engine.recogniser import GRAPH_FOLDER, Recogniser
from engine.rescoring.options import RescoringOptions
from engine.rescoring.second_pass import SecondPass

FULL = None  # look-ahead: the whole recording at once
Value = float | int | bool


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to recognise.

    Attributes:
        chunk_ms: look-ahead; ``FULL`` hears the whole recording in one step.
        max_delay_ms: words are final this long after their end, as a session's are; None: at the end only.
        decode: settings that replace those of the model's [decode] table.
        rescoring: folder of the second pass's language models; None leaves it out.
        second: settings of the second pass.
        calibrated: confidences as the model's [confidence] table maps them; else as the search gives them.
        graph: folder of the search graph.
    """

    name: str
    folder: Path
    chunk_ms: int | None = 640
    max_delay_ms: int | None = None
    decode: Mapping[str, Value] = field(default_factory=dict)
    graph: Path = GRAPH_FOLDER
    rescoring: Path | None = None
    second: Mapping[str, Value] = field(default_factory=dict)
    calibrated: bool = True

    @classmethod
    def parse(cls, text: str) -> Arm:
        """Read ``NAME=FOLDER[,setting=value ...]``; ``chunk_ms`` (a number or ``full``), ``max_delay_ms``,
        ``graph`` and ``rescoring`` (folders) are the arm's own; ``second_...`` is a setting of the second pass, every
        other one of the [decode] table.

        Raises:
            ValueError: it reads differently.
        """
        name, _, rest = text.partition("=")
        folder, *settings = rest.split(",")
        if not name or not folder:
            raise ValueError(f"arm {text!r}: write NAME=FOLDER,setting=value")
        chunk_ms: int | None = 640
        max_delay_ms, graph, rescoring = None, GRAPH_FOLDER, None
        decode: dict[str, Value] = {}
        second: dict[str, Value] = {}
        for setting in settings:
            key, sign, value = setting.partition("=")
            if not sign:
                raise ValueError(f"arm {name!r}: {setting!r} is no setting=value")
            match key:
                case "chunk_ms":
                    chunk_ms = FULL if value == "full" else int(value)
                case "max_delay_ms":
                    max_delay_ms = int(value)
                case "graph":
                    graph = Path(value)
                case "rescoring":
                    rescoring = Path(value)
                case _ if key.startswith("second_"):
                    second[key.removeprefix("second_")] = _value(value)
                case _:
                    decode[key] = _value(value)
        return cls(name, Path(folder), chunk_ms, max_delay_ms, decode, graph, rescoring, second)

    @contextmanager
    def recogniser(self) -> Iterator[Recogniser]:
        """The arm, loaded."""
        with self._shipped() as folder:
            # Only ONNX Runtime hears a whole recording in one step; our own step has memory for chunks.
            executor = Choice.ONNX_RUNTIME if self.chunk_ms is None else Choice.AUTO
            yield Recogniser.load(folder, self.graph, self._second_pass(), executor=executor)

    def _second_pass(self) -> SecondPass | None:
        if self.rescoring is None:
            return None
        return SecondPass.load(self.rescoring, RescoringOptions.from_table(self.second, f"arm {self.name}"))

    @contextmanager
    def _shipped(self) -> Iterator[Path]:
        """The model folder with the arm's settings."""
        if not self.decode and self.calibrated:
            yield self.folder
            return
        with TemporaryDirectory() as made:
            for path in self.folder.iterdir():
                if path.name != "model.toml":
                    (Path(made) / path.name).symlink_to(path.resolve())
            text = (self.folder / "model.toml").read_text(encoding="utf-8")
            text = with_body(text, self.folder)
            text = with_decode(text, self.decode)
            text = text if self.calibrated else with_table(text, "confidence", "")
            (Path(made) / "model.toml").write_text(text, encoding="utf-8")
            yield Path(made)


def with_body(text: str, folder: Path) -> str:
    """A ``model.toml`` that finds another model's body from anywhere; one with a body of its own stays as it is."""
    shared = tomllib.loads(text).get("body")
    return text if shared is None else text.replace(f'"{shared}"', f'"{(folder / shared).resolve()}"')


def with_decode(text: str, changes: Mapping[str, Value]) -> str:
    """A ``model.toml`` whose [decode] table says something else; all other lines stay as they are."""
    table = {**tomllib.loads(text).get("decode", {}), **changes}
    return with_table(text, "decode", "".join(f"{key} = {_toml(value)}\n" for key, value in table.items()))


def with_table(text: str, name: str, body: str) -> str:
    """A TOML text with one of its top-level tables replaced, or added at the end."""
    kept: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        if line.startswith("["):
            inside = line.strip() == f"[{name}]"
        if not inside:
            kept.append(line)
    return f"{''.join(kept).rstrip()}\n\n[{name}]\n{body}"


def _value(text: str) -> Value:
    if text in ("true", "false"):
        return text == "true"
    return float(text) if any(mark in text for mark in ".e") else int(text)


def _toml(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
