#!/usr/bin/env python3
"""Correctness on a real card; needs PyTorch with CUDA.

Random configurations against attention in f64 on the same card (`numerics.py` says what
is asked of each), of every type, head dimension and alignment, with keys whole and in
shares, and with the heads of few queries packed; many processes share the card.
--special adds what those do not meet: sizes beyond 2^31, streams, graphs, hostile values
(`special.py`), for each family of instructions that the card has. --sanitize runs small
configurations under compute-sanitizer's memcheck and racecheck.

usage: PYTHONPATH=build/python python3 bench/card.py [--configs N] [--quick] [--seed N]
       [--workers N] [--deadline SECONDS] [--family native|mma] [--special] [--sanitize]
       [--json FILE]
Last line: N passed, N failed; exits 1 if anything failed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

import numerics
import shards
import special
from numerics import attn
from attn.targets import target_of_capability

# Of one run under a tool; it takes more than half of it to begin.
SANITIZER_SECONDS = 180
SANITIZED_CONFIGS = 12


def family_targets(device) -> dict[str, str]:
    """Targets by family: the card's own, and the one of mma.sync if that is another."""
    native = target_of_capability(*torch.cuda.get_device_capability(device))
    plain = native.rstrip("a")
    mma = plain if plain != native and plain in attn.targets() else None
    return {"native": native} | ({"mma": mma} if mma else {})


class Tally:
    """Hears of results, prints failures at once and progress now and then."""

    def __init__(self, names: list[str], every: int):
        self.names, self.every = names, every
        self.results: dict[int, dict] = {}
        self.begun = time.monotonic()

    def __call__(self, number: int, result: dict) -> None:
        self.results[number] = result
        if result["problem"]:
            where = result.get("config", "")
            print(f"FAILED {self.names[number]}: {result['problem']} {where}".rstrip(), flush=True)
        done, seconds = len(self.results), time.monotonic() - self.begun
        if done % self.every == 0:
            failed = sum(1 for r in self.results.values() if r["problem"])
            print(f"{done} of {len(self.names)} in {seconds:.0f} s, {failed} failed", flush=True)


def random_part(args, target: str, device: str, stop: float) -> Tally:
    """As many of the configurations as can be begun before ``stop``."""
    jobs = numerics.jobs_of(args.configs, args.seed)
    names = [f"{j.kind} seed {j.seed} {j.dtype} {j.view} {j.shares} shares" for j in jobs]
    tally = Tally(names, every=12 if args.tiny else 100)
    context = {
        "device": device, "target": target, "preset": "tiny" if args.tiny else "card",
        "check_on": "cpu" if args.tiny else device,
    }  # fmt: skip
    if args.workers > 0:
        pool = shards.Shards(numerics.evaluate, context, jobs, args.workers, tally, stop)
        pool.run()
    else:
        for number, job in enumerate(jobs):
            if time.monotonic() < stop:
                tally(number, numerics.evaluate(job, context))
    for dtype in numerics.DTYPES:
        ran = [r for r in tally.results.values() if r.get("dtype") == dtype]
        if ran:
            error, torchs, lse = (
                max(r[key] for r in ran) for key in ("error", "torch_error", "lse_error")
            )
            print(f"{dtype}: largest error {error:.2e} (torch {torchs:.2e}), lse {lse:.2e}")
    seconds = time.monotonic() - tally.begun
    print(f"evaluated {len(tally.results)} of {len(jobs)} configurations for {target} "
          f"in {seconds:.0f} s by {args.workers} processes", flush=True)  # fmt: skip
    return tally


def special_part(args, targets: dict[str, str], device: str, stop: float) -> Tally:
    jobs = [(name, target) for target in targets.values() for name in special.CHECKS]
    tally = Tally([f"{name}, {target}" for name, target in jobs], every=len(jobs))
    workers = max(1, min(4, args.workers))
    shards.Shards(special.evaluate, {"device": device}, jobs, workers, tally, stop).run()
    for number, result in sorted(tally.results.items()):
        if not result["problem"]:
            print(f"ok {tally.names[number]} ({result['seconds']:.1f} s)")
    print(f"evaluated {len(tally.results)} of {len(jobs)} special checks", flush=True)
    return tally


def sanitizer_command(tool: str, program: str, family: str, seed: int) -> list[str]:
    return [
        program, "--tool", tool, "--error-exitcode", "1", "--print-limit", "20",
        sys.executable, str(Path(__file__).resolve()), "--tiny", "--workers", "0",
        "--configs", str(SANITIZED_CONFIGS), "--seed", str(seed), "--family", family,
        "--deadline", str(SANITIZER_SECONDS - 20),
    ]  # fmt: skip


def sanitizer_part(args, families, stop: float) -> list[dict]:
    """Each tool on each family, all at once; a row for each."""
    found = shutil.which("compute-sanitizer") or "/usr/local/cuda/bin/compute-sanitizer"
    if not Path(found).is_file():
        print("compute-sanitizer was not found: nothing ran under it")
        return [{"name": "compute-sanitizer", "problem": "expected it on PATH, but got none"}]
    # PyTorch's own blocks of memory would hide what lies next to a tensor.
    env = os.environ | {"PYTORCH_NO_CUDA_MEMORY_CACHING": "1", "PYTHONUNBUFFERED": "1"}
    runs = {}
    for tool in ("memcheck", "racecheck"):
        for family in families:
            command = sanitizer_command(tool, found, family, args.seed)
            log = tempfile.TemporaryFile("w+")  # a pipe that nobody reads would fill up
            run = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env=env, start_new_session=True
            )
            runs[f"{tool}, {family}"] = (run, log)
    until = min(stop, time.monotonic() + SANITIZER_SECONDS)
    rows = []
    for name, (run, log) in runs.items():
        try:
            code = run.wait(timeout=max(1.0, until - time.monotonic()))
            problem = f"exit code {code}" if code else ""
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)  # the tool and what runs under it
            run.wait()
            problem = "expected it to end in time, but it did not"
        log.seek(0)
        lines = log.read().strip().splitlines()
        said = [x for x in lines if "SUMMARY" in x or "evaluated" in x or "passed," in x]
        if problem:
            said = lines[-40:]
        print(f"{'FAILED' if problem else 'ok'} {name}: {problem}")
        print("\n".join(f"    {line}" for line in said), flush=True)
        rows.append({"name": name, "problem": problem, "said": said})
    return rows


def arguments():
    parser = argparse.ArgumentParser(description="attn on a real card")
    parser.add_argument("--quick", action="store_true", help="60 configurations")
    parser.add_argument("--configs", type=int, help="random configurations (default 300)")
    parser.add_argument("--seed", type=int, default=0, help="of the first configuration")
    cores = os.cpu_count() or 1
    parser.add_argument("--workers", type=int, default=max(1, min(14, cores - 2)),
                        help="processes; 0: none but this one")  # fmt: skip
    parser.add_argument("--deadline", type=float, default=1e9,
                        help="seconds after which no configuration is begun")  # fmt: skip
    parser.add_argument("--family", choices=("native", "mma"), default="native",
                        help="of the random configurations; mma: mma.sync")  # fmt: skip
    parser.add_argument("--special", action="store_true", help="sizes, streams, graphs, values")
    parser.add_argument("--sanitize", action="store_true", help="under compute-sanitizer, too")
    parser.add_argument("--tiny", action="store_true",
                        help="small configurations, drawn and checked on the CPU")  # fmt: skip
    parser.add_argument("--json", type=Path, help="write all results to this file")
    args = parser.parse_args()
    if args.configs is None:
        args.configs = 60 if args.quick else 300
    return args


def main() -> int:
    args = arguments()
    stop = time.monotonic() + args.deadline
    if not torch.cuda.is_available():
        print("expected a CUDA card, but got none\n0 passed, 1 failed")
        return 1
    device = torch.device("cuda", torch.cuda.current_device())
    targets = family_targets(device)
    target = targets.get(args.family, targets["native"])
    card = torch.cuda.get_device_name(device)
    print(f"attn {attn.__version__} for {target} on {card}, torch {torch.__version__}", flush=True)
    numerics.check_masks("cpu" if args.tiny else device)
    rows = sanitizer_part(args, targets, stop) if args.sanitize else []
    tallies = {}
    if args.special:
        tallies["special"] = special_part(args, targets, str(device), stop)
    if args.configs:
        tallies["numerics"] = random_part(args, target, str(device), stop)
    results = {
        part: [{"name": tally.names[n]} | result for n, result in sorted(tally.results.items())]
        for part, tally in tallies.items()
    } | {"sanitizer": rows}
    if args.json:
        report = {
            "attn": attn.__version__, "target": target, "card": card,
            "torch": torch.__version__, "seed": args.seed,
            "asked": {part: len(tally.names) for part, tally in tallies.items()},
        }  # fmt: skip
        args.json.write_text(json.dumps(report | results, indent=1) + "\n")
    problems = [row["problem"] for part in results.values() for row in part]
    failed = sum(1 for problem in problems if problem)
    print(f"{len(problems) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
