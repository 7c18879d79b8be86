"""Random trees of patterns with their masks, reproducible from a seed.

Each leaf comes with a mask from the definition in NumPy; ``&``, ``|`` and ``~`` act
on patterns and masks alike.
"""

from __future__ import annotations

import dataclasses
import random

import attn
import library
import numpy as np
import reference


@dataclasses.dataclass(frozen=True)
class Case:
    pattern: attn.Pattern
    mask: np.ndarray
    grid: tuple[int, ...]
    key_grid: tuple[int, ...]


def _band(rng, grid, key_grid):
    axis = rng.randrange(len(grid))
    lower, upper = sorted(rng.randint(-grid[axis], grid[axis]) for _ in range(2))
    lower, upper = rng.choice(((lower, upper), (None, upper), (lower, None)))
    arguments = (lower, upper, rng.choice(("top_left", "bottom_right")), axis)
    return attn.Band(*arguments), reference.band_mask(grid, key_grid, *arguments)


def _range(rng, grid, key_grid):
    axis, side = rng.randrange(len(grid)), rng.choice(("query", "key"))
    begin, end = sorted(rng.sample(range(-3, grid[axis] + 3), 2))
    begin, end = rng.choice(((begin, end), (None, end), (begin, None)))

    def one(a, x, y):
        token = x if side == "query" else y
        inside = token >= (-9 if begin is None else begin)
        return (a != axis) | inside & (token < (999 if end is None else end))

    return attn.Range(side, begin, end, axis), _on_axes(grid, key_grid, one)


def _neighborhood(rng, grid, key_grid):
    dilation = tuple(rng.choice((1, 1, 2, 3)) for _ in grid)
    window = tuple(rng.randint(1, n // d) for n, d in zip(grid, dilation))
    stride = tuple(rng.choice((1, rng.randint(1, w))) for w in window)
    causal = tuple(rng.random() < 0.3 for _ in grid)
    mask = reference.neighborhood_mask(grid, window, stride, dilation, causal)
    return attn.Neighborhood(window, stride, dilation, causal), mask


def _on_axes(grid, key_grid, one):
    """``one(axis, x, y)`` on every axis."""

    def allow(q, k):
        q, k = (q, k) if isinstance(q, tuple) else ((q,), (k,))
        return np.logical_and.reduce([one(a, x, y) for a, (x, y) in enumerate(zip(q, k))])

    return library.dense(allow, grid, key_grid)


def _blocked(rng, grid, key_grid):
    b = tuple(rng.randint(1, n + 2) for n in grid)
    return attn.Blocked(b), _on_axes(grid, key_grid, lambda a, x, y: x // b[a] == y // b[a])


def _halo(rng, grid, key_grid):
    b = tuple(rng.randint(1, n + 2) for n in grid)
    h = tuple(rng.randint(0, n // 2) for n in grid)

    def one(a, x, y):
        first = x // b[a] * b[a]
        return (first - h[a] <= y) & (y < first + b[a] + h[a])

    return attn.Halo(b, h), _on_axes(grid, key_grid, one)


def _shifted_window(rng, grid, key_grid):
    w = tuple(rng.randint(1, n) for n in grid)
    s = tuple(rng.randrange(x) for x in w)

    def place(a, z):
        length = grid[a]
        rolled = (z - s[a]) % length
        region = 0 + (rolled >= length - w[a]) + (rolled >= length - s[a])
        return rolled // w[a] * 3 + region

    mask = _on_axes(grid, key_grid, lambda a, x, y: place(a, x) == place(a, y))
    return attn.ShiftedWindow(w, s), mask


def _predicate(rng, grid, key_grid):
    m, r, c = rng.randint(2, 7), rng.randint(-9, 9), rng.randint(-4, 4)
    forms = (
        lambda q, k: (q * c - k + r) % m < 2,
        lambda q, k: (q - k) // m != (r - k) // (m + 1),
        lambda q, k: (abs(q + r - k) <= m) | ~((q ^ k) & m > 1),
    )
    form = rng.choice(forms)
    if len(grid) == 1:
        return attn.Predicate(lambda b, h, q, k: form(q, k)), library.dense(form, grid, key_grid)
    return (
        attn.Predicate(lambda b, h, q0, q1, k0, k1: form(q0, k1) & form(q1, k0)),
        library.dense(lambda q, k: form(q[0], k[1]) & form(q[1], k[0]), grid, key_grid),
    )


def _tree(rng, grid, key_grid, depth: int):
    if depth == 0 or rng.random() < 0.15:
        leaves = [_band, _blocked, _halo, _predicate, _range]
        if grid == key_grid:
            leaves += [_neighborhood, _shifted_window]
        return rng.choice(leaves)(rng, grid, key_grid)
    kind = rng.choice("&|~&|")
    pattern, mask = _tree(rng, grid, key_grid, depth - 1)
    if kind == "~":
        return ~pattern, ~mask
    other, other_mask = _tree(rng, grid, key_grid, depth - 1)
    if kind == "&":
        return pattern & other, mask & other_mask
    return pattern | other, mask | other_mask


def random_case(seed: int) -> Case:
    """The tree of ``seed``, of depth 1 to 3."""
    rng = random.Random(seed)
    rank = rng.choice((1, 2))

    def extents():
        low, high = ((20, 150), (5, 14))[rank - 1]
        return tuple(rng.randint(low, high) for _ in range(rank))

    grid = extents()
    key_grid = extents() if rng.random() < 0.3 else grid
    pattern, mask = _tree(rng, grid, key_grid, rng.randint(1, 3))
    return Case(pattern, mask, grid, key_grid)
