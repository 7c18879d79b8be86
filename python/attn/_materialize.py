"""A pattern as a matrix, read off what its compiled kernel computes.

With queries of zeros every visible key has weight 1 / n. Key y carries the value
2^(y mod 16) in column y div 16, so n times the output is, per column, a sum of
distinct powers of two: the visible keys in binary. Sums are below 2^16 and exact
in f32; n is exp(lse).
"""

from __future__ import annotations

import math

from ._parse import module_of_code  # noqa: F401  (kept beside its twin)
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
    mask = numpy.zeros((queries, keys), bool)
    zero = numpy.zeros(1, numpy.float32)
    # Views of one zero: batch and head only count up to the ones asked for.
    query = numpy.lib.stride_tricks.as_strided(zero, (batch + 1, *grid, head + 1, _DIM), _flat(grid))
    key = numpy.lib.stride_tricks.as_strided(zero, (batch + 1, *key_grid, 1, _DIM), _flat(grid))
    for first in range(0, keys, _BITS * _COLUMNS):
        count = min(_BITS * _COLUMNS, keys - first)
        _fill(mask, kernel, query, key, first, count, (batch, head))
    return mask
