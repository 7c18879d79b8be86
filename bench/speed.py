#!/usr/bin/env python3
"""Speed on a real card, beside its rivals; needs PyTorch with CUDA.

All rows and rivals run in one process, in a random order each round, because cards
change their clocks with what ran before: a ratio is the median over rounds of two times
of one round. Rates count attended pairs only. Rivals: PyTorch's FLASH_ATTENTION, which
is FlashAttention-2, and FlashAttention-4 where `flash_attn.cute` can be imported. Each
output is compared with the rival's, or with attention in f32 on a sample of queries.

usage: PYTHONPATH=build/python python3 bench/speed.py [--cases GLOB] [--rounds N]
       [--json FILE] [--plot FILE.svg]
Last line: N passed, N failed; exits 1 if an output is wrong.
"""

from __future__ import annotations

import argparse
import dataclasses
import fnmatch
import json
import random
import statistics
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
if "attn" not in sys.modules and (ROOT / "build" / "python").is_dir():
    sys.path.append(str(ROOT / "build" / "python"))

import attn  # noqa: E402
from card import milliseconds, neighborhood_axis  # noqa: E402
from attn.targets import target_of_capability  # noqa: E402

try:
    import flash_attn.cute as flash4
except Exception:  # not installed, or not for this card
    flash4 = None

# Dense bf16 TFLOP/s of the data sheets; a card under its power limit reaches less.
LIMITS = {"H100": 989.0, "H200": 989.0, "A100": 312.0}


@dataclasses.dataclass
class Case:
    """``pairs``: attended ones of a head; ``peer``: what rivals need, else they have none;
    ``window``: of each axis its window, stride and whether it is causal."""

    name: str
    grid: tuple[int, ...]
    heads: int
    batch: int
    pattern: attn.Pattern
    pairs: float
    dim: int = 128
    peer: dict | None = None
    window: tuple = ()

    @property
    def flops(self) -> float:
        return 4.0 * self.batch * self.heads * self.pairs * self.dim

    def axes(self) -> tuple:
        """Windows that say the same where there are none: of the whole axis."""
        if self.window:
            return self.window
        (n,) = self.grid
        return ((self.peer.get("window", n - 1) + 1, 1, self.peer.get("causal", False)),)


def near(name, grid, heads, window, stride=1, causal=False) -> Case:
    pattern = attn.Neighborhood(window, stride, causal=causal)
    keys = float(np.prod(window))
    if causal:  # along the first axis: each query sees what its window has of the past
        keys = keys / window[0] * np.mean([min(i + 1, window[0]) for i in range(grid[0])])
    rank = len(grid)
    per_axis = [x if isinstance(x, tuple) else (x,) * rank for x in (window, stride, causal)]
    pairs = float(np.prod(grid)) * keys
    return Case(name, grid, heads, 1, pattern, pairs, window=tuple(zip(*per_axis)))


def window_case(name, tokens, batch, keys) -> Case:
    pairs = tokens * keys - keys * (keys - 1) / 2
    pattern = attn.SlidingWindow(keys - 1)
    peer = {"causal": True, "window": keys - 1}
    return Case(name, (tokens,), 16, batch, pattern, pairs, peer=peer)


def cases() -> list[Case]:
    n = 8192
    hunyuan = ((30, 48, 80), 24, (18, 24, 24))
    flux = ((256, 256), 24, (80, 80))
    causal = n * (n + 1) / 2
    return [
        Case("dense", (n,), 16, 2, attn.Full(), n * n, peer={}),
        Case("causal", (n,), 16, 2, attn.Causal(), causal, peer={"causal": True}),
        Case("dense, D 64", (n,), 32, 2, attn.Full(), n * n, 64, {}),
        Case("dense, D 192", (n,), 8, 2, attn.Full(), n * n, 192, {}),
        Case("dense, D 256", (n,), 8, 2, attn.Full(), n * n, 256, {}),
        window_case("window 1024 of 8192", n, 2, 1024),
        window_case("window 1024 of 32768", 4 * n, 1, 1024),
        near("1-D 32768, w 2048", (4 * n,), 16, (2048,)),
        near("2-D 128x128, w 31", (128, 128), 16, (31, 31)),
        near("FLUX, w 80", *flux),
        near("FLUX, w 80, stride 16", *flux, (16, 16)),
        near("Hunyuan", *hunyuan),
        near("Hunyuan, stride 16,8,8", *hunyuan, (16, 8, 8)),
        near("Hunyuan, causal in time", *hunyuan, causal=(True, False, False)),
        near("Cosmos, stride 1,8,16", (16, 44, 80), 32, (16, 32, 48), (1, 8, 16)),
    ]


def flash2_of(case: Case, q, k, v):
    """PyTorch's FLASH_ATTENTION, or None where it computes something else."""
    if case.peer is None or "window" in case.peer:
        return None
    heads_first = [x.transpose(1, 2) for x in (q, k, v)]
    sdpa = torch.nn.functional.scaled_dot_product_attention
    return lambda: sdpa(*heads_first, is_causal=case.peer.get("causal", False)).transpose(1, 2)


def flash4_of(case: Case, q, k, v):
    if case.peer is None or flash4 is None:
        return None
    window = (case.peer["window"], 0) if "window" in case.peer else (None, None)
    causal = case.peer.get("causal", False)
    return lambda: flash4.flash_attn_func(q, k, v, causal=causal, window_size=window)[0]


def sampled_error(case: Case, out, q, k, v) -> float:
    """Largest difference from attention in f32 of a few queries of head 0."""
    queries = random.Random(1).sample(range(int(np.prod(case.grid))), 24)
    places = np.unravel_index(queries, case.grid)
    mask = torch.ones(len(queries), 1, dtype=torch.bool, device=q.device)
    for n, place, (window, stride, causal) in zip(case.grid, places, case.axes()):
        axis = neighborhood_axis(n, window, stride, 1, causal, q.device)[list(place)]
        mask = (mask[:, :, None] & axis[:, None, :]).flatten(1)
    flat = [x[0, ..., 0, :].reshape(-1, case.dim).float() for x in (q, k, v, out)]
    scores = flat[0][queries] @ flat[1].T * case.dim**-0.5
    weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)
    return (weights @ flat[2] - flat[3][queries]).abs().max().item()


class Row:
    """A case with its contenders and their samples."""

    def __init__(self, case: Case, device):
        self.case = case
        shape = (case.batch, *case.grid, case.heads, case.dim)
        q, k, v = (torch.randn(shape, device=device, dtype=torch.bfloat16) for _ in range(3))
        self.contenders = {
            "attn": lambda: attn.attention(q, k, v, case.pattern),
            "FA2": flash2_of(case, q, k, v),
            "FA4": flash4_of(case, q, k, v),
        }
        self.contenders = {name: f for name, f in self.contenders.items() if f is not None}
        self.samples: dict[str, list[float]] = {name: [] for name in self.contenders}
        out = self.contenders["attn"]()
        peers = [self.contenders[name]() for name in self.contenders if name != "attn"]
        if peers:
            self.error = max((out.float() - peer.float()).abs().max().item() for peer in peers)
        else:
            self.error = sampled_error(case, out, q, k, v)
        # Both sides round to bf16: half a unit of outputs up to 4 each.
        self.problem = "" if self.error <= 2e-2 else f"differs by {self.error:.2e}"
        # About 20 ms a sample: long against the resolution, short against clocks.
        self.repeats = {
            name: max(1, min(30, int(20 / milliseconds(f, 2)))) for name, f in self.contenders.items()
        }

    def sample(self, name: str) -> None:
        self.samples[name].append(milliseconds(self.contenders[name], self.repeats[name]))

    def result(self, dense: Row, limit: float | None) -> dict:
        """Medians of the row; ``dense`` is the row that rates are compared with."""
        ms = {name: statistics.median(times) for name, times in self.samples.items()}
        rates = {name: self.case.flops / time / 1e9 for name, time in ms.items()}
        mine = self.samples["attn"]
        result = {
            "case": self.case.name, "ms": ms, "tflops": rates, "error": self.error,
            "problem": self.problem,
            "of_dense": statistics.median(
                self.case.flops / a / (dense.case.flops / b)
                for a, b in zip(mine, dense.samples["attn"])
            ),
            "of_limit": rates["attn"] / limit if limit else None,
            "ratio": {}, "spread": {},
        }  # fmt: skip
        for name in self.samples:
            if name != "attn":
                ratios = sorted(b / a for a, b in zip(mine, self.samples[name]))
                result["ratio"][name] = statistics.median(ratios)
                result["spread"][name] = (ratios[0], ratios[-1])
        return result


def show(results: list[dict]) -> None:
    print(f"{'bf16':26} {'ms':>8} {'TFLOP/s':>8} {'of dense':>8} {'of limit':>8}", end="")
    print(f" {'vs FA2':>8} {'vs FA4':>8} {'(spread)':>13} {'error':>8}")
    for r in results:
        line = f"{r['case']:26} {r['ms']['attn']:8.3f} {r['tflops']['attn']:8.1f}"
        line += f" {r['of_dense']:8.2f} "
        line += f"{r['of_limit']:8.2f}" if r["of_limit"] else " " * 8
        for name in ("FA2", "FA4"):
            line += f" {r['ratio'][name]:8.3f}" if name in r["ratio"] else " " * 9
        spread = r["spread"].get("FA4")
        line += f"   {spread[0]:.2f} - {spread[1]:.2f}" if spread else " " * 14
        print(f"{line} {r['error']:8.1e}" + (f"  FAILED: {r['problem']}" if r["problem"] else ""))


def plot(results: list[dict], card: str, limit: float | None, path: Path) -> None:
    """Bars of TFLOP/s side by side, as SVG."""
    colors = {"attn": "#1f6feb", "FA2": "#b0b8c1", "FA4": "#e07b39"}
    height, left, scale = 18, 190, 0.62
    most = max(limit or 0, max(max(r["tflops"].values()) for r in results))
    parts, y = [], 40
    for r in results:
        parts.append(f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{r["case"]}</text>')
        for name, rate in r["tflops"].items():
            width = rate * scale
            parts.append(
                f'<rect x="{left}" y="{y}" width="{width:.1f}" height="{height - 4}"'
                f' fill="{colors[name]}"/><text x="{left + width + 5:.1f}" y="{y + 12}">'
                f"{name} {rate:.0f}</text>"
            )
            y += height
        y += 8
    if limit:
        x = left + limit * scale
        parts.append(
            f'<line x1="{x}" y1="32" x2="{x}" y2="{y}" stroke="#888" stroke-dasharray="4"/>'
            f'<text x="{x}" y="28" text-anchor="middle">limit {limit:.0f}</text>'
        )
    title = f'<text x="8" y="16" font-weight="bold">TFLOP/s on attended pairs, bf16, {card}</text>'
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + most * scale + 90:.0f}"'
        f' height="{y + 10}" font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="white"/>{title}{"".join(parts)}</svg>\n'
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="attn and its rivals on a real card")
    parser.add_argument("--cases", default="*", help="names of rows, a glob (default: all)")
    parser.add_argument("--rounds", type=int, default=9, help="at least 5")
    parser.add_argument("--json", type=Path, help="write all results to this file")
    parser.add_argument("--plot", type=Path, help="write a picture (SVG) to this file")
    args = parser.parse_args()
    if not torch.cuda.is_available():
        print("expected a CUDA card, but got none\n0 passed, 1 failed")
        return 1
    from torch.nn.attention import SDPBackend, sdpa_kernel

    device = torch.device("cuda", torch.cuda.current_device())
    card = torch.cuda.get_device_name(device)
    target = target_of_capability(*torch.cuda.get_device_capability(device))
    limit = next((value for name, value in LIMITS.items() if name in card), None)
    print(f"attn {attn.__version__} for {target} on {card}, torch {torch.__version__}")
    wanted = cases()
    chosen = [c for i, c in enumerate(wanted) if i == 0 or fnmatch.fnmatch(c.name, args.cases)]
    with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        rows = [Row(case, device) for case in chosen]
        jobs = [(row, name) for row in rows for name in row.contenders]
        for _ in range(max(5, args.rounds)):
            random.shuffle(jobs)
            for row, name in jobs:
                row.sample(name)
    results = [row.result(rows[0], limit) for row in rows]
    show(results)
    if args.json:
        report = {"card": card, "torch": torch.__version__, "rows": results}
        args.json.write_text(json.dumps(report, indent=1) + "\n")
    if args.plot:
        plot(results, card, limit, args.plot)
    failed = sum(1 for r in results if r["problem"])
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
