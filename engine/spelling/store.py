"""The file of a letter-to-sound model: a trie level by level, its numbers in steps of a byte, xz-compressed."""

from __future__ import annotations

import io
import lzma
from pathlib import Path

import numpy as np

from engine.errors import ModelError
from engine.spelling.graphones import Graphones
from engine.spelling.joint import JointModel, grow

FORMAT = 1
_STEPS = 12.0  # a nat, for log probabilities
_FINE = 16.0  # a nat, for back-off weights
_ABOVE = 32  # fine steps that a weight may lie above 0


def save_model(model: JointModel, graphones: Graphones, path: Path) -> None:
    """Write a model; probabilities lose what is finer than a twelfth of a nat."""
    trie = model.trie
    children = np.diff(trie.first_child())
    weights = np.clip(np.round(_ABOVE - _FINE * model.backoff[children > 0]), 0, 255)
    held = io.BytesIO()
    np.savez(
        held,
        format=np.int64(FORMAT),
        codes=graphones.codes,
        children=children[: trie.levels[trie.order]].astype(np.uint16),
        symbol=trie.symbol.astype(np.uint16),
        log_prob=np.clip(np.round(-_STEPS * model.log_prob), 0, 255).astype(np.uint8),
        backoff=weights.astype(np.uint8),
    )
    path.write_bytes(lzma.compress(held.getvalue(), preset=9))


def load_model(path: Path) -> tuple[JointModel, Graphones]:
    """Read what ``save_model`` wrote.

    Raises:
        ModelError: the file is missing, damaged or of another version.
    """
    try:
        with np.load(io.BytesIO(lzma.decompress(path.read_bytes()))) as held:
            parts = {name: held[name] for name in held.files}
        version = int(parts["format"])
        if version == FORMAT:
            return _unpack(parts), Graphones(parts["codes"])
    except FileNotFoundError:
        raise ModelError(str(path), "missing; make it with python -m engine.spelling.train") from None
    except (lzma.LZMAError, OSError, EOFError, LookupError, ValueError) as wrong:
        raise ModelError(str(path), f"damaged ({wrong}); install the model again") from None
    raise ModelError(str(path), f"format {version}, but this engine reads {FORMAT}; train the model anew")


def _unpack(parts: dict[str, np.typing.NDArray[np.int64]]) -> JointModel:
    symbol = parts["symbol"].astype(np.int64)
    children = np.zeros(len(symbol), np.int64)
    children[: len(parts["children"])] = parts["children"]
    parent = np.concatenate([[0], np.repeat(np.arange(len(symbol)), children)])
    levels = [0, 1]
    while levels[-1] < len(symbol):
        levels.append(levels[-1] + int(children[levels[-2] : levels[-1]].sum()))
    backoff = np.zeros(len(symbol))
    backoff[children > 0] = (_ABOVE - parts["backoff"].astype(np.float64)) / _FINE
    trie = grow(parent, symbol, np.array(levels, np.int64), len(parts["codes"]) + 2)
    return JointModel(trie, parts["log_prob"] / -_STEPS, backoff)
