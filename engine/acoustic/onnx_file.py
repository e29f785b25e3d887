"""The weights and nodes of an ONNX file, without the onnx package: its protocol buffers read field by field.

Only what a graph of constants and named operators needs is read. Sources: the ONNX IR (onnx.proto3) for the fields,
and the encoding of protocol buffers (protobuf.dev/programming-guides/encoding) for the bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Value = int | memoryview
_VARINT, _FIXED64, _SIZED, _FIXED32 = 0, 1, 2, 5
_GRAPH, _NODE, _INITIALISER = 7, 1, 5  # ModelProto.graph, GraphProto.node, GraphProto.initializer
_INPUT, _OUTPUT, _OPERATOR, _ATTRIBUTE, _TENSOR = 1, 2, 4, 5, 5  # NodeProto, AttributeProto.t
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9  # TensorProto
_TYPES = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8", 9: "?", 10: "<f2", 11: "<f8"}  # TensorProto.DataType


@dataclass(frozen=True, slots=True)
class Node:
    """One operator; ``constant`` is the tensor of a Constant."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    constant: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """Operators in order, and weights by name."""

    nodes: tuple[Node, ...]
    weights: dict[str, NDArray[Any]]


def read_graph(content: bytes) -> Graph:
    """Read the graph of an ONNX model.

    Raises:
        ValueError: the bytes end early, are no ONNX model, or hold a tensor in a form that is not read here.
    """
    with _complaints():
        parts = list(_graph(content))
        nodes = tuple(_node(value) for field, value in parts if field == _NODE)
        return Graph(nodes, dict(_tensor(value) for field, value in parts if field == _INITIALISER))


def weight_names(content: bytes) -> list[str]:
    """The names of the weights alone.

    Raises:
        ValueError: the bytes end early, or are no ONNX model.
    """
    with _complaints():
        weights = [value for field, value in _graph(content) if field == _INITIALISER]
        return [str(_sized(value), "utf-8") for weight in weights for field, value in _fields(weight) if field == _NAME]


@contextmanager
def _complaints() -> Iterator[None]:
    try:
        yield
    except (IndexError, UnicodeDecodeError):
        raise ValueError("it ends early or is no ONNX model; copy the file again") from None


def _graph(content: bytes) -> Iterator[tuple[int, memoryview]]:
    """Give number and bytes of each field of a model's graph that is a message."""
    graphs = [value for field, value in _fields(memoryview(content)) if field == _GRAPH]
    if not graphs:
        raise ValueError("no graph in it; give an ONNX model")
    return ((field, value) for field, value in _fields(_sized(graphs[0])) if not isinstance(value, int))


def _fields(data: memoryview) -> Iterator[tuple[int, Value]]:
    """Give number and value of each field of a message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        field, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield field, value
            continue
        if wire not in (_FIXED64, _SIZED, _FIXED32):
            raise ValueError(f"a field of wire type {wire} at byte {at}; it is no ONNX model")
        size, at = _varint(data, at) if wire == _SIZED else (8 if wire == _FIXED64 else 4, at)
        if at + size > len(data):
            raise IndexError
        yield field, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _sized(value: Value) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number where a message must be; it is no ONNX model")
    return value


def _node(data: memoryview) -> Node:
    inputs, outputs, operator, constant = [], [], "", None
    for field, value in _fields(data):
        if field == _INPUT:
            inputs.append(str(_sized(value), "utf-8"))
        elif field == _OUTPUT:
            outputs.append(str(_sized(value), "utf-8"))
        elif field == _OPERATOR:
            operator = str(_sized(value), "utf-8")
        elif field == _ATTRIBUTE and operator == "Constant":
            constant = _constant(_sized(value))
    return Node(operator, tuple(inputs), tuple(outputs), constant)


def _constant(attribute: memoryview) -> NDArray[Any] | None:
    found = [_sized(value) for field, value in _fields(attribute) if field == _TENSOR and not isinstance(value, int)]
    return _tensor(found[0])[1] if found else None


def _tensor(data: memoryview) -> tuple[str, NDArray[Any]]:
    dims: list[int] = []
    kind, name = 0, ""
    raw: memoryview | None = None
    for field, value in _fields(data):
        if field == _DIMS:
            dims += [value] if isinstance(value, int) else _packed(value)
        elif field == _TYPE and isinstance(value, int):
            kind = value
        elif field == _NAME:
            name = str(_sized(value), "utf-8")
        elif field == _RAW:
            raw = _sized(value)
    if kind not in _TYPES or (raw is None and 0 not in dims):
        raise ValueError(f"tensor {name!r} is of type {kind} or without raw data; export the model again")
    values = np.frombuffer(raw if raw is not None else b"", _TYPES[kind])
    if values.size != int(np.prod(dims)):
        raise ValueError(f"tensor {name!r} has {values.size} values for shape {dims}; copy the file again")
    return name, values.reshape(dims)


def _packed(data: memoryview) -> list[int]:
    values, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        values.append(value)
    return values
