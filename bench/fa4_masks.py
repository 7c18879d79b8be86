"""Masks of 2-D neighborhoods for FlashAttention-4's block-sparse kernels.

Its masks are functions of its own language with constants in them, so they hold for one
grid. A window is placed by a minimum and a maximum, then compared with once.
"""

from __future__ import annotations

import cutlass
import cutlass.cute as cute
from flash_attn.cute import utils

GRID = (128, 128)
WINDOW = 31
_LEFT, _LAST = WINDOW // 2, GRID[0] - WINDOW


@cute.jit
def in_rows(batch, head, m, n, seqlen_info, aux_tensors):
    """Tokens in row-major order: 7 bits of x below 7 of y."""
    q = m[0]
    k = n[0]
    y = (k >> 7) - cutlass.min(cutlass.max((q >> 7) - _LEFT, 0), _LAST)
    x = (k & 127) - cutlass.min(cutlass.max((q & 127) - _LEFT, 0), _LAST)
    first = utils.scalar_to_ssa(0, cutlass.Int32)
    end = utils.scalar_to_ssa(WINDOW, cutlass.Int32)
    ys = utils.scalar_to_ssa(y, cutlass.Int32)
    xs = utils.scalar_to_ssa(x, cutlass.Int32)
    return (ys >= first) & (ys < end) & (xs >= first) & (xs < end)


@cute.jit
def in_tiles(batch, head, m, n, seqlen_info, aux_tensors):
    """Tokens tile by tile, 8 x 16 each, 8 tiles a row: from the top, 4 bits of the tile's
    y, 3 of its x, 3 of y and 4 of x inside."""
    q = m[0]
    k = n[0]
    q_y = ((q >> 10) << 3) + ((q >> 4) & 7)
    q_x = (((q >> 7) & 7) << 4) + (q & 15)
    y = ((k >> 10) << 3) + ((k >> 4) & 7) - cutlass.min(cutlass.max(q_y - _LEFT, 0), _LAST)
    x = (((k >> 7) & 7) << 4) + (k & 15) - cutlass.min(cutlass.max(q_x - _LEFT, 0), _LAST)
    first = utils.scalar_to_ssa(0, cutlass.Int32)
    end = utils.scalar_to_ssa(WINDOW, cutlass.Int32)
    ys = utils.scalar_to_ssa(y, cutlass.Int32)
    xs = utils.scalar_to_ssa(x, cutlass.Int32)
    return (ys >= first) & (ys < end) & (xs >= first) & (xs < end)
