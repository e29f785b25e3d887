"""How kernels for GPUs are tested: interpreted in a process of their own, compiled ahead, and on a GPU where one is."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

Call = Callable[..., list[Any]]
Ahead = Callable[..., "Resources"]
ROOT = Path(__file__).resolve().parents[2]


class Resources(NamedTuple):
    """What a kernel compiled for an H100 takes of it."""

    registers: int  # a thread
    spilled: int  # bytes that a thread's registers are stored to memory and loaded again
    shared: int  # bytes of a program
    wide: int  # loads of 16 bytes


def need_triton() -> None:
    """Skip where kernels for GPUs cannot be compiled."""
    for name in ("triton", "torch"):
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed: install understudy[gpu]")


@pytest.fixture(scope="session")
def ahead() -> Ahead:
    """Compile a kernel for an H100 without having one: ``ahead(kernel, types, sizes, warps)``, pointers aligned."""
    need_triton()
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    tool = Path(triton.__file__).parent / "backends" / "nvidia" / "bin" / "ptxas"

    def compile(kernel: Any, types: dict[str, str], sizes: dict[str, object], warps: int) -> Resources:
        names = kernel.arg_names
        signature = {name: types.get(name, "constexpr") for name in names}
        constants = {(names.index(name),): value for name, value in sizes.items()}
        aligned = {(names.index(name),): [["tt.divisibility", 16]] for name in types if types[name].startswith("*")}
        source = ASTSource(kernel, signature, constants, aligned)
        made = triton.compile(source, target=GPUTarget("cuda", 90, 32), options={"num_warps": warps})
        with tempfile.TemporaryDirectory() as folder:
            text = Path(folder, "kernel.ptx")
            text.write_text(made.asm["ptx"])
            command = [tool, "-v", "--gpu-name=sm_90a", text, "-o", text.with_suffix(".cubin")]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        spilled = sum(map(int, re.findall(r"(\d+) bytes spill (?:stores|loads)", said)))
        registers = max(map(int, re.findall(r"Used (\d+) registers", said)))
        wide = len(re.findall(r"ld\.global\S*\.v4", made.asm["ptx"]))
        return Resources(registers, spilled, made.metadata.shared, wide)

    return compile


@pytest.fixture(scope="session")
def interpreted() -> Iterator[Call]:
    """Call ``interpreted(module, function, *arguments)``: gives the arguments' arrays as the kernel left them."""
    need_triton()
    command = [sys.executable, str(Path(__file__).with_name("interpreter.py"))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def call(module: str, function: str, *arguments: object) -> list[Any]:
            pickle.dump((module, function, list(arguments)), process.stdin)
            process.stdin.flush()
            left = pickle.load(process.stdout)
            if isinstance(left, Exception):
                raise left
            return list(left)

        yield call
        process.stdin.close()


@pytest.fixture(scope="session")
def on_gpu() -> Call:
    """Call a kernel as ``interpreted`` does, but on the GPU; skips where there is none."""
    need_triton()
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here")

    def call(module: str, function: str, *arguments: object) -> list[Any]:
        given = [torch.from_numpy(a).cuda() if isinstance(a, np.ndarray) else a for a in arguments]
        getattr(import_module(module), function)(*given)
        return [a.cpu().numpy() if isinstance(a, torch.Tensor) else a for a in given]

    return call
