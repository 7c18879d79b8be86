"""Random attention problems, reproducible from a seed.

A Config holds everything that a problem is made of; ``make`` draws the data
and the expected result. The generator keeps within what the compiler promises:
window * dilation <= extent, 1 <= stride <= window, H % Hk == 0.
"""

from __future__ import annotations

import dataclasses
import random

import attn
import numpy as np
import reference


@dataclasses.dataclass(frozen=True)
class Preset:
    """Bounds of the generator. ``tokens``: of one grid; ``heads``: of query."""

    tokens: int
    heads: int
    batch: int
    head_dims: tuple[int, ...]
    value_dims: tuple[int, ...]  # 0: like the head dimension
    layouts: tuple[str, ...] = ("heads_last", "heads_first")
    kinds: tuple[str, ...] = ("neighborhood", "band", "both")


SMALL = Preset(600, 4, 2, (16, 32, 64, 96, 128), (0, 0, 0, 32, 64, 128))
EMULATOR = Preset(260, 2, 1, (64, 128), (0,))
# Extents are drawn around the sizes of tiles, where mistakes live. The usual head
# dimensions half of the time, else any that a GPU takes.
CARD = Preset(
    4096, 8, 2, (64, 128) * 16 + tuple(range(8, 257, 8)),
    (0,) * 8 + (8, 24, 40, 64, 128, 136, 200, 256),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Neighbors:
    window: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    causal: tuple[bool, ...]


@dataclasses.dataclass(frozen=True)
class Range:
    lower: int | None
    upper: int | None
    align: str
    axis: int


@dataclasses.dataclass(frozen=True)
class Config:
    grid: tuple[int, ...]
    key_grid: tuple[int, ...]
    neighbors: Neighbors | None
    range: Range | None
    batch: int
    heads: int
    kv_heads: int
    head_dim: int
    value_dim: int
    layout: str
    return_lse: bool
    scale: float | None
    seed: int

    @property
    def pattern(self) -> attn.Pattern:
        parts = []
        if self.neighbors:
            parts.append(attn.Neighborhood(**dataclasses.asdict(self.neighbors)))
        if self.range:
            parts.append(attn.Band(**dataclasses.asdict(self.range)))
        return parts[0] if len(parts) == 1 else parts[0] & parts[1]

    @property
    def effective_scale(self) -> float:
        return self.head_dim**-0.5 if self.scale is None else self.scale

    def mask(self):
        """(queries, keys) from the definitions."""
        total = np.ones((int(np.prod(self.grid)), int(np.prod(self.key_grid))), bool)
        if self.neighbors:
            total &= reference.neighborhood_mask(self.grid, *dataclasses.astuple(self.neighbors))
        if self.range:
            total &= reference.band_mask(
                self.grid, self.key_grid, *dataclasses.astuple(self.range)
            )
        return total

    def shapes(self):
        """heads_last shapes of query, key and value."""
        return (
            (self.batch, *self.grid, self.heads, self.head_dim),
            (self.batch, *self.key_grid, self.kv_heads, self.head_dim),
            (self.batch, *self.key_grid, self.kv_heads, self.value_dim),
        )

    def data(self, dtype):
        """query, key, value, N(0, 1), heads_last, rounded to ``dtype``."""
        rng = np.random.default_rng(self.seed)
        return [rng.standard_normal(shape).astype(dtype) for shape in self.shapes()]

    def expected(self, query, key, value):
        return reference.attention(query, key, value, self.mask(), self.effective_scale)


def _extents(rng: random.Random, rank: int, tokens: int) -> tuple[int, ...]:
    """Extents, ragged more often than not, of at most ``tokens`` in all."""
    side = {1: tokens, 2: int(tokens**0.5 * 1.6), 3: int(tokens ** (1 / 3) * 1.8)}[rank]
    while True:
        extents = tuple(rng.randint(1, side) for _ in range(rank))
        total = int(np.prod(extents))
        if total <= tokens and (total >= tokens // 8 or rng.random() < 0.1):
            return extents


def _neighbors(rng: random.Random, grid: tuple[int, ...]) -> Neighbors:
    window, stride, dilation, causal = [], [], [], []
    for extent in grid:
        d = rng.choice((1, 1, 1, rng.randint(1, min(4, extent))))
        w = rng.choice((extent // d, rng.randint(1, extent // d), rng.randint(1, extent // d)))
        dilation.append(d)
        window.append(w)
        stride.append(rng.choice((1, 1, w, rng.randint(1, w))))
        causal.append(rng.random() < 0.3)
    return Neighbors(tuple(window), tuple(stride), tuple(dilation), tuple(causal))


def _range(rng: random.Random, grid, key_grid) -> Range:
    axis = rng.randrange(len(grid))
    extent = max(grid[axis], key_grid[axis])
    lower = rng.choice((None, -rng.randint(0, extent), rng.randint(-extent, extent // 2)))
    upper = rng.choice((None, 0, rng.randint(0, extent)))
    if lower is not None and upper is not None and lower > upper:
        lower, upper = upper, lower
    return Range(lower, upper, rng.choice(("top_left", "bottom_right")), axis)


def short_config(seed: int, preset: Preset) -> Config:
    """Few queries at the end of many keys, with many heads a key head: decoding."""
    rng = random.Random(seed)
    queries, keys = rng.choice((1, 1, 2, rng.randint(3, 20))), rng.randint(20, preset.tokens)
    kv_heads = rng.choice((1, 2, 3))
    upper = rng.choice((0, None))
    lower = rng.choice((None, -rng.randint(0, keys)))
    head_dim = rng.choice(preset.head_dims)
    return Config(
        grid=(queries,), key_grid=(keys,), neighbors=None,
        range=Range(lower, upper, "bottom_right", 0),
        batch=rng.randint(1, preset.batch), heads=kv_heads * rng.choice((1, 3, 4, 8, 17)),
        kv_heads=kv_heads, head_dim=head_dim,
        value_dim=rng.choice(preset.value_dims) or head_dim,
        layout=rng.choice(preset.layouts), return_lse=rng.random() < 0.5,
        scale=rng.choice((None, 0.25)), seed=seed,
    )  # fmt: skip


def random_config(seed: int, preset: Preset) -> Config:
    """The configuration of ``seed``; the same one on every machine."""
    rng = random.Random(seed)
    rank = rng.choice((1, 2, 3))
    grid = _extents(rng, rank, preset.tokens)
    kind = rng.choice(preset.kinds)
    key_grid = grid
    if kind == "band" and rng.random() < 0.4:
        key_grid = _extents(rng, rank, preset.tokens)
    kv_heads = rng.choice([h for h in (1, 1, 2, 3) if h <= preset.heads])
    heads = kv_heads * rng.choice([g for g in (1, 1, 2, 3, 4) if kv_heads * g <= preset.heads])
    head_dim = rng.choice(preset.head_dims)
    return Config(
        grid=grid,
        key_grid=key_grid,
        neighbors=_neighbors(rng, grid) if kind != "band" else None,
        range=_range(rng, grid, key_grid) if kind != "neighborhood" else None,
        batch=rng.randint(1, preset.batch),
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        value_dim=rng.choice(preset.value_dims) or head_dim,
        layout=rng.choice(preset.layouts),
        return_lse=rng.random() < 0.5,
        scale=rng.choice((None, None, 0.25, 0.05)),
        seed=seed,
    )
