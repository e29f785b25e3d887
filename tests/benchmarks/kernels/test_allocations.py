"""The counter counts exactly what was asked for, and nothing of its own."""

import ctypes
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.kernels.allocations import Allocations, count_allocations

MODEL = Path(__file__).parents[3] / "engine/models/reference-3"


pytestmark = pytest.mark.usefixtures("allocation_counter")


def nothing() -> Callable[[], object]:
    return lambda: None


def in_place() -> Callable[[], object]:
    one, two, out = np.ones(100_000), np.ones(100_000), np.empty(100_000)
    return lambda: np.add(one, two, out=out)


def libc(name: str, *arguments: int) -> Callable[[], object]:
    library = ctypes.CDLL(None)
    library.free.argtypes = [ctypes.c_void_p]
    function = getattr(library, name)
    function.restype = ctypes.c_void_p
    sizes = [ctypes.c_size_t(argument) for argument in arguments]

    def step() -> None:
        library.free(function(*sizes))

    return step


def large_array(bytes: int) -> Callable[[], object]:
    return lambda: np.empty(bytes, np.uint8)


def anonymous_mapping(bytes: int) -> Callable[[], object]:
    import mmap

    return lambda: mmap.mmap(-1, bytes)


def body_step(folder: str, streams: int) -> Callable[[], object]:
    from engine.acoustic.body import Body
    from engine.acoustic.executor_choice import Choice

    body = Body.load(Path(folder), Choice.ONNX_RUNTIME)
    states = [body.begin(320) for _ in range(streams)]
    features = np.zeros((streams, 32, 80), np.float32)
    return lambda: body.step(states, features)


def broken() -> Callable[[], object]:
    raise RuntimeError("no model here")


@pytest.mark.parametrize("prepare", [nothing, in_place])
def test_what_asks_for_nothing_counts_nothing(prepare):
    assert count_allocations(prepare, calls=1000) == Allocations(0, 0, 0, 0, 0, 0, 0, 0, 1000)


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "size"),
    [
        ("malloc", (100,), "malloc", 100),
        ("malloc", (4096,), "malloc", 4096),
        ("malloc", (1 << 20,), "malloc", 1 << 20),
        ("calloc", (10, 30), "calloc", 300),
        ("aligned_alloc", (256, 1024), "aligned", 1024),
        ("memalign", (4096, 5000), "aligned", 5000),
        ("valloc", (77,), "aligned", 77),
    ],
)
def test_every_request_is_counted_once(name, arguments, kind, size):
    found = count_allocations(libc, name, *arguments, calls=50)
    assert (found.total, found.a_call, getattr(found, kind), found.free) == (50, 1.0, 50, 50)
    assert found.bytes == 50 * size
    assert found.large == (50 if size >= 4096 else 0)


def test_a_large_array_is_one_request():
    found = count_allocations(large_array, 1 << 16, calls=20)
    assert (found.malloc, found.free, found.bytes, found.large) == (20, 20, 20 << 16, 20)


def test_mappings_count_as_requests():
    found = count_allocations(anonymous_mapping, 1 << 16, calls=20)
    assert (found.mmap, found.bytes) == (20, 20 << 16)


def test_objects_of_python_count_when_asked_for():
    assert count_allocations(large_array, 1 << 16, calls=20, python_objects=True).malloc > 20


def test_onnx_runtime_asks_hundreds_of_times_a_chunk():
    found = count_allocations(body_step, str(MODEL), 1, calls=20)
    assert 300 < found.a_call < 10_000


def test_a_child_that_fails_says_why():
    with pytest.raises(RuntimeError, match=r"counting broken failed:\n(.|\n)*no model here"):
        count_allocations(broken)


def test_a_function_within_another_cannot_be_found():
    with pytest.raises(ValueError, match="give a function at the top of a file"):
        count_allocations(lambda: lambda: None)
