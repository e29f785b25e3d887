"""The one way kernels are compiled for CPUs: once, cached on disk, without holding the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call; later processes load it from the cache."""
    return cast("Callable[P, R]", njit(cache=True, nogil=True, error_model="numpy")(function))


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that only compiled ones call: without a way in from Python, in half the time."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast("Callable[P, R]", njit(cache=True, nogil=True, error_model="numpy", **options)(function))


def summing(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as ``inner`` does a function whose sums may be taken in any order, in as many lanes as fit a register.

    The order depends on lengths and on the processor, never on what else is computed at the same time.
    """
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "fastmath": {"reassoc", "contract"}}
    return cast("Callable[P, R]", njit(cache=True, nogil=True, error_model="numpy", **options)(function))


def uncounted(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as ``compiled`` does a function that makes no array: references to those it is given are not counted.

    Counting them costs an atomic operation each time that a tuple of arrays is asked for one.
    """
    return cast("Callable[P, R]", njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function))


def uncounted_inner(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as ``inner`` does, without counting references."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
    return cast("Callable[P, R]", njit(cache=True, nogil=True, error_model="numpy", **options)(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as ``uncounted_inner``, into every caller: a call would pass each of many arrays, word by word."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False, "forceinline": True}
    return cast("Callable[P, R]", njit(cache=True, nogil=True, error_model="numpy", **options)(function))
