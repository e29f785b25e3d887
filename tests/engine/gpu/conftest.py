"""A small body of random weights, exported and read back: ONNX Runtime's and the executor's, on this machine's CPU."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch runs the body on devices; install understudy[gpu]")
pytest.importorskip("onnxruntime", reason="the engine extra is not installed")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    from engine.phones import TOKENS
    from engine.training.blocks import Shape
    from engine.training.export import describe, write_onnx
    from engine.training.network import Network
    from engine.training.storage import Storage

    torch.set_num_threads(1)
    torch.manual_seed(5)
    network = Network(Shape(width=16, blocks=4, heads=2, inner=24, kernel=5, left=6), 0.0).eval()
    network.mean.fill_(10.0)
    network.deviation.fill_(3.0)
    with torch.no_grad():
        network.mix.copy_(torch.tensor([0.3, 0.9]))
    folder = tmp_path_factory.mktemp("device-model")
    write_onnx(network, folder / "body.onnx", Storage.INT8)
    text = describe(network, folder / "body.onnx", "small", "1", np.zeros(len(TOKENS)), chunk_ms=(160, 320))
    (folder / "model.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def device() -> SimpleNamespace:
    """How far two float32 computations of a body may be apart."""
    # A log-prob is read off some 40 layers; each sums at most 1,024 products of order one and adds less than
    # sqrt(1024) roundings of 2**-24 to a residual stream that layer norms keep at order one.
    return SimpleNamespace(tolerance=40 * 32 * 2**-24)
