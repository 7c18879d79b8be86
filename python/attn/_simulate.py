"""What a pattern costs, and what it looks like, before anything runs."""

from __future__ import annotations

import json
import os

from ._library import library
from ._materialize import _extents
from .errors import AttnError

# Neither changes a count; the tile model wants to know them.
_HEAD_DIM = 128


def _module(pattern, grid, key_grid, target: str) -> str:
    """An attention of ``pattern`` on tensors of these extents."""
    grid = _extents("grid", grid)
    key_grid = grid if key_grid is None else _extents("key_grid", key_grid)
    attribute, symbols, tables = pattern._lowered(len(grid))
    if tables:
        raise AttnError(
            "expected a pattern that is known before it runs, but got one with document numbers"
        )
    element = "f32" if target == "cpu" else "bf16"

    def tensor(extents) -> str:
        return f"tensor<1x{'x'.join(map(str, extents))}x1x{_HEAD_DIM}x{element}>"

    q, k = tensor(grid), tensor(key_grid)
    return (
        f"{symbols}func.func @pattern(%q: {q}, %k: {k}) -> {q} {{\n"
        f"  %o = attn.attention query(%q) key(%k) value(%k) pattern({attribute}) "
        f"layout(heads_last) : ({q}, {k}, {k}) -> {q}\n  return %o : {q}\n}}\n"
    )


def _tile(extents) -> str:
    return "" if extents is None else "x".join(map(str, _extents("tile", extents)))


def simulate(
    pattern, grid, key_grid=None, *, tile=None, key_tile=None, target="cpu", sweep=False
):  # fmt: skip
    """See ``Pattern.simulate``."""
    module = _module(pattern, grid, key_grid, target)
    key_tile = tile if key_tile is None else key_tile
    answer = library().simulate(module, _tile(tile), _tile(key_tile), target, bool(sweep))
    return json.loads(str(answer))[0]


def visualize(pattern, grid, key_grid=None, *, path, query=None, target="cpu") -> str:
    """See ``Pattern.visualize``."""
    path = os.fspath(path)
    place = "" if query is None else ",".join(map(str, _extents("query", query)))
    library().visualize(_module(pattern, grid, key_grid, target), path, place)
    return path
