"""Starting a worker as a process of its own."""

from __future__ import annotations

import multiprocessing
from ctypes import c_int64
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from engine.workers.worker import Load, ignore_signals, work


@dataclass(frozen=True, slots=True)
class Started:
    """A worker that runs: the service's end of its pipe, when its step began, and its process."""

    pipe: Connection
    began: c_int64
    process: BaseProcess


def spawn(load: Load, max_batch: int) -> Started:
    """Start a worker in a fresh interpreter.

    Args:
        load: makes the engine; must be a module's function, or a partial of one.
        max_batch: streams stepped together.
    """
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang in any of their locks
    ours, theirs = context.Pipe()
    began = context.RawValue(c_int64, 0)
    process = context.Process(target=_main, args=(theirs, began, load, max_batch), name="worker")
    process.start()
    theirs.close()  # or its end would not be seen here
    return Started(ours, began, process)


def _main(pipe: Connection, began: c_int64, load: Load, max_batch: int) -> None:
    ignore_signals()
    work(pipe, began, load, max_batch)
