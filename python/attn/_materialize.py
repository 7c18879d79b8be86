"""A pattern as a matrix, read off what its compiled kernel computes.

With queries of zeros every visible key has weight 1 / n. Key y carries the value
2^(y mod 16) in column y div 16, so n times the output is, per column, a sum of
distinct powers of two: the visible keys in binary. Sums are below 2^16 and exact
in f32; n is exp(lse), rounded.
"""

from __future__ import annotations

import math

from ._tensors import is_array
from .errors import AttnError
from .patterns import _integer, _per_axis

_LIMIT = 16384**2
_BITS = 16
_COLUMNS = 64
_DIM = 16


def _extents(name: str, value) -> tuple[int, ...]:
    value = _per_axis(name, value, _integer)
    value = value if isinstance(value, tuple) else (value,)
    if min(value) < 0:
        raise AttnError(f"expected '{name}' to be of extents >= 0, but got {value}")
    return value


def materialize(pattern, grid, key_grid=None, batch: int = 0, head: int = 0):
    """See ``Pattern.materialize``."""
    import numpy

    from .kernel import compile

    grid = _extents("grid", grid)
    key_grid = grid if key_grid is None else _extents("key_grid", key_grid)
    if len(key_grid) != len(grid):
        raise AttnError(
            f"expected 'key_grid' to be of {len(grid)} extents like 'grid', "
            f"but got {len(key_grid)}"
        )
    for name, number in (("batch", batch), ("head", head)):
        if _integer(name, number) < 0:
            raise AttnError(f"expected '{name}' to be >= 0, but got {number}")
    queries, keys = math.prod(grid), math.prod(key_grid)
    if queries * keys > _LIMIT:
        raise AttnError(
            f"expected the mask to be of at most {_LIMIT} entries, but got {queries} queries "
            f"of {keys} keys"
        )
    kernel = compile(
        pattern, "cpu", rank=len(grid), head_dim=_DIM, value_dim=_COLUMNS, return_lse=True
    )
    query = numpy.zeros((batch + 1, *grid, head + 1, _DIM), numpy.float32)
    key = numpy.zeros((batch + 1, *key_grid, 1, _DIM), numpy.float32)
    value = numpy.zeros((batch + 1, *key_grid, 1, _COLUMNS), numpy.float32)
    tables = [
        _row(table, batch, info["axis"] is not None)
        for table, info in zip(kernel._tables, kernel.info["tables"])
    ]
    mask = numpy.zeros((queries, keys), bool)
    for first in range(0, keys, _BITS * _COLUMNS):
        count = min(_BITS * _COLUMNS, keys - first)
        value[...] = 0
        value.reshape(batch + 1, keys, _COLUMNS)[:, first : first + count] = _code(count)
        out, lse = kernel(query, key, value, tables=tables)
        weighted = out[batch, ..., head, :].reshape(queries, _COLUMNS)
        number = numpy.rint(numpy.exp(lse[batch, ..., head].reshape(queries, 1)))
        mask[:, first : first + count] = _decode(weighted * number)[:, :count]
    return mask


def _row(table, batch: int, per_batch: bool):
    """The table on the CPU, the batch entry's row alone where each has one."""
    if table.ndim == 2 and per_batch:
        if len(table) > 1 and batch >= len(table):
            raise AttnError(
                f"expected 'batch' to be less than the {len(table)} rows of 'ids', but got {batch}"
            )
        table = table[min(batch, len(table) - 1)]
    return table if is_array(table) else table.cpu()


def _code(count: int):
    """The values of ``count`` keys: (count, columns)."""
    import numpy

    keys = numpy.arange(count)
    code = numpy.zeros((count, _COLUMNS), numpy.float32)
    code[keys, keys // _BITS] = 2.0 ** (keys % _BITS)
    return code


def _decode(sums):
    """(queries, columns) of sums to (queries, columns * bits) of booleans."""
    import numpy

    words = numpy.rint(sums).astype(numpy.int64)
    bits = (words[:, :, None] >> numpy.arange(_BITS)) & 1
    return bits.reshape(len(sums), -1).astype(bool)
