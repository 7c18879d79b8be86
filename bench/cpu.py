#!/usr/bin/env python3
"""Speed of CPU kernels, f32, D = 64, beside PyTorch and beside dense attention.

Rows against PyTorch compare with scaled_dot_product_attention, with a boolean mask
where the pattern needs one, and first check that both compute the same. Rows of
sparse efficiency compare the compiler with itself: its dense time over its sparse
time, over tiles in all over tiles visited, which Pattern.simulate counts.
GFLOP/s count attended pairs. Times are medians of interleaved rounds, ratios
medians of the rounds' ratios, so that other load on the machine hits both alike.

usage: PYTHONPATH=build/python python3 bench/cpu.py [--quick] [--threads N]
       [--rounds N] [--json FILE]
Without PyTorch its rows are skipped. Last line: N passed, N failed; a row fails,
and the exit status is 1, below 0.8 of its bar.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
if importlib.util.find_spec("attn") is None:
    sys.path.append(str(ROOT / "build" / "python"))

import attn  # noqa: E402

if importlib.util.find_spec("torch"):
    import torch
else:
    torch = None

HEAD_DIM = 64
TOLERANCE = 1e-4  # absolute, on N(0, 1) data: of two f32 results
FAILS_BELOW = 0.8  # of a bar; the rest is left to noise


@dataclasses.dataclass
class Case:
    """One row. versus: what the time is compared with, "torch" or "dense"."""

    name: str
    pattern: attn.Pattern
    grid: tuple[int, ...]
    heads: int
    versus: str
    bar: float


def cases(quick: bool) -> list[Case]:
    heads = 1 if quick else 4  # of the long sequences: a matter of time only
    return [
        Case("dense 2048", attn.Full(), (2048,), 8, "torch", 0.7),
        Case("2-D 56x56, window 7x7", attn.Neighborhood((7, 7)), (56, 56), 8, "torch", 8),
        Case("2-D 128x128, window 31x31", attn.Neighborhood((31, 31)), (128, 128), heads,
             "dense", 0.8),
        Case("1-D 16384, window 1024", attn.Neighborhood(1024), (16384,), heads, "dense", 0.8),
        Case("2-D 64x64, blocks 16x16", attn.Blocked((16, 16)), (64, 64), 8, "dense", 0.8),
    ]  # fmt: skip


def milliseconds(function: Callable[[], object]) -> float:
    begin = time.perf_counter()
    function()
    return 1e3 * (time.perf_counter() - begin)


def interleaved(functions: list[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Milliseconds of each round, a list for each function; one round warms up."""
    for function in functions:
        function()
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for function, row in zip(functions, times):
            row.append(milliseconds(function))
    return times


def compiled(case: Case, pattern: attn.Pattern) -> attn.Kernel:
    return attn.compile(pattern, rank=len(case.grid), head_dim=HEAD_DIM)


def torch_call(case: Case, arrays, expected, masked: bool):
    """PyTorch's attention on the same data, after a check that it is the same."""
    tokens = int(np.prod(case.grid))
    tensors = [
        torch.from_numpy(array).reshape(1, tokens, case.heads, HEAD_DIM).transpose(1, 2)
        for array in arrays
    ]
    tensors = [tensor.contiguous() for tensor in tensors]  # the layout that it likes
    mask = None
    if masked:
        mask = torch.from_numpy(case.pattern.materialize(case.grid))

    def call():
        return torch.nn.functional.scaled_dot_product_attention(*tensors, attn_mask=mask)

    theirs = call().transpose(1, 2).reshape(expected.shape).numpy()
    error = float(np.abs(theirs - expected).max())
    if error > TOLERANCE:
        raise SystemExit(f"expected {case.name} to be as PyTorch's, but got an error of {error}")
    return call


def counts(case: Case, kernel: attn.Kernel) -> tuple[float, float]:
    """Tiles in all over tiles visited, and attended pairs of one head."""
    axes = kernel.info["axes"]
    answer = case.pattern.simulate(
        case.grid,
        tile=tuple(axis["query_tile"] for axis in axes),
        key_tile=tuple(axis["key_tile"] for axis in axes),
    )
    return answer["window_start"]["mean_bound"], answer["attended_pairs_most"]


def measure(case: Case, rounds: int, threads: int) -> dict | None:
    """The row of a case, or None where it cannot be had."""
    if case.versus == "torch" and torch is None:
        return None
    rng = np.random.default_rng(0)
    shape = (1, *case.grid, case.heads, HEAD_DIM)
    arrays = [rng.standard_normal(shape).astype(np.float32) for _ in range(3)]
    kernel = compiled(case, case.pattern)
    bound, pairs = counts(case, kernel)
    if case.versus == "torch":
        masked = pairs < float(np.prod(case.grid)) ** 2
        other = torch_call(case, arrays, kernel(*arrays, threads=threads), masked)
        bound = 1.0
    else:
        dense = compiled(case, attn.Full())

        def other():
            return dense(*arrays, threads=threads)

    ours, others = interleaved([lambda: kernel(*arrays, threads=threads), other], rounds)
    time_ms = statistics.median(ours)
    ratio = statistics.median(theirs / our for our, theirs in zip(ours, others)) / bound
    return {
        "name": case.name, "heads": case.heads, "versus": case.versus, "bar": case.bar,
        "ms": time_ms, "other_ms": statistics.median(others),
        "gflops": 4 * pairs * case.heads * HEAD_DIM / time_ms / 1e6,
        "ratio": ratio, "bound": bound, "ok": ratio >= FAILS_BELOW * case.bar,
    }  # fmt: skip


def line(row: dict) -> str:
    what = "x PyTorch" if row["versus"] == "torch" else "efficiency"
    verdict = "ok" if row["ratio"] >= row["bar"] else "below"
    return (
        f"{row['name']:27} {row['heads']:2} {row['ms']:9.2f} {row['gflops']:8.1f} "
        f"{row['other_ms']:9.2f} {row['ratio']:7.2f} {what:10} {row['bar']:5.1f}  {verdict}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="attn on the CPU")
    parser.add_argument("--quick", action="store_true", help="3 rounds, fewer heads")
    parser.add_argument("--threads", type=int, default=2, help="of attn and of PyTorch")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (default 9)")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    args = parser.parse_args()
    rounds = args.rounds or (3 if args.quick else 9)
    version = f"torch {torch.__version__}" if torch else "no PyTorch"
    print(f"attn {attn.__version__}, {version}; f32, D = {HEAD_DIM}, {args.threads} threads, "
          f"{rounds} rounds")  # fmt: skip
    print(f"{'work':27} {'H':>2} {'ms':>9} {'GFLOP/s':>8} {'other ms':>9} {'ratio':>7} "
          f"{'of':10} {'bar':>5}")  # fmt: skip
    if torch:
        torch.set_num_threads(args.threads)
    rows = []
    for case in cases(args.quick):
        row = measure(case, rounds, args.threads)
        if row is None:
            print(f"{case.name:27} skipped: no PyTorch to compare with")
            continue
        rows.append(row)
        print(line(row), flush=True)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")
    failed = sum(not row["ok"] for row in rows)
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
