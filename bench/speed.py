#!/usr/bin/env python3
"""Speed on a real card, beside its rivals; needs PyTorch with CUDA.

The rows of a group (`cases.py`) and their rivals (`rivals.py`) run in one process, in a
random order each round, because cards change their clocks with what ran before: a ratio
is the median over rounds of two times of one round. Rates count attended pairs only. Of
decoding the bandwidth of keys and values counts, beside that of a copy. Each output is
compared with attention in f64 on a sample of queries, and with the rivals' in whole.

A rival that is not installed, fails, or computes something else is left out, with the
reason. A bar that is missed is printed; only a wrong output fails.

With --variant kernels of other decisions run beside those of the compiler's own, such as
--variant 'fmha.ping_pong = true' or --variant 'fmha.stages = 3'; a ratio above 1 says
that the compiler's own are faster.

usage: PYTHONPATH=build/python python3 bench/speed.py [--cases GLOB ...] [--rivals NAME,NAME]
       [--variant ATTRIBUTES ...] [--rounds N] [--head-dims] [--family native|mma]
       [--deadline SECONDS] [--json FILE] [--plot FILE.svg]
Last line: N passed, N failed; exits 1 if an output is wrong.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import datetime
import fnmatch
import json
import os
import random
import statistics
import sys
import time
from pathlib import Path

import torch

import measure
from cases import Case, all_cases, document_ids, documents, head_dim_cases, offsets_of
from cases import sampled_problem, tolerated
from measure import milliseconds, short
from numerics import attn
from rivals import COPY_BYTES, RIVALS

from attn.targets import target_of_capability

# Dense bf16 TFLOP/s of the data sheets; a card under its power limit reaches less.
LIMITS = {"H100": 989.0, "H200": 989.0, "A100": 312.0}
# Until the first result of a rival, its compilers included.
MOST_SECONDS = 90.0
# Left for the rounds of a group when the deadline cuts its set-up short.
RESERVE_SECONDS = 20.0
HOST_BAR = 10.0  # microseconds of a warm call from Python
COLORS = {
    "attn": "#1f6feb", "FA4": "#e07b39", "FA2": "#b0b8c1", "cuDNN": "#6aa84f",
    "Flex": "#8e63ce", "Flex FLASH": "#c39be0", "Flex tiled": "#5b3a9e",
    "FA4 sparse": "#f2b27c", "FA4 tiled": "#b3541e",
}  # fmt: skip
OTHER_COLOR = "#d0c9a6"


class Row:
    """A case with its contenders and their samples, one of each for each round."""

    def __init__(self, case: Case):
        self.case = case
        self.runs: dict = {}
        self.samples: dict[str, list[float]] = {}
        self.repeats: dict[str, int] = {}
        self.first: dict[str, float] = {}
        self.graphed: list[str] = []
        self.dropped: dict[str, str] = {}
        self.error, self.problem = float("nan"), ""

    def drop(self, name: str, why: str) -> None:
        print(f"  {self.case.name}: without {name}: {why}", flush=True)
        self.dropped[name] = why
        self.runs.pop(name, None)
        self.samples.pop(name, None)

    def add(self, name: str, run) -> None:
        """Takes a contender that has run before into the rounds."""
        time_of_one = milliseconds(run, 2)
        # What waits for the host would be measured as its time; a graph does not.
        if time_of_one < 1.0 and not self.case.making:
            if measure.host_microseconds(run, 10) > 700 * time_of_one:
                try:
                    run = measure.captured(run)
                    self.graphed.append(name)
                    time_of_one = milliseconds(run, 2)
                except Exception as error:
                    print(f"  {self.case.name}: {name} waits for the host: {short(error)}")
        # About 20 ms a sample: long against the resolution, short against clocks.
        self.repeats[name] = max(1, min(50, int(20 / time_of_one)))
        self.runs[name], self.samples[name] = run, []

    def set_up(self, kernel, variants: dict, names, device, stop: float) -> None:
        """Runs everybody once and compares; problem says if our output is wrong."""
        case = self.case
        q, k, v = case.data(device)
        begin = time.monotonic()
        if isinstance(kernel, Exception):
            raise kernel
        run = making(case, q, k, v) if case.making else lambda: kernel(q, k, v)
        out = run()
        torch.cuda.synchronize()
        self.first["attn"] = time.monotonic() - begin
        self.error, self.problem = sampled_problem(case, out, q, k, v)
        self.add("attn", run)
        for attributes, variant in variants.items():
            self.add_variant(f"attn {attributes}", variant, q, k, v)
        for name in names:
            try:
                if time.monotonic() > stop:
                    raise TimeoutError("the deadline is near")
                begin = time.monotonic()
                with measure.at_most(min(MOST_SECONDS, stop + RESERVE_SECONDS - begin)):
                    run, view = RIVALS[name](case, q, k, v)
                    result = run()
                    torch.cuda.synchronize()
                    self.first[name] = time.monotonic() - begin
                if view is None or self.agrees(name, out, view(result), q, k, v):
                    self.add(name, run)
            except Exception as error:
                self.drop(name, short(error))
        calls = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.first.items())
        print(f"  {case.name}: first calls: {calls}", flush=True)

    def add_variant(self, name: str, kernel, q, k, v) -> None:
        try:
            if isinstance(kernel, Exception):
                raise kernel
            _, problem = sampled_problem(self.case, kernel(q, k, v), q, k, v)
            if problem:
                raise ValueError(problem)
            self.add(name, lambda: kernel(q, k, v))
        except Exception as error:
            self.drop(name, short(error))

    def agrees(self, name: str, out, theirs, q, k, v) -> bool:
        """Whether a rival computes the same. Where it does not, a sample says who errs."""
        out = out.flatten(1, -3)
        if theirs.shape != out.shape:
            self.drop(name, f"gives {tuple(theirs.shape)}, not {tuple(out.shape)}")
            return False
        difference = (out.float() - theirs.float()).abs().max().item()
        if difference <= tolerated(self.case, out):
            return True
        _, problem = sampled_problem(self.case, theirs.reshape(q.shape), q, k, v)
        if problem:
            self.drop(name, f"differs by {difference:.2e}, and has {problem}")
            return False
        self.problem = self.problem or f"differs from {name} by {difference:.2e}"
        return True

    def sample(self, name: str) -> None:
        if name not in self.runs:
            return
        try:
            self.samples[name].append(milliseconds(self.runs[name], self.repeats[name]))
        except Exception as error:
            if name == "attn":
                raise
            self.drop(name, short(error))

    def result(self, dense: Row | None, limit: float | None) -> dict:
        """Medians of the row; ``dense`` is the row that rates are compared with."""
        case, mine = self.case, self.samples["attn"]
        ms = {name: statistics.median(times) for name, times in self.samples.items()}
        rates = {name: case.flops / time / 1e9 for name, time in ms.items() if name != "copy"}
        result = {
            "case": case.name, "group": case.group, "rounds": len(mine), "ms": ms,
            "tflops": rates, "error": self.error, "problem": self.problem,
            "first_call_s": self.first, "graphed": self.graphed, "dropped": self.dropped,
            "of_dense": None, "of_limit": None, "ratio": {}, "spread": {},
        }  # fmt: skip
        if dense is not None and case.dtype == "bf16":
            result["of_dense"] = statistics.median(
                case.flops / a / (dense.case.flops / b) for a, b in zip(mine, dense.samples["attn"])
            )
        if limit and case.dtype == "bf16" and not case.keys:
            result["of_limit"] = rates["attn"] / limit
        for name in self.samples:
            if name != "attn":
                ratios = sorted(b / a for a, b in zip(mine, self.samples[name]))
                result["ratio"][name] = statistics.median(ratios)
                result["spread"][name] = (ratios[0], ratios[-1])
        if case.keys:
            result["gbps"] = case.key_bytes / ms["attn"] / 1e6
        if "copy" in ms:
            result["copy_gbps"] = 2 * COPY_BYTES / ms["copy"] / 1e6
        result["bars"] = bars_of(case, result)
        return result


def bars_of(case: Case, result: dict) -> list[dict]:
    """Each bar of the row beside what was reached; None where nothing was measured."""
    ratio = {
        name: r for name, r in result["ratio"].items()
        if name != "copy" and not name.startswith("attn ")
    }  # fmt: skip
    reached = ratio | {"dense": result["of_dense"], "best": min(ratio.values(), default=None)}
    if "copy" in result["ratio"]:
        # Of times to bandwidths: the copy reads and writes.
        reached["copy"] = result["ratio"]["copy"] * case.key_bytes / (2 * COPY_BYTES)
    return [
        {
            "to": to, "bar": bar, "reached": reached.get(to),
            "met": None if reached.get(to) is None else reached[to] >= bar,
        }
        for to, bar in case.bars.items()
    ]  # fmt: skip


def making(case: Case, q, k, v):
    """The call of a case whose documents are new each time."""
    offsets = offsets_of(case.lengths, q.device)
    return lambda: attn.attention(q, k, v, documents(document_ids(offsets, case.tokens)))


def compiled(cases: list[Case], target: str, device, attributes: str = "") -> list:
    """Kernels, or what was raised instead; many at a time, since assemblers are slow.
    ``attributes``: of attn.attention, decisions that are not left to the compiler."""
    patterns = [case.pattern_on(device) for case in cases]

    def one(case: Case, pattern: attn.Pattern):
        shape = {
            "rank": len(case.grid), "head_dim": case.dim,
            "dtype": "f32" if case.dtype == "tf32" else case.dtype,
            "precision": "tf32" if case.dtype == "tf32" else "high",
        }  # fmt: skip
        try:
            if not attributes:
                return attn.compile(pattern, target, **shape)
            if case.lengths:
                raise ValueError("expected a case without tables for a variant")
            before, after = attn.module(pattern, **shape).split(" layout(heads_last)")
            return attn.compile(f"{before} layout(heads_last) {{{attributes}}}{after}", target)
        except Exception as error:
            return error

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, cases, patterns))


class Bench:
    """The groups one after another; each is shown, and kept, as soon as it is measured."""

    def __init__(self, args, target: str, device, limit: float | None):
        self.args, self.target, self.device, self.limit = args, target, device, limit
        self.begun = time.monotonic()
        self.results: list[dict] = []
        self.yardstick = all_cases()[0]

    def left(self) -> float:
        return self.args.deadline - (time.monotonic() - self.begun)

    def rivals_of(self, case: Case) -> list[str]:
        wanted = self.args.rivals
        return [name for name in case.rivals if wanted is None or name in wanted]

    def set_up(self, cases: list[Case]) -> list[Row]:
        stop = time.monotonic() + self.left() - RESERVE_SECONDS
        begin, rows = time.monotonic(), []
        kernels = compiled(cases, self.target, self.device)
        variants = {a: compiled(cases, self.target, self.device, a) for a in self.args.variant}
        print(f"  {len(kernels)} kernels compiled in {time.monotonic() - begin:.1f} s", flush=True)
        for number, (case, kernel) in enumerate(zip(cases, kernels)):
            row = Row(case)
            rows.append(row)
            helper = case.group != cases[-1].group  # only to compare rates with
            try:
                others = {} if helper else {a: made[number] for a, made in variants.items()}
                names = [] if helper else self.rivals_of(case)
                row.set_up(kernel, others, names, self.device, stop)
            except Exception as error:  # of ours
                row.problem, row.runs, row.samples = short(error), {}, {}
            torch.cuda.empty_cache()
        return rows

    def run(self, cases: list[Case]) -> None:
        """One group."""
        group = cases[0].group
        print(f"\n{group}, {self.args.rounds} rounds at most", flush=True)
        if self.left() < RESERVE_SECONDS:
            print(f"  skipped: {', '.join(c.name for c in cases)}: out of time")
            return
        compared = group in ("dense", "windows", "neighborhoods")
        if compared and cases[0].name != self.yardstick.name:
            cases = [self.yardstick, *cases]
        rows = self.set_up(cases)
        jobs = [(row, name) for row in rows for name in row.runs]
        for number in range(self.args.rounds):
            if number and self.left() < 5:
                print(f"  {number} rounds: out of time")
                break
            random.shuffle(jobs)
            for row, name in jobs:
                row.sample(name)
        dense = rows[0] if compared and rows[0].samples else None
        shown = []
        for row in rows:
            if row.case.group != group:
                continue
            if row.samples:
                shown.append(row.result(dense, self.limit))
            else:
                shown.append({"case": row.case.name, "group": group, "problem": row.problem})
        show(shown)
        self.results += shown


def measured_groups(bench: Bench, cases: list[Case], finish) -> None:
    """Runs the groups; one that breaks the card's context ends the run, not its report."""
    for group in dict.fromkeys(case.group for case in cases):
        chosen = [case for case in cases if case.group == group]
        try:
            bench.run(chosen)
        except Exception as error:
            print(f"FAILED {group}: {short(error)}", flush=True)
            bench.results.append({"case": group, "group": group, "problem": short(error)})
        finish()


def host_time(device) -> dict:
    """Of enqueueing one small warm call, in microseconds."""
    q, k, v = (torch.randn(1, 256, 8, 64, device=device, dtype=torch.bfloat16) for _ in range(3))
    pattern = attn.Causal()
    for _ in range(50):
        attn.attention(q, k, v, pattern)
    best = measure.host_microseconds(lambda: attn.attention(q, k, v, pattern), 200)
    met = best <= HOST_BAR
    print(f"\nhost time of a warm call: {best:.1f} us, bar {HOST_BAR:.0f} us "
          f"{'met' if met else 'missed'}")  # fmt: skip
    return {"us": best, "bar": HOST_BAR, "met": met}


def show(results: list[dict]) -> None:
    print(f"{'':30} {'ms':>8} {'TFLOP/s':>8} {'of dense':>8} {'of limit':>8} {'error':>8}"
          "   x rival (spread); bars")  # fmt: skip
    for r in results:
        if "ms" not in r:
            print(f"{r['case']:30} FAILED: {r['problem']}")
            continue
        text = f"{r['case']:30} {r['ms']['attn']:8.3f} {r['tflops']['attn']:8.1f}"
        for key in ("of_dense", "of_limit"):
            text += f" {r[key]:8.2f}" if r[key] is not None else " " * 9
        parts = [
            f"{name}{' (graph)' if name in r['graphed'] else ''} {ratio:.3f} "
            f"({r['spread'][name][0]:.2f}-{r['spread'][name][1]:.2f})"
            for name, ratio in r["ratio"].items() if name != "copy"
        ]  # fmt: skip
        if "gbps" in r:
            parts.append(f"{r['gbps']:.0f} GB/s, copy {r.get('copy_gbps', 0):.0f}")
        for bar in r["bars"]:
            verdict = {None: "not measured", True: "met", False: "missed"}[bar["met"]]
            reached = "" if bar["reached"] is None else f"{bar['reached']:.3f} of "
            parts.append(f"bar {bar['to']}: {reached}{bar['bar']} {verdict}")
        text += f" {r['error']:8.1e}   {'; '.join(parts)}"
        print(text + (f"  FAILED: {r['problem']}" if r["problem"] else ""), flush=True)


def plot(results: list[dict], card: str, limit: float | None, path: Path) -> None:
    """Bars of TFLOP/s side by side, as SVG."""
    results = [r for r in results if r.get("of_limit") or (r.get("tflops") and not limit)]
    if not results:
        return
    height, left, scale = 18, 220, 0.62
    most = max(limit or 0, max(max(r["tflops"].values()) for r in results))
    parts, y = [], 40
    for r in results:
        parts.append(f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{r["case"]}</text>')
        for name, rate in r["tflops"].items():
            width = rate * scale
            share = f" ({rate / limit:.2f})" if limit else ""
            parts.append(
                f'<rect x="{left}" y="{y}" width="{width:.1f}" height="{height - 4}"'
                f' fill="{COLORS.get(name, OTHER_COLOR)}"/><text x="{left + width + 5:.1f}"'
                f' y="{y + 12}">{name} {rate:.0f}{share}</text>'
            )
            y += height
        y += 8
    if limit:
        x = left + limit * scale
        parts.append(
            f'<line x1="{x}" y1="32" x2="{x}" y2="{y}" stroke="#888" stroke-dasharray="4"/>'
            f'<text x="{x}" y="28" text-anchor="middle">limit {limit:.0f}</text>'
        )
    title = f"TFLOP/s on attended pairs (share of the limit), bf16, {card}"
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + most * scale + 90:.0f}"'
        f' height="{y + 10}" font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="white"/>'
        f'<text x="8" y="16" font-weight="bold">{title}</text>{"".join(parts)}</svg>\n'
    )


def arguments():
    parser = argparse.ArgumentParser(description="attn and its rivals on a real card")
    parser.add_argument("--cases", nargs="+", default=["*"], metavar="GLOB",
                        help="names of rows (default: all)")  # fmt: skip
    parser.add_argument("--rivals", help=f"of {', '.join(RIVALS)} (default: all)")
    parser.add_argument("--variant", action="append", default=[], metavar="ATTRIBUTES",
                        help="kernels with these attributes beside the default ones")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=15, help="at least 5")
    parser.add_argument("--head-dims", action="store_true", help="a row for each, 8 to 256")
    parser.add_argument("--family", choices=("native", "mma"), default="native",
                        help="mma: kernels of mma.sync")  # fmt: skip
    parser.add_argument("--deadline", type=float, default=1e9,
                        help="seconds after which what was measured is all")  # fmt: skip
    parser.add_argument("--json", type=Path, help="write all results to this file")
    parser.add_argument("--plot", type=Path, help="write a picture (SVG) to this file")
    args = parser.parse_args()
    if args.rivals is not None:
        args.rivals = [name.strip() for name in args.rivals.split(",") if name.strip()]
        unknown = [name for name in args.rivals if name not in RIVALS]
        if unknown:
            parser.error(f"expected --rivals to be of {', '.join(RIVALS)}, but got {unknown[0]}")
    args.rounds = max(5, args.rounds)
    return args


def chosen_cases(args) -> list[Case]:
    found = all_cases() + (head_dim_cases() if args.head_dims else [])
    found = [c for c in found if any(fnmatch.fnmatch(c.name, glob) for glob in args.cases)]
    if args.family == "native":
        return found
    # Calls from Python compile for the card's own family, and bars are meant for it.
    return [dataclasses.replace(c, bars={}) for c in found if not c.making]


def main() -> int:
    args = arguments()
    if not torch.cuda.is_available():
        print("expected a CUDA card, but got none\n0 passed, 1 failed")
        return 1
    device = torch.device("cuda", torch.cuda.current_device())
    card = torch.cuda.get_device_name(device)
    target = target_of_capability(*torch.cuda.get_device_capability(device))
    if args.family == "mma" and target.rstrip("a") in attn.targets():
        target = target.rstrip("a")
    limit = next((value for name, value in LIMITS.items() if name in card), None)
    report = {
        "date": datetime.date.today().isoformat(), "card": card, "target": target,
        "attn": attn.__version__, "family": args.family, "state": measure.card_state(device.index),
        "versions": {p: measure.version(p) for p in ("torch", "flash-attn-4", "triton")},
    }  # fmt: skip
    print("\n".join(f"{key}: {value}" for key, value in report.items()), flush=True)
    clocks = measure.Clocks(device.index)
    bench = Bench(args, target, device, limit)

    def keep() -> None:
        report["rows"] = bench.results
        if args.json:
            args.json.write_text(json.dumps(report, indent=1) + "\n")

    measured_groups(bench, chosen_cases(args), keep)
    try:
        report["host"] = host_time(device)
    except Exception as error:
        bench.results.append({"case": "host time", "group": "host", "problem": short(error)})
    report["clocks"] = clocks.end()
    print(f"while busy: {report['clocks']}; {time.monotonic() - bench.begun:.0f} s in all")
    keep()
    if args.plot:
        plot(bench.results, card, limit, args.plot)
    missed = [r["case"] for r in bench.results for b in r.get("bars", ()) if b["met"] is False]
    print(f"bars missed: {', '.join(missed) or 'none'}")
    failed = sum(1 for r in bench.results if r["problem"])
    print(f"{len(bench.results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
