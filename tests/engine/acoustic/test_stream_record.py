"""The record of a stream is what the engine keeps of one."""

from pathlib import Path

import numpy as np

from engine.acoustic.body import Body, read_card
from engine.acoustic.executor_choice import Choice
from engine.acoustic.stream_record import body_channels, sample_channels, search_channels
from engine.decoder.options import DecodeOptions, read_decode_options
from kernels.memory import Slab
from kernels.token_passing.memory import new_channel

MODEL = Path(__file__).parents[3] / "engine/models/reference-3"


def test_body_channels_are_the_bodys_state():
    state = Body.load(MODEL, Choice.ONNX_RUNTIME).begin(320).kept
    channels = body_channels(read_card(MODEL))
    assert {name: tuple(channels[name][1]) for name in state.arrays} == {n: a.shape for n, a in state.arrays.items()}
    assert set(channels) - set(state.arrays) == {"heard"}


def test_search_channels_are_a_searchs():
    for options in (read_decode_options(MODEL), DecodeOptions(max_active=100, lattice_beam=4.0)):
        kept = search_channels(options)
        sizes = {name: kept[name][1][0] for name in kept}
        made = new_channel(sizes["tokens"], sizes["records"], sizes.get("sides", 0))
        for name, (dtype, shape) in kept.items():
            assert (getattr(made, name).dtype, getattr(made, name).shape) == (np.dtype(dtype), tuple(shape))


def test_a_slab_holds_whole_streams():
    channels = body_channels(read_card(MODEL)) | sample_channels(320) | search_channels(DecodeOptions(max_active=10))
    slab = Slab(channels, 2)
    assert slab.view("samples").shape == (2, 5120 + 240)
    assert slab.view("keys").shape == (2, 12, 48, 192)
    slab.view("tokens")["score"][slab.acquire()] = 1.0
