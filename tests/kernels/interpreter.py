"""A process in which Triton's kernels are interpreted: it reads calls from its standard input, one pickle each.

A call is a module, a function and its arguments, arrays as numpy has them; the answer is the arguments' arrays as the
call left them, or the error it raised.
"""

from __future__ import annotations

import importlib
import os
import pickle
import sys

os.environ["TRITON_INTERPRET"] = "1"  # read when a kernel's module is imported

import numpy as np
import torch


def answer(module: str, function: str, arguments: list[object]) -> object:
    """Call, and give the arrays back."""
    given = [torch.from_numpy(a.copy()) if isinstance(a, np.ndarray) else a for a in arguments]
    try:
        getattr(importlib.import_module(module), function)(*given)
    except ValueError as wrong:
        return wrong
    return [a.numpy() if isinstance(a, torch.Tensor) else a for a in given]


if __name__ == "__main__":
    torch.set_num_threads(1)
    channel = sys.stdout.buffer
    sys.stdout = sys.stderr
    while True:
        try:
            call = pickle.load(sys.stdin.buffer)
        except EOFError:
            break
        pickle.dump(answer(*call), channel)
        channel.flush()
