"""A kernel is chosen where there is one for the device; the choice is told by name."""

import importlib.util

import pytest

from engine.gpu.choice import choose


def test_a_cpu_gets_plain_torch() -> None:
    assert {name: one.by for name, one in choose("cpu").items()} == {"attention": "torch", "convolution": "torch"}


def test_a_gpu_gets_kernels_where_triton_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("triton") is not None:
        assert {one.by for one in choose("cuda").values()} == {"triton"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert {one.by for one in choose("cuda").values()} == {"torch"}
