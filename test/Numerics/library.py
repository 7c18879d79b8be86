"""NumPy definitions of the patterns of examples/patterns, one for each file.

Written from the tables of the papers and libraries that the patterns come from,
not from the files: ``allow(q, k)`` on integer arrays that broadcast to (queries,
keys); for more than one axis q and k are tuples of them. Division is //.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import reference
from library_tables import ROWS

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "patterns"


@dataclasses.dataclass(frozen=True)
class Row:
    """One pattern and the grids that its definition is checked on."""

    allow: Callable
    grid: tuple[int, ...] = (150,)
    key_grid: tuple[int, ...] | None = None
    heads: int = 1  # more than one if the definition takes the head, too
    tables: tuple = ()  # of integers; the definition takes them last

    @property
    def keys(self) -> tuple[int, ...]:
        return self.key_grid or self.grid


def coordinates(grid):
    """The coordinates of all tokens, the last axis fastest: a tuple of arrays."""
    return tuple(axis.ravel() for axis in np.indices(grid))


def dense(allow, grid, key_grid=None, *more):
    """The mask (queries, keys) of ``allow``; ``more`` goes to it after q and k."""
    q = tuple(x[:, None] for x in coordinates(grid))
    k = tuple(x[None, :] for x in coordinates(key_grid or grid))
    mask = allow(q[0], k[0], *more) if len(grid) == 1 else allow(q, k, *more)
    return np.broadcast_to(np.asarray(mask, bool), (q[0].size, k[0].size)).copy()


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.mlir").read_text()


def on_axes(one):
    """A definition for all axes from one for an axis: ``one(x, y)``."""
    return lambda q, k: np.logical_and.reduce([one(x, y) for x, y in zip(q, k)])


def power_of_two(d):
    return (d > 0) & (np.log2(np.maximum(d, 1)) % 1 == 0)


def _block_diffusion(q, k, n=48, b=8):
    i, j = q % n // b, k % n // b
    noised_q, noised_k = q // n == 0, k // n == 0
    diagonal = (i == j) & (noised_q == noised_k)
    offset = (i > j) & noised_q & ~noised_k
    return diagonal | offset | ((i >= j) & ~noised_q & ~noised_k)


def _shifted(extents, window, shift):
    def axis(x, y, length):
        def place(z):
            rolled = (z - shift) % length
            region = (rolled >= length - window) * 1 + (rolled >= length - shift)
            return rolled // window * 3 + region

        return place(x) == place(y)

    return lambda q, k: np.logical_and.reduce(
        [axis(x, y, length) for x, y, length in zip(q, k, extents)]
    )


def _longnet(q, k):
    def level(w, r):
        return (q // w == k // w) & (q % w % r == 0) & (k % w % r == 0)

    return (k <= q) & (level(16, 1) | level(64, 4))


def _gna(q, k):
    def axis(x, y, n, *parameters):
        return reference.axis_mask(
            n, n, lambda i, j: reference.neighborhood_attends(i, j, n, *parameters)
        )[x, y]

    return axis(q[0], k[0], 11, 5, 2, 1, False) & axis(q[1], k[1], 14, 4, 1, 2, True)


def _clamped(extents, radius, unit=1):
    """|clamp(x, r, L - 1 - r) - y| <= r per axis, in units of tokens."""

    def allow(q, k):
        parts = []
        for x, y, length in zip(q, k, extents):
            center = np.clip(x // unit, radius, length // unit - 1 - radius)
            parts.append(abs(center - y // unit) <= radius)
        return np.logical_and.reduce(parts)

    return allow


def _torus(q, k):
    near = [np.minimum((x - y) % 12, (y - x) % 12) <= 5 // 2 for x, y in zip(q, k)]
    itself = (q[0] == k[0]) & (q[1] == k[1])
    return near[0] & near[1] & ~itself


def _vertical_slash(q, k):
    return (k <= q) & (np.isin(k, [0, 17]) | np.isin(q - k, [0, 1, 8, 64]))


def _longformer(q, k):
    globals_ = np.arange(10, 14)
    return (abs(q - k) <= 8) | np.isin(q, globals_) | np.isin(k, globals_)


def _svg_temporal(q, k, prompt=5, frame=10, width=2):
    near = abs((q - prompt) % frame - (k - prompt) % frame) < width
    return (q < prompt) | (k < prompt) | near


def _d(q, k, b=4):
    return q // b - k // b


LIBRARY: dict[str, Row] = {
    "full": Row(lambda q, k: True),
    "causal": Row(lambda q, k: k <= q),
    "causal-end": Row(lambda q, k: k <= q + 150 - 70, (70,), (150,)),
    "inv-causal": Row(lambda q, k: k >= q),
    "bi-causal": Row(lambda q, k: (-5 <= k - q) & (k - q <= 9), (100,), (130,)),
    "sliding-causal": Row(lambda q, k: (0 <= q - k) & (q - k <= 15)),
    "sliding-bi": Row(lambda q, k: (q - k <= 7) & (k - q <= 3)),
    "dilated-window": Row(lambda q, k: (abs(q - k) <= 12) & (abs(q - k) % 3 == 0)),
    "streaming": Row(lambda q, k: (k <= q) & ((k < 4) | (q - k < 16))),
    "a-shape-block": Row(lambda q, k: (k <= q) & ((k // 16 < 1) | (q // 16 - k // 16 < 2))),
    "vertical-slash": Row(_vertical_slash),
    "strided": Row(lambda q, k: (k <= q) & ((q - k < 8) | ((q - k) % 8 == 0))),
    "fixed": Row(lambda q, k: (k <= q) & ((q // 16 == k // 16) | (k % 16 >= 16 - 2))),
    "axial-rows": Row(lambda q, k: q[0] == k[0], (9, 15)),
    "axial-columns": Row(lambda q, k: q[1] == k[1], (9, 15)),
    "block-causal": Row(lambda q, k: k // 16 <= q // 16),
    "longformer": Row(_longformer),
    "bigbird": Row(
        lambda q, k: (abs(q // 16 - k // 16) <= 1) | (q // 16 < 1) | (k // 16 < 1)
    ),
    "nbhd": Row(_gna, (11, 14)),
    "natten": Row(_clamped((9, 16), 3), (9, 16)),
    "sta": Row(_clamped((12, 20), 1, 4), (12, 20)),
    "blocked": Row(on_axes(lambda x, y: x // 7 == y // 7), (12, 15)),
    "shifted-window": Row(_shifted((14, 21), 7, 3), (14, 21)),
    "block-halo": Row(
        on_axes(lambda x, y: (x // 8 * 8 - 3 <= y) & (y < x // 8 * 8 + 8 + 3)), (13, 18)
    ),
    "wrap-nbhd": Row(_torus, (12, 12)),
    "s2-local-stride": Row(
        lambda q, k, h: (k <= q) & ((q // 8 - k // 8 < 2) | ((k // 8 + h) % 4 == 0)), heads=3
    ),
    "power": Row(
        lambda q, k: (k <= q)
        & ((k < 4) | (_d(q, k) < 2) | (_d(q, k) == 0) | power_of_two(_d(q, k)))
    ),
    "stride-slash": Row(
        lambda q, k: (k <= q) & ((k < 2 * 4) | (_d(q, k) < 2) | (_d(q, k) % 3 == 0))
    ),
    "dilated-blocks": Row(
        lambda q, k: (k <= q) & ((k < 2 * 4) | ((_d(q, k) < 9) & (_d(q, k) % 2 == 0)))
    ),
    "longnet": Row(_longnet),
    "prefix-lm": Row(lambda q, k: (k <= q) | (k < 10)),
    "global-sliding-window": Row(lambda q, k: (abs(q - k) <= 8) | (q < 4) | (k < 4)),
    "block-tx-local": Row(lambda q, k: (q // 20 == k // 20) & (k <= q)),
    "rat-inter": Row(lambda q, k: k < q // 16, (150,), (9,)),
    "compressed-causal": Row(lambda q, k: 4 * k + 8 - 1 <= q, (150,), (36,)),
    "pooled-causal": Row(lambda q, k: 4 * (k + 1) - 1 <= q, (150,), (37,)),
    "block-diffusion": Row(_block_diffusion, (96,)),
    "batchify": Row(lambda q, k: (q // 24 == k // 24) & (abs(q % 24 - k % 24) <= 3)),
    "svg-spatial": Row(lambda q, k: (q < 5) | (k < 5) | (abs(q - k) < 12)),
    "svg-temporal": Row(_svg_temporal),
}
LIBRARY |= {
    name: Row(allow, tables=tuple(tables), **more) for name, (allow, tables, more) in ROWS.items()
}
