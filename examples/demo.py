#!/usr/bin/env python3
"""From a pattern in a text file to checked numbers and to PTX of every GPU target.

Reads neighborhood-2d.mlir, compiles it for the CPU, runs it, compares with the
formula in float64, shows what the compiler decided and what that saves, and
writes the bf16 kernel for each GPU target to build/demo/. Exits 1 if a number
is wrong or a target fails.
usage: PYTHONPATH=build/python python3 examples/demo.py   (or: ./build.sh demo)
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import attn
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "examples" / "neighborhood-2d.mlir"
OUT = ROOT / "build" / "demo"
# What the file says, once more, for the reference.
EXTENT, HEADS, DIM, WINDOW, DILATION = 56, 4, 64, 7, 2
TOLERANCE = 2e-5  # f32 against float64; the outputs are of order 1


# ----------------------------------------------------------------------------
# The reference: the formula of #attn.neighborhood, in float64
# ----------------------------------------------------------------------------


def first_key(query: int, length: int) -> int:
    """The first key that `query` sees, both counted within a dilation group."""
    return min(max(query - WINDOW // 2, 0), length - WINDOW)


def keys_of_axis() -> np.ndarray:
    """[EXTENT, WINDOW]: the keys that each token sees along one axis."""
    keys = np.empty((EXTENT, WINDOW), np.int64)
    for token in range(EXTENT):
        group = token % DILATION
        length = -(-(EXTENT - group) // DILATION)
        start = first_key(token // DILATION, length)
        keys[token] = group + DILATION * (start + np.arange(WINDOW))
    return keys


def reference(q, k, v):
    """out and lse of every query; every query sees WINDOW x WINDOW keys."""
    axis = keys_of_axis()
    grid = axis[:, None, :, None] * EXTENT + axis[None, :, None, :]
    seen = grid.reshape(EXTENT * EXTENT, WINDOW * WINDOW)
    rows = [x.reshape(EXTENT * EXTENT, HEADS, DIM).astype(np.float64) for x in (q, k, v)]
    out, lse = np.empty_like(rows[0]), np.empty(rows[0].shape[:2])
    for head in range(HEADS):
        query, key, value = (x[:, head] for x in rows)
        scores = np.einsum("nd,nwd->nw", query, key[seen]) / np.sqrt(DIM)
        top = scores.max(axis=1, keepdims=True)
        weights = np.exp(scores - top)
        total = weights.sum(axis=1, keepdims=True)
        out[:, head] = np.einsum("nw,nwd->nd", weights / total, value[seen])
        lse[:, head] = (top + np.log(total))[:, 0]
    return out.reshape(q.shape), lse.reshape(q.shape[:-1])


# ----------------------------------------------------------------------------
# What tiles cost: the count of include/attn/Analysis/PatternTiles.h
# ----------------------------------------------------------------------------


def visits_of_axis(axis: dict) -> tuple[int, int]:
    """(boxes, boxes of which every query of the tile sees every key), summed over
    the tiles of one axis. Both ends of a query's keys only grow, so the first and
    the last query of a tile decide."""
    boxes = full = 0
    tile, box = axis["query_tile"], axis["key_tile"]
    for group in range(DILATION):
        length = -(-(EXTENT - group) // DILATION)
        for first in range(0, length, tile):
            last = min(first + tile, length) - 1
            begin, end = first_key(first, length), first_key(last, length) + WINDOW
            common = range(first_key(last, length), first_key(first, length) + WINDOW + 1)
            for key in range(begin, end, box):
                boxes += 1
                full += key in common and key + box in common
    return boxes, full


def count_boxes(axes: list[dict]) -> tuple[int, int, int]:
    """(visited, masked, those of dense attention), of one head."""
    per_axis = [visits_of_axis(axis) for axis in axes]
    visited, full = (int(np.prod(counts)) for counts in zip(*per_axis))
    dense = 1
    for axis in axes:
        dense *= -(-EXTENT // axis["query_tile"]) * -(-EXTENT // axis["key_tile"])
    return visited, visited - full, dense


# ----------------------------------------------------------------------------
# The steps
# ----------------------------------------------------------------------------


def show(name: str, text: str) -> None:
    print(f"  {name:<12}{text}")


def best_time(run, seconds: float = 1.0) -> float:
    """The shortest of the runs that fit into `seconds`, at least three."""
    times: list[float] = []
    while len(times) < 3 or sum(times) < seconds:
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return min(times)


def check(kernel, data) -> bool:
    out, lse = kernel(*data)
    expected_out, expected_lse = reference(*data)
    errors = np.abs(out - expected_out).max(), np.abs(lse - expected_lse).max()
    good = bool(max(errors) <= TOLERANCE)  # false for NaN, too
    show("check", f"{out.size} outputs and {lse.size} lse against float64: largest error "
         f"{errors[0]:.1e} and {errors[1]:.1e}, {'ok' if good else f'MORE THAN {TOLERANCE}'}")  # fmt: skip
    return good


def show_decisions(kernel) -> None:
    info = kernel.info
    visited, masked, dense = count_boxes(info["axes"])
    tiles = {f: "x".join(str(a[f]) for a in info["axes"]) for f in ("query_tile", "key_tile")}
    area = np.prod([a["query_tile"] * a["key_tile"] for a in info["axes"]])
    useful = EXTENT**2 * WINDOW**2 / (visited * area)
    show("tiles", f"{tiles['query_tile']} queries by boxes of {tiles['key_tile']} keys")
    show("boxes", f"{visited} a head, {visited / dense:.1%} of the {dense} of dense attention")
    show("masks", f"{masked / visited:.1%} of these boxes need a mask; "
         f"{useful:.1%} of their scores are in the pattern")  # fmt: skip
    stages = ", ".join(f"{stage} {ms:.1f}" for stage, ms in info["timing_ms"])
    show("compiled", f"in {sum(ms for _, ms in info['timing_ms']):.0f} ms ({stages})")


def show_times(kernel, data) -> None:
    sparse_flops = 4 * HEADS * DIM * EXTENT**2 * WINDOW**2
    dense_flops = 4 * HEADS * DIM * EXTENT**4
    sparse = best_time(lambda: kernel(*data))
    dense = best_time(lambda: attn.attention(*data, attn.Full()))
    for name, seconds, flops in (("pattern", sparse, sparse_flops), ("dense", dense, dense_flops)):
        rate = flops / seconds / 1e9
        show(name, f"{seconds * 1e3:8.2f} ms {flops / 1e9:8.3f} GFLOP {rate:7.1f} GFLOP/s")
    show("ratio", f"{dense / sparse:8.1f} x  {dense_flops / sparse_flops:8.1f} x")


def write_ptx(source: str) -> bool:
    """The bf16 kernel of the same pattern for every GPU target."""
    halves = re.sub(rf"x{DIM}xf32>", f"x{DIM}xbf16>", source)
    OUT.mkdir(parents=True, exist_ok=True)
    written, good = [], True
    for target in attn.targets()[1:]:
        try:
            code = attn.compile(halves, target, emit="ptx").code
        except attn.AttnError as error:
            show(target, f"FAILED: {error}")
            good = False
            continue
        (OUT / f"{target}.ptx").write_text(code)
        written.append(target)
    folder = f"{OUT.relative_to(ROOT)}/: "
    for begin in range(0, len(written), 6):
        names = " ".join(written[begin : begin + 6])
        show("" if begin else "ptx", (" " * len(folder) if begin else folder) + names)
    return good


def main() -> int:
    source = SOURCE.read_text()
    kernel = attn.compile(source)
    rng = np.random.default_rng(0)
    shape = (1, EXTENT, EXTENT, HEADS, DIM)
    data = [rng.standard_normal(shape, dtype=np.float32) for _ in range(3)]
    print(f"{SOURCE.relative_to(ROOT)}: {WINDOW}x{WINDOW} keys, dilation {DILATION}, "
          f"on {EXTENT}x{EXTENT}, {HEADS} heads, D {DIM}, f32")  # fmt: skip
    show_decisions(kernel)
    good = check(kernel, data)
    show_times(kernel, data)
    good &= write_ptx(source)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
