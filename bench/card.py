#!/usr/bin/env python3
"""Correctness and speed on a real card; needs PyTorch with CUDA.

Part 1: random configurations against attention in f64 on the same card, of every
type, head dimension and alignment, with keys whole and in shares, and with the heads
of few queries packed. Each must be the same in a second run, within its type's
tolerance, and within twice the error that PyTorch's own attention makes in that type
with the same mask; of f32, PyTorch's matrix products with or without tf32.
Part 2: times, each beside PyTorch's FLASH_ATTENTION where that computes the
same: median of interleaved rounds, so that clock changes hit both alike. Of decoding
the bandwidth of keys and values, beside that of a copy in the same rounds.

usage: PYTHONPATH=build/python python3 bench/card.py [--quick] [--configs N]
       [--seed N] [--jobs N] [--no-timing] [--json FILE]
Last line: N passed, N failed; exits 1 if anything failed.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import json
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "test" / "Numerics"))
if "attn" not in sys.modules and (ROOT / "build" / "python").is_dir():
    sys.path.append(str(ROOT / "build" / "python"))

import attn  # noqa: E402
import configs  # noqa: E402
from attn.targets import target_of_capability  # noqa: E402

# "tf32" is f32 with one product of tf32 for each; "f32" has three.
DTYPES = {
    "f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32, "tf32": torch.float32,
}  # fmt: skip
# Absolute, on N(0, 1) data and scores. Of tf32 the worst of 1e8 outputs: values above 4
# alone are rounded by up to 2e-3; the usual error is a tenth of that.
TOLERANCE = {"f16": 4e-3, "bf16": 3e-2, "f32": 2e-5, "tf32": 4e-3}
LSE_TOLERANCE = {"f16": 2e-3, "bf16": 2e-3, "f32": 2e-5, "tf32": 5e-3}
# Rounding the exact result alone may cost this much, relative: half a unit.
HALF_UNIT = {"f16": 2.0**-11, "bf16": 2.0**-8, "f32": 2.0**-24, "tf32": 2.0**-12}
# Below, an error is fine whatever PyTorch's is: three products of tf32 lack the last
# two bits of f32.
ENOUGH = {"f16": 0.0, "bf16": 0.0, "f32": 1e-5, "tf32": 1e-4}
# How tensors lie in memory: a pointer or strides of whole elements, not of 16 bytes.
VIEWS = ("aligned", "aligned", "aligned", "aligned", "pointer", "stride")
# Parts of the keys of a query tile; 0: what the launcher chooses. Each but 1 may bring
# a variant of the kernel, which is compiled at its first call.
SHARES = (1, 0, 1, 3, 1)


# --- Masks and references on the card ----------------------------------------
# The same definitions as test/Numerics/reference.py, for whole axes at once;
# `check_masks` compares the two before anything relies on this one.


def neighborhood_axis(n, window, stride, dilation, causal, device):
    """(n, n) booleans: query row, key column."""
    x = torch.arange(n, device=device)
    group, i = x % dilation, x // dilation
    length = (n - group + dilation - 1) // dilation
    if causal:
        leader = torch.minimum((i // stride) * stride + stride - 1, length - 1)
        start = (leader - (window - 1)).clamp(min=0)
        end = i + 1
    else:
        leader = torch.minimum((i // stride) * stride + stride // 2, length - 1)
        start = torch.minimum((leader - window // 2).clamp(min=0), length - window)
        end = start + window
    same = group[:, None] == group[None, :]
    return same & (i[None, :] >= start[:, None]) & (i[None, :] < end[:, None])


def band_axis(n_q, n_k, lower, upper, align, device):
    shift = n_k - n_q if align == "bottom_right" else 0
    rows, columns = torch.arange(n_q, device=device), torch.arange(n_k, device=device)
    distance = columns[None, :] - rows[:, None] - shift
    mask = torch.ones_like(distance, dtype=torch.bool)
    if lower is not None:
        mask &= distance >= lower
    if upper is not None:
        mask &= distance <= upper
    return mask


def combine(axes):
    mask = axes[0]
    for axis in axes[1:]:
        mask = (mask[:, None, :, None] & axis[None, :, None, :]).flatten(2).flatten(0, 1)
    return mask


def mask_of(config: configs.Config, device) -> torch.Tensor:
    """(queries, keys) of a configuration."""
    total = None
    if config.neighbors:
        entries = zip(config.grid, *dataclasses.astuple(config.neighbors))
        total = combine([neighborhood_axis(*entry, device) for entry in entries])
    if config.range:
        r = config.range
        axes = [
            band_axis(q, k, r.lower, r.upper, r.align, device)
            if axis == r.axis
            else torch.ones(q, k, dtype=torch.bool, device=device)
            for axis, (q, k) in enumerate(zip(config.grid, config.key_grid))
        ]
        total = combine(axes) if total is None else total & combine(axes)
    return total


def check_masks(device) -> None:
    small = configs.Preset(120, 1, 1, (64,), (0,))
    for seed in range(60):
        config = configs.random_config(seed, small)
        ours = mask_of(config, device).cpu().numpy()
        assert (ours == config.mask()).all(), f"masks differ for {config}"


def flat(tensor, heads):
    """heads_last (B, *grid, H, D) to (B, heads, tokens, D), heads repeated."""
    tensor = tensor.flatten(1, -3).transpose(1, 2)
    return tensor.repeat_interleave(heads // tensor.shape[1], dim=1)


def to_tf32(x):
    """Rounded to 10 bits of mantissa, ties away from zero."""
    return ((x.view(torch.int32) + 0x1000) & ~0x1FFF).view(torch.float32)


def torch_attention(q, k, v, mask, scale, dtype):
    """What PyTorch computes in ``dtype``: of 16 bits its own attention; of f32 the
    products themselves, since only for those it is said what tf32 does to them. For
    tf32 the factors are rounded here: cuBLAS is free not to."""
    if dtype in ("f16", "bf16"):
        return torch.nn.functional.scaled_dot_product_attention(
            q[None], k[None], v[None], attn_mask=mask, scale=scale
        )[0]
    rounded = to_tf32 if dtype == "tf32" else torch.Tensor.contiguous
    q, k, v = (rounded(x.contiguous()) for x in (q, k, v))
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = dtype == "tf32"
    try:
        scores = (q @ k.transpose(1, 2)) * scale
        return rounded(torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)) @ v
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before


def reference(q, k, v, mask, scale, dtype):
    """(out, lse, torch's own error) of (B, H, tokens, D) tensors, in f64. One
    batch at a time: scores of all would not fit."""
    outs, lses, worst = [], [], 0.0
    seen = mask.any(dim=1)
    for b in range(q.shape[0]):
        scores = (q[b].double() @ k[b].double().transpose(1, 2)) * scale
        scores.masked_fill_(~mask, -torch.inf)
        lse = torch.logsumexp(scores, dim=-1)
        scores = torch.exp(scores - torch.where(seen, lse, 0.0)[..., None])
        out = scores @ v[b].double()
        theirs = torch_attention(q[b], k[b], v[b], mask, scale, dtype)
        # What they make of rows without keys is their business.
        error = torch.where(seen[:, None], (theirs.double() - out).abs(), 0.0)
        worst = max(worst, error.max().item())
        outs.append(out)
        lses.append(lse)
    return torch.stack(outs), torch.stack(lses), worst


# --- Part 1: random configurations -------------------------------------------


@dataclasses.dataclass
class Outcome:
    config: configs.Config
    dtype: str
    view: str
    shares: int
    kernel: attn.Kernel | None = None
    problem: str = ""
    error: float = 0.0
    torch_error: float = 0.0
    lse_error: float = 0.0


def compile_one(
    config: configs.Config, dtype: str, view: str, shares: int, target: str
) -> Outcome:
    outcome = Outcome(config, dtype, view, shares)
    try:
        outcome.kernel = attn.compile(
            config.pattern, target, rank=len(config.grid), head_dim=config.head_dim,
            value_dim=config.value_dim, layout=config.layout, return_lse=config.return_lse,
            dtype="f32" if dtype == "tf32" else dtype,
            precision="tf32" if dtype == "tf32" else "high",
        )  # fmt: skip
    except attn.AttnError as error:
        outcome.problem = f"does not compile: {error}"
    return outcome


def viewed(tensor, view: str):
    """The same values at an address, or with strides, as ``view`` says."""
    if view == "pointer":
        memory = tensor.new_empty(tensor.numel() + 1)
        return memory[1:].view(tensor.shape).copy_(tensor)
    if view == "stride":
        memory = tensor.new_empty((*tensor.shape[:-1], tensor.shape[-1] + 1))
        return memory[..., :-1].copy_(tensor)
    return tensor


def run_one(outcome: Outcome, device) -> None:
    """Fills in the errors of one configuration, and the problem if any."""
    config, dtype = outcome.config, outcome.dtype
    generator = torch.Generator(device).manual_seed(config.seed)
    data = [
        torch.randn(shape, generator=generator, device=device, dtype=DTYPES[dtype])
        for shape in config.shapes()
    ]
    first = config.layout == "heads_first"
    views = [viewed(x, outcome.view) for x in data]
    inputs = [x.movedim(-2, 1) if first else x for x in views]
    result, again = (
        outcome.kernel(*inputs, scale=config.effective_scale, shares=outcome.shares)
        for _ in range(2)
    )
    out, lse = result if config.return_lse else (result, None)
    if not torch.equal(out, again[0] if config.return_lse else again):
        outcome.problem = "other bits in a second run"
        return
    if first:
        out = out.movedim(1, -2)
        lse = None if lse is None else lse.movedim(1, -1)
    out = flat(out, config.heads).double()

    mask = mask_of(config, device)
    q, k, v = (flat(x, config.heads) for x in data)
    expected, expected_lse, outcome.torch_error = reference(
        q, k, v, mask, config.effective_scale, dtype
    )
    outcome.error = (out - expected).abs().max().item()
    # Rounded elements of f32 err in proportion to the scores; those of 16 bits do not.
    spread = config.effective_scale * config.head_dim**0.5 if "32" in dtype else 1.0
    tolerance, lse_tolerance = (
        max(1.0, spread) * limit[dtype] for limit in (TOLERANCE, LSE_TOLERANCE)
    )
    bound = max(2 * outcome.torch_error, HALF_UNIT[dtype] * expected.abs().max().item())
    bound = max(bound, ENOUGH[dtype] * max(1.0, spread))
    if not outcome.error <= tolerance:  # also catches NaN
        outcome.problem = f"error {outcome.error:.2e} above {tolerance:.0e}"
    elif not outcome.error <= bound:
        outcome.problem = f"error {outcome.error:.2e} above {bound:.2e}, twice torch's"
    if lse is not None:
        lse = lse.flatten(1, -2).transpose(1, 2).double()
        # Infinities of empty rows must agree: their difference is no number.
        same = lse == expected_lse
        outcome.lse_error = torch.where(same, 0.0, (lse - expected_lse).abs()).max().item()
        if not outcome.lse_error <= lse_tolerance:
            outcome.problem = f"lse error {outcome.lse_error:.2e} above {lse_tolerance:.0e}"


def correctness(args, target: str, device) -> list[Outcome]:
    preset = configs.CARD
    names = tuple(DTYPES)
    drawn = [configs.random_config(args.seed + i, preset) for i in range(args.configs)]
    drawn += [configs.short_config(args.seed + i, preset) for i in range(args.configs // 5)]
    jobs = [
        (
            config,
            names[i % len(names)],
            VIEWS[i // len(names) % len(VIEWS)],
            SHARES[i % len(SHARES)],
        )
        for i, config in enumerate(drawn)
    ]
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        outcomes = list(pool.map(lambda job: compile_one(*job, target), jobs))
    print(f"{len(jobs)} kernels compiled in {time.monotonic() - begin:.0f} s on {args.jobs} threads")
    for number, outcome in enumerate(outcomes, 1):
        if outcome.kernel is not None:
            try:
                run_one(outcome, device)
            except attn.AttnError as error:
                outcome.problem = f"does not run: {error}"
        if outcome.problem:
            print(
                f"FAILED {outcome.dtype} {outcome.view} {outcome.shares} shares "
                f"{outcome.config}: {outcome.problem}",
                flush=True,
            )
        if number % 50 == 0:
            print(f"{number} of {len(outcomes)}", flush=True)
    for dtype in DTYPES:
        ran = [o for o in outcomes if o.dtype == dtype and o.kernel is not None]
        if ran:
            print(
                f"{dtype}: largest error {max(o.error for o in ran):.2e} "
                f"(torch {max(o.torch_error for o in ran):.2e}), "
                f"lse {max(o.lse_error for o in ran):.2e}"
            )
    return outcomes


# --- Part 2: decoding -----------------------------------------------------------


def milliseconds(function, repeats: int) -> float:
    """Mean over ``repeats`` back-to-back calls, by events on the stream."""
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    for _ in range(repeats):
        function()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) / repeats


def medians_of(contenders: dict, rounds: int) -> dict[str, float]:
    """Median milliseconds of each, with FLASH_ATTENTION as PyTorch's."""
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        for function in contenders.values():  # compiles, warms up
            milliseconds(function, 2)
        # About 30 ms a sample: long against the resolution, short against clocks.
        repeats = {
            name: max(1, min(20, int(30 / milliseconds(function, 1))))
            for name, function in contenders.items()
        }
        for _ in range(rounds):
            for name, function in contenders.items():
                samples[name].append(milliseconds(function, repeats[name]))
    return {name: statistics.median(times) for name, times in samples.items()}


# One query on the keys so far, of a model with grouped heads: batch, keys, heads, key heads.
DECODE = (8, 32768, 32, 8)


def decode_problem(out, q, k, v) -> str:
    """Against f64, batch entry 0; all heads first. An error of half a unit is rounding."""
    group = q.shape[1] // k.shape[1]
    keys, values = (x[0].double().repeat_interleave(group, dim=0) for x in (k, v))
    weights = torch.softmax(q[0].double() @ keys.transpose(1, 2) * q.shape[-1] ** -0.5, dim=-1)
    expected = weights @ values
    error = (out[0].double() - expected).abs().max().item()
    # Weights are rounded to bf16 before their product: as much again, at most.
    bound = 2 * HALF_UNIT["bf16"] * expected.abs().max().item()
    return "" if error <= bound else f"error {error:.2e} above {bound:.2e}"


def time_decode(layout: str, rounds: int, target: str, device) -> dict:
    """A row of the table of decoding, whose problem is "" if there is none."""
    batch, keys, heads, kv_heads = DECODE
    first = layout == "heads_first"
    shapes = [(batch, 1, heads, 128), *[(batch, keys, kv_heads, 128)] * 2]
    if first:
        shapes = [(b, h, n, d) for b, n, h, d in shapes]
    q, k, v = (torch.randn(s, device=device, dtype=torch.bfloat16) for s in shapes)
    peers = [x if first else x.transpose(1, 2) for x in (q, k, v)]
    kernel = attn.compile(attn.Full(), target, head_dim=128, dtype="bf16", layout=layout)
    memory = torch.empty(2**29, device=device, dtype=torch.bfloat16)  # 1 GiB
    target_memory = torch.empty_like(memory)
    contenders = {
        "attn": lambda: kernel(q, k, v),
        "copy": lambda: target_memory.copy_(memory),
        "flash": lambda: torch.nn.functional.scaled_dot_product_attention(
            *peers, enable_gqa=True
        ),
    }
    medians = medians_of(contenders, rounds)
    out = kernel(q, k, v)
    row = {
        "case": f"decode 1 x {keys}, {layout}", "heads": heads, "batch": batch,
        "problem": decode_problem(out if first else out.transpose(1, 2), *peers),
        "ms": medians["attn"], "flash_ms": medians["flash"],
        "vs_flash": medians["flash"] / medians["attn"],
        "gbps": 2 * k.numel() * k.element_size() / medians["attn"] / 1e6,
        "copy_gbps": 2 * memory.numel() * memory.element_size() / medians["copy"] / 1e6,
        "shares": [v["shares"] for v in kernel.variants],
    }  # fmt: skip
    row["of_copy"] = row["gbps"] / row["copy_gbps"]
    return row


def decoding(args, target: str, device) -> list[dict]:
    """Prints the table of decoding; bytes are those of keys and values, once a key head."""
    rows = []
    print(f"\n{'decoding, bf16, D 128':30} {'ms':>9} {'GB/s':>8} {'copy':>8}", end="")
    print(f" {'of copy':>8} {'flash ms':>9} {'vs flash':>8} {'shares':>8}")
    for layout in ("heads_last", "heads_first"):
        try:
            row = time_decode(layout, args.rounds, target, device)
        except (attn.AttnError, RuntimeError) as error:  # of memory, or no such backend
            row = {"case": f"decode {layout}", "problem": str(error)}
        rows.append(row)
        if "ms" in row:
            line = f"{row['case']:30} {row['ms']:9.3f} {row['gbps']:8.0f} {row['copy_gbps']:8.0f}"
            line += f" {row['of_copy']:8.3f} {row['flash_ms']:9.3f} {row['vs_flash']:8.2f}"
            print(line + f" {row['shares']!s:>8}", flush=True)
        if row["problem"]:
            print(f"FAILED {row['case']}: {row['problem']}")
        torch.cuda.empty_cache()
    return rows


def arguments():
    parser = argparse.ArgumentParser(description="attn on a real card")
    parser.add_argument("--quick", action="store_true", help="60 configurations")
    parser.add_argument("--configs", type=int, help="random configurations (default 300)")
    parser.add_argument("--seed", type=int, default=0, help="of the first configuration")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="compiling threads")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds, at least 5")
    parser.add_argument("--no-timing", action="store_true")
    parser.add_argument("--json", type=Path, help="write all results to this file")
    args = parser.parse_args()
    if args.configs is None:
        args.configs = 60 if args.quick else 300
    args.rounds = max(5, args.rounds)
    return args


def main() -> int:
    args = arguments()
    if not torch.cuda.is_available():
        print("expected a CUDA card, but got none\n0 passed, 1 failed")
        return 1
    device = torch.device("cuda", torch.cuda.current_device())
    target = target_of_capability(*torch.cuda.get_device_capability(device))
    card = torch.cuda.get_device_name(device)
    print(f"attn {attn.__version__} for {target} on {card}, torch {torch.__version__}")
    check_masks(device)
    outcomes = correctness(args, target, device)
    rows = [] if args.no_timing else decoding(args, target, device)
    if args.json:
        report = {
            "attn": attn.__version__, "target": target, "card": card,
            "torch": torch.__version__, "seed": args.seed, "timing": rows,
            "numerics": [
                {k: v for k, v in vars(o).items() if k not in ("kernel", "config")}
                | {"config": dataclasses.asdict(o.config)}
                for o in outcomes
            ],
        }  # fmt: skip
        args.json.write_text(json.dumps(report, indent=1) + "\n")
    problems = [o.problem for o in outcomes] + [row["problem"] for row in rows]
    failed = sum(1 for problem in problems if problem)
    print(f"{len(problems) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
