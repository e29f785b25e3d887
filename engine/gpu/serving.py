"""The engine of a service whose body is on a device; searches stay on the CPU, where their dictionaries are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, cast

from engine.acoustic.body import Body, read_card
from engine.batched import LEAST_MS, BatchedRecogniser
from engine.collector import settle
from engine.gpu.body import DeviceBody
from engine.gpu.device import check, look
from engine.recogniser import Recogniser

LEAVING = 16  # slots of streams that have left while a step of theirs was under way


class OnDevice(NamedTuple):
    """A service's engine, and the body that it has on the device."""

    engine: BatchedRecogniser
    body: DeviceBody


def load_engine(folders: Sequence[Path], device: str, sessions: int, batch: int) -> OnDevice:
    """Load models of one body, with the body on a device.

    Args:
        folders: of ``standard``, then of ``enhanced`` if there is one.
        device: as torch calls it.
        sessions: at a time.
        batch: most streams in a step.

    Raises:
        DeviceError: the machine cannot serve from this device.
        ModelError: a model cannot be loaded.
    """
    if device.startswith("cuda"):
        check(look())
    chunk_ms = [ms for ms in read_card(folders[0]).chunk_ms if ms >= LEAST_MS]
    body = DeviceBody.load(folders[0], device, sessions + LEAVING, batch, chunk_ms)
    standard = Recogniser.load(folders[0])
    standard.body = cast(Body, body)  # reserve, begin, step, end, under, card, digest: all that is asked of it
    others = (Recogniser.load(folder, beside=standard) for folder in folders[1:])
    engine = BatchedRecogniser(standard, *others)
    engine.warm()
    settle()
    return OnDevice(engine, body)
