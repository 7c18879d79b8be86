"""The rows of `bench/speed.py`: what is computed, by which rivals too, and how fast it
is to be."""

from __future__ import annotations

import dataclasses
import functools
import random

import numpy as np
import torch

from numerics import DTYPES, ENOUGH, HALF_UNIT, attn, exact, neighborhood_axis


@dataclasses.dataclass(frozen=True)
class Axis:
    """What a query sees along one axis: a window of keys, in the terms of
    ``attn.Neighborhood``; a window of all of them, where there is none."""

    extent: int
    window: int
    stride: int = 1
    dilation: int = 1
    causal: bool = False

    def keys(self) -> float:
        """Keys of the mean query."""
        if not self.causal:
            return self.window
        i = np.arange(self.extent) // self.dilation
        return float(np.minimum(i + 1, self.window).mean())

    def mask(self, rows, device) -> torch.Tensor:
        shape = (self.extent, self.window, self.stride, self.dilation, self.causal)
        return neighborhood_axis(*shape, device, rows=rows)


@dataclasses.dataclass(frozen=True)
class Case:
    """``heads``: of the query; ``kv_heads``: 0, as many. ``keys``: of a single query, 0: as
    many as queries. ``lengths``: of documents, which see their own past. ``making``: the
    time holds that of making the mask, too. ``bars``: the least ratio to a rival; to
    "best", the fastest of them; to "dense", the rate of the dense row; to "copy", the
    bandwidth of a copy."""

    name: str
    group: str
    axes: tuple[Axis, ...]
    heads: int
    batch: int
    pattern: attn.Pattern | None  # None: of documents, whose numbers lie on the card
    rivals: tuple[str, ...] = ()
    bars: dict[str, float] = dataclasses.field(default_factory=dict)
    dim: int = 128
    dtype: str = "bf16"
    kv_heads: int = 0
    keys: int = 0
    lengths: tuple[int, ...] = ()
    making: bool = False

    @property
    def grid(self) -> tuple[int, ...]:
        return tuple(axis.extent for axis in self.axes)

    @property
    def tokens(self) -> int:
        return int(np.prod(self.grid))

    @property
    def causal(self) -> bool:
        return self.axes[0].causal

    @property
    def left(self) -> int | None:
        """Keys before a query of a causal window on one axis, if it is one."""
        (axis,) = self.axes
        return axis.window - 1 if axis.causal and axis.window < axis.extent else None

    @property
    def pairs(self) -> float:
        """Attended pairs of a head."""
        if self.lengths:
            return sum(n * (n + 1) / 2 for n in self.lengths)
        if self.keys:
            return float(self.tokens * self.keys)
        return self.tokens * float(np.prod([axis.keys() for axis in self.axes]))

    @property
    def flops(self) -> float:
        return 4.0 * self.batch * self.heads * self.pairs * self.dim

    @property
    def key_bytes(self) -> int:
        """Of keys and values, each read once."""
        heads = self.kv_heads or self.heads
        return 2 * self.batch * (self.keys or self.tokens) * heads * self.dim * 2

    def data(self, device) -> list[torch.Tensor]:
        torch.manual_seed(1)
        rows = ((self.grid, self.heads), *[((self.keys,) if self.keys else self.grid,
                                            self.kv_heads or self.heads)] * 2)  # fmt: skip
        shapes = [(self.batch, *grid, heads, self.dim) for grid, heads in rows]
        return [torch.randn(s, device=device, dtype=DTYPES[self.dtype]) for s in shapes]

    def pattern_on(self, device) -> attn.Pattern:
        if not self.lengths:
            return self.pattern
        return documents(document_ids(offsets_of(self.lengths, device), self.tokens))

    def mask_rows(self, queries: list[int], device) -> torch.Tensor:
        """(queries, keys) of some of them, by numbers of tokens."""
        if self.keys:
            return torch.ones(len(queries), self.keys, dtype=torch.bool, device=device)
        places = np.unravel_index(queries, self.grid)
        mask = torch.ones(len(queries), 1, dtype=torch.bool, device=device)
        for axis, place in zip(self.axes, places):
            rows = axis.mask(torch.tensor(place, device=device), device)
            mask = (mask[:, :, None] & rows[:, None, :]).flatten(1)
        if self.lengths:
            ids = document_ids(offsets_of(self.lengths, device), self.tokens)
            mask &= ids[queries][:, None] == ids[None, :]
        return mask


# --- Documents -------------------------------------------------------------------


def document_lengths(count: int, tokens: int, seed: int) -> tuple[int, ...]:
    """Random lengths of ``count`` documents, ``tokens`` in all."""
    cuts = sorted(random.Random(seed).sample(range(1, tokens), count - 1))
    return tuple(b - a for a, b in zip([0, *cuts], [*cuts, tokens]))


@functools.lru_cache(maxsize=None)
def offsets_of(lengths: tuple[int, ...], device) -> torch.Tensor:
    """Where each document begins, and the end: what a data loader hands over."""
    return torch.tensor([0, *np.cumsum(lengths)], dtype=torch.int32, device=device)


def document_ids(offsets, tokens: int) -> torch.Tensor:
    places = torch.arange(tokens, dtype=torch.int32, device=offsets.device)
    return torch.bucketize(places, offsets[1:], right=True, out_int32=True)


def documents(ids) -> attn.Pattern:
    return attn.Document(ids, sorted=True) & attn.Causal()


# --- Correctness -------------------------------------------------------------------


def sampled_problem(case: Case, out, q, k, v) -> tuple[float, str]:
    """Largest error of a few queries of head 0, against f64, and what is wrong or "".
    Weights are rounded before their product, then the result: half a unit each."""
    queries = sorted(random.Random(1).sample(range(case.tokens), min(24, case.tokens)))
    flat = [x[0, ..., 0, :].reshape(1, -1, case.dim) for x in (q, k, v, out)]
    mask = case.mask_rows(queries, q.device)
    expected, _ = exact(flat[0][:, queries], flat[1], flat[2], mask, case.dim**-0.5)
    error = (flat[3][:, queries].double() - expected).abs().max().item()
    bound = max(2 * HALF_UNIT[case.dtype] * expected.abs().max().item(), ENOUGH[case.dtype])
    return error, "" if error <= bound else f"error {error:.2e} above {bound:.2e}"


def tolerated(case: Case, out) -> float:
    """Largest difference of two results that are both right."""
    return max(4 * HALF_UNIT[case.dtype] * out.abs().max().item(), 2 * ENOUGH[case.dtype])


# --- The rows ------------------------------------------------------------------------


def line(tokens: int, window: int | None = None, causal: bool = False) -> tuple[Axis]:
    return (Axis(tokens, window or tokens, causal=causal),)


def dense(name, group, tokens, heads, rivals, bars, **more) -> Case:
    batch = more.pop("batch", 2)
    return Case(name, group, line(tokens), heads, batch, attn.Full(), rivals, bars, **more)


def near(name, grid, heads, window, bars, stride=1, dilation=1, causal=False, **more) -> Case:
    pattern = attn.Neighborhood(window, stride, dilation, causal)
    rank = len(grid)
    lists = [x if isinstance(x, tuple) else (x,) * rank for x in (window, stride, dilation, causal)]
    axes = tuple(Axis(*entry) for entry in zip(grid, *lists))
    batch, rivals = more.pop("batch", 1), more.pop("rivals", ())
    return Case(name, "neighborhoods", axes, heads, batch, pattern, rivals, bars, **more)


def window(tokens: int, batch: int, keys: int) -> Case:
    return Case(
        f"window {keys} of {tokens}", "windows", line(tokens, keys, True), 16, batch,
        attn.SlidingWindow(keys - 1), ("FA4", "FA2", "Flex", "Flex FLASH"), {"FA4": 1.05},
    )  # fmt: skip


def document_cases() -> list[Case]:
    tokens = 32768
    shape = {"lengths": document_lengths(16, tokens, seed=1)}
    axes = line(tokens, causal=True)
    return [
        Case("16 documents of 32768", "windows", axes, 16, 1, None, ("FA4", "Flex"),
             {"FA4": 1.0}, **shape),
        Case("16 documents, with mask making", "windows", axes, 16, 1, None,
             ("Flex making", "Flex making (jit)"), {"best": 1.5}, making=True, **shape),
    ]  # fmt: skip


def neighborhood_cases() -> list[Case]:
    hunyuan = ((30, 48, 80), 24, (18, 24, 24))
    flux = ((256, 256), 24, (80, 80))
    two_d = ("FA4 sparse", "FA4 tiled", "Flex", "Flex FLASH", "Flex tiled")
    return [
        near("1-D 32768, w 2048", (32768,), 16, (2048,), {"dense": 0.83}),
        near("2-D 128x128, w 31", (128, 128), 16, (31, 31),
             {"FA4 sparse": 2.9, "FA4 tiled": 1.32, "dense": 0.51}, rivals=two_d),
        near("FLUX, w 80", *flux, {"dense": 0.76}),
        near("FLUX, w 80, stride 16", *flux, {"dense": 0.97}, (16, 16)),
        near("Hunyuan", *hunyuan, {"dense": 0.60}),
        near("Hunyuan, stride 16,8,8", *hunyuan, {"dense": 0.97}, (16, 8, 8)),
        near("Hunyuan, causal in time", *hunyuan, {"dense": 0.56}, causal=(True, False, False)),
        near("Cosmos, stride 1,8,16", (16, 44, 80), 32, (16, 32, 48), {"dense": 0.97}, (1, 8, 16)),
        near("DiNAT 56x56, w 7, dilation 8", (56, 56), 4, (7, 7), {"Flex": 10.0}, dilation=8,
             batch=32, dim=32, rivals=("Flex",)),
    ]  # fmt: skip


def all_cases() -> list[Case]:
    n, full, fast = 8192, ("FA4", "FA2", "cuDNN"), {"FA4": 0.99}
    decode = ("FA2", "FA4", "cuDNN", "FA2 packed", "cuDNN packed", "copy")
    return [
        dense("dense", "dense", n, 16, full, fast),
        Case("causal", "dense", line(n, causal=True), 16, 2, attn.Causal(), full, {"FA4": 1.0}),
        dense("dense, D 64", "dense", n, 32, full, fast, dim=64),
        dense("dense, D 192", "dense", n, 8, full, fast, dim=192),
        dense("dense, D 256", "dense", n, 8, full, fast, dim=256),
        window(n, 2, 1024),
        window(4 * n, 1, 1024),
        *document_cases(),
        *neighborhood_cases(),
        dense("decode 1 x 32768, 32/8 heads", "decode", 1, 32, decode,
              {"best": 0.98, "copy": 0.94}, batch=8, kv_heads=8, keys=32768),
        *[dense(f"{dtype}, D {dim}", "f32", 4096, 8, ("EFFICIENT",), {}, dim=dim, dtype=dtype)
          for dtype in ("f32", "tf32") for dim in (64, 128)],
    ]  # fmt: skip


def head_dim_cases() -> list[Case]:
    """Dense, every head dimension with as many heads as make 2048 columns of it."""
    dims = (8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256)
    heads = {d: 2048 // d for d in dims}
    return [
        dense(f"D {d}, {h} heads", "head dims", 4096, h, ("FA2", "cuDNN"), {}, dim=d)
        for d, h in heads.items()
    ]
