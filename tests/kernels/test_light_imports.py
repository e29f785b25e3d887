"""What runs on CPUs loads neither torch nor Triton."""

from __future__ import annotations

import subprocess
import sys

NAMES = ("attention_ring", "convolution_ring", "ngram_query", "log_mel", "token_passing", "memory")
CODE = """
import importlib, sys
for name in {names}:
    importlib.import_module("kernels." + name)
    if name != "memory":
        importlib.import_module("kernels." + name + ".cpu")
print(*{{name.split(".")[0] for name in sys.modules}} & {{"torch", "triton"}})
"""


def test_kernels_on_cpus_load_neither_torch_nor_triton() -> None:
    made = subprocess.run([sys.executable, "-c", CODE.format(names=NAMES)], capture_output=True, text=True, check=True)
    assert made.stdout.split() == []
