"""The tape of a body's step, as planned memory wants it: buffers with sizes and lives, for any number of streams."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ModelError
from kernels.memory import Spec

FILE = "tape.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Tape:
    """What a step of a model computes.

    Attributes:
        digest: of the body that it describes.
        ops: names of the ops, in order.
        lives: of every buffer its name, first op and last op.
        sizes: of every buffer, by milliseconds of a chunk: bytes in all, and bytes for each stream.
    """

    digest: str
    ops: tuple[str, ...]
    lives: tuple[tuple[str, int, int], ...]
    sizes: dict[int, tuple[tuple[int, int], ...]]

    def specs(self, chunk_ms: int, streams: int, align: int = 64) -> list[Spec]:
        """The buffers of a step of so many streams together.

        Raises:
            ValueError: no tape for this chunk, or no streams.
        """
        if chunk_ms not in self.sizes or streams <= 0:
            known = ", ".join(map(str, self.sizes))
            raise ValueError(f"a step of {streams} streams by {chunk_ms} ms; tapes are for 1 or more, by {known} ms")
        return [
            Spec(name, fixed + streams * each, first, last, align)
            for (name, first, last), (fixed, each) in zip(self.lives, self.sizes[chunk_ms], strict=True)
        ]


def read_tape(folder: Path) -> Tape:
    """Read the tape beside a model.

    Raises:
        ModelError: there is none, or not one this version can read.
    """
    path = folder / FILE
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["format"] != FORMAT:
            raise ModelError(str(path), f"format {table['format']}, this version reads {FORMAT}; write the tape again")
        lives = tuple((str(name), int(first), int(last)) for name, first, last in table["buffers"])
        sizes = {int(ms): tuple(zip(by["fixed"], by["each"], strict=True)) for ms, by in table["chunks"].items()}
        return Tape(str(table["digest"]), tuple(table["ops"]), lives, sizes)
    except FileNotFoundError:
        raise ModelError(str(folder), f"no {FILE} beside this model; write it with benchmarks.kernels.tape") from None
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        if isinstance(wrong, ModelError):
            raise
        raise ModelError(str(path), f"damaged ({wrong}); write the tape again") from None
