"""Products of rows that were rounded to levels, with weights that are; and of floats, for attention."""

from __future__ import annotations

import numpy as np

from kernels.compiled import inner
from kernels.conformer.addresses import I64, apart, shorts, vector
from kernels.conformer.layout import BIAS, INPUTS, PADDED, PANELS, SCALE
from kernels.conformer.rows import level
from kernels.conformer.tiles import OUTPUTS, ROWS, float_tile, integer_tile

_PANEL = 4 * OUTPUTS  # bytes of a panel's outputs


@inner
def most_levels(inputs: int) -> np.float32:
    """The greatest level of a row for which no sum of a product can overflow 32 bits."""
    return np.float32(min(32_767, 0x7FFFFFFF // (127 * inputs)))


@inner
def level_rows(x: int, stride: int, rows: int, inputs: int, levels: int, scales: int) -> None:
    """Round rows of ``inputs`` floats, ``stride`` bytes apart, to levels that lie one after the other."""
    apart()
    most, worth = most_levels(inputs), vector(scales, rows)
    for row in range(rows):
        worth[row] = level(vector(x + row * stride, inputs), shorts(levels + row * 2 * inputs, inputs), most)


@inner
def multiply(table: I64, product: int, levels: int, scales: int, rows: int, out: int, onto: int) -> None:
    """Multiply rows of levels by a product's weights: (rows, padded outputs) floats at ``out``, or added to them."""
    apart()
    inputs, outputs = table[product + INPUTS], table[product + PADDED]
    stride, out_stride, pairs = 2 * inputs, 4 * outputs, inputs // 2
    for panel in range(outputs // OUTPUTS):
        weights = table[product + PANELS] + panel * pairs * 2 * OUTPUTS
        scale, bias = table[product + SCALE] + panel * _PANEL, table[product + BIAS] + panel * _PANEL
        place = out + panel * _PANEL
        row = 0
        while row + ROWS <= rows:
            at, to, worth = levels + row * stride, place + row * out_stride, scales + 4 * row
            integer_tile(4, at, stride, weights, pairs, worth, scale, bias, to, out_stride, onto)
            row += ROWS
        at, to, worth = levels + row * stride, place + row * out_stride, scales + 4 * row
        if rows - row == 3:
            integer_tile(3, at, stride, weights, pairs, worth, scale, bias, to, out_stride, onto)
        elif rows - row == 2:
            integer_tile(2, at, stride, weights, pairs, worth, scale, bias, to, out_stride, onto)
        elif rows - row == 1:
            integer_tile(1, at, stride, weights, pairs, worth, scale, bias, to, out_stride, onto)


@inner
def blend(
    x: int, stride: int, rows: int, depth: int, columns: int, column_stride: int, count: int, out: int, out_stride: int
) -> None:
    """Multiply rows of floats by ``count`` columns of floats, whole tiles of them; strides in bytes."""
    apart()
    for first in range(0, count, OUTPUTS):
        right, place = columns + 4 * first, out + 4 * first
        row = 0
        while row + ROWS <= rows:
            float_tile(4, x + row * stride, stride, right, column_stride, depth, place + row * out_stride, out_stride)
            row += ROWS
        at, to = x + row * stride, place + row * out_stride
        if rows - row == 3:
            float_tile(3, at, stride, right, column_stride, depth, to, out_stride)
        elif rows - row == 2:
            float_tile(2, at, stride, right, column_stride, depth, to, out_stride)
        elif rows - row == 1:
            float_tile(1, at, stride, right, column_stride, depth, to, out_stride)
