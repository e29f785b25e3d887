"""Tiles of matrix products in LLVM's vectors: up to four rows by sixteen outputs, all sums in registers.

This is LLVM's own portable vector code. Its pairwise products of 16-bit integers become ``vpmaddwd`` on AVX2,
``vpdpwssd`` on AVX-512 VNNI and AVX-VNNI, ``pmaddwd`` on any x86-64, and widening multiplications elsewhere: no
processor needs a source of its own, and none gives other integers, since integer sums have no order.

Source: Goto & van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (ACM TOMS 34(3), 2008).
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

ROWS = 4
OUTPUTS = 16

_I8, _I16, _I32, _I64, _F32 = ir.IntType(8), ir.IntType(16), ir.IntType(32), ir.IntType(64), ir.FloatType()
_LANES = ir.VectorType(_F32, OUTPUTS)
_SUMS = ir.VectorType(_I32, OUTPUTS)
_PAIRS = ir.VectorType(_I16, 2 * OUTPUTS)
_LEVELS = ir.VectorType(_I8, 2 * OUTPUTS)


def _integer_tile(
    typing: Any, rows: Any, x: Any, stride: Any, levels: Any, pairs: Any, row_scales: Any, scales: Any, bias: Any,
    out: Any, out_stride: Any, onto: Any,
) -> Any:  # fmt: skip
    """Multiply ``rows`` rows of 16-bit integers by one panel of 8-bit weights; all arguments are integers.

    Args:
        rows: 1 to 4, a constant.
        x: address of the first row; ``stride`` bytes to the next.
        levels: address of the panel, (pairs, 16, 2) int8.
        pairs: of inputs.
        row_scales: address of what one level of each row is worth, float32.
        scales: address of what one level of each output is worth, 16 float32; ``bias`` likewise.
        out: address of the first output of the first row, float32; ``out_stride`` bytes to the next.
        onto: 1 adds to what is there, 0 writes.
    """

    def emit(target: Any, builder: Any, signature: Any, given: Any) -> Any:
        _, x, stride, levels, pairs, row_scales, scales, bias, out, out_stride, onto = given
        sums = _zeros(builder, _SUMS, rows.literal_value)
        with cgutils.for_range(builder, pairs) as loop:
            panel = _load(builder, levels, builder.mul(loop.index, _I64(2 * OUTPUTS)), _LEVELS, 2 * OUTPUTS)
            weights = builder.sext(panel, _PAIRS)
            for row, total in enumerate(sums):
                at = builder.add(builder.mul(stride, _I64(row)), builder.mul(loop.index, _I64(4)))
                pair = builder.bitcast(_spread(builder, _load(builder, x, at, _I32, 4)), _PAIRS)
                builder.store(builder.add(builder.load(total), _pairwise(builder, weights, pair)), total)
        scale, shift = (_load(builder, address, _I64(0), _LANES, 4) for address in (scales, bias))
        for row, total in enumerate(sums):
            mine = _spread(builder, _load(builder, row_scales, _I64(4 * row), _F32, 4))
            value = builder.fmul(builder.fmul(builder.sitofp(builder.load(total), _LANES), mine), scale)
            _put(builder, builder.fadd(value, shift), out, builder.mul(out_stride, _I64(row)), onto)
        return target.get_dummy_value()

    return types.void(rows, *[types.int64] * 10), emit


integer_tile = intrinsic(prefer_literal=True)(_integer_tile)


def _float_tile(
    typing: Any, rows: Any, x: Any, stride: Any, columns: Any, column_stride: Any, depth: Any, out: Any, out_stride: Any
) -> Any:
    """Multiply ``rows`` rows by sixteen columns that lie side by side, in float32; all arguments are integers.

    Args:
        rows: 1 to 4, a constant.
        x: address of the first row; ``stride`` bytes to the next.
        columns: address of the first value of the first column; ``column_stride`` bytes to the next of all columns.
        depth: values of a row.
        out: address of the first output; ``out_stride`` bytes to the next row.
    """

    def emit(target: Any, builder: Any, signature: Any, given: Any) -> Any:
        _, x, stride, columns, column_stride, depth, out, out_stride = given
        kind = ir.FunctionType(_LANES, [_LANES] * 3)
        fma = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{OUTPUTS}f32")
        sums = _zeros(builder, _LANES, rows.literal_value)
        with cgutils.for_range(builder, depth) as loop:
            right = _load(builder, columns, builder.mul(loop.index, column_stride), _LANES, 4)
            for row, total in enumerate(sums):
                at = builder.add(builder.mul(stride, _I64(row)), builder.mul(loop.index, _I64(4)))
                left = _spread(builder, _load(builder, x, at, _F32, 4))
                builder.store(builder.call(fma, [left, right, builder.load(total)]), total)
        for row, total in enumerate(sums):
            place = _at(builder, out, builder.mul(out_stride, _I64(row)), _LANES)
            builder.store(builder.load(total), place, align=4)
        return target.get_dummy_value()

    return types.void(rows, *[types.int64] * 7), emit


float_tile = intrinsic(prefer_literal=True)(_float_tile)


def _zeros(builder: Any, kind: Any, count: int) -> list[Any]:
    """Variables that LLVM keeps in registers."""
    return [cgutils.alloca_once_value(builder, ir.Constant(kind, None)) for _ in range(count)]


def _at(builder: Any, base: Any, offset: Any, kind: Any) -> Any:
    return builder.inttoptr(builder.add(base, offset), kind.as_pointer())


def _load(builder: Any, base: Any, offset: Any, kind: Any, align: int) -> Any:
    return builder.load(_at(builder, base, offset, kind), align=align)


def _spread(builder: Any, value: Any) -> Any:
    """Sixteen times the same value."""
    kind = ir.VectorType(value.type, OUTPUTS)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), value, _I32(0))
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), ir.Constant(_SUMS, [0] * OUTPUTS))


def _pairwise(builder: Any, left: Any, right: Any) -> Any:
    """Products of 32 lanes, neighbours added: 16 sums."""
    wide = ir.VectorType(_I32, 2 * OUTPUTS)
    products, nothing = (
        builder.mul(builder.sext(left, wide), builder.sext(right, wide)),
        ir.Constant(wide, ir.Undefined),
    )
    sides = [ir.Constant(_SUMS, [2 * lane + side for lane in range(OUTPUTS)]) for side in (0, 1)]
    return builder.add(*(builder.shuffle_vector(products, nothing, side) for side in sides))


def _put(builder: Any, value: Any, out: Any, offset: Any, onto: Any) -> None:
    """Write sixteen outputs, or add them to what is there."""
    place = _at(builder, out, offset, _LANES)
    with builder.if_else(cgutils.is_not_null(builder, onto)) as (add, write):
        with add:
            builder.store(builder.fadd(builder.load(place, align=4), value), place, align=4)
        with write:
            builder.store(value, place, align=4)
