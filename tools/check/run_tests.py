#!/usr/bin/env python3
"""Runs every test of a finished build and adds the results up.

Runners: the lit tests (target check-attn), the executables attn-*-test, attn-fuzz
for a minute, pytest on test/Python and test/Numerics, and the benchmark of the CPU,
whose rows fail far below their bars. Each says in its own words how many
tests passed and failed; a runner that crashes, or says nothing, counts as one
failure, so that nothing passes by not running.

usage: run_tests.py BUILD_DIR; exits 1 if anything failed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FUZZ_SECONDS = 60


class Count(NamedTuple):
    passed: int
    failed: int


def parse_lit(text: str) -> Count | None:
    """lit's summary: lines like "  Passed : 12 (100.00%)"."""

    def of(*labels: str) -> int:
        pattern = rf"^\s*(?:{'|'.join(labels)})\s*:\s*(\d+)"
        return sum(int(n) for n in re.findall(pattern, text, re.MULTILINE))

    passed = of("Passed", "Expectedly Failed", "Passed With Retry")
    failed = of("Failed", "Unexpectedly Passed", "Timed Out", "Unresolved")
    return Count(passed, failed) if passed + failed else None


def parse_pytest(text: str) -> Count | None:
    """pytest's last line: "2 failed, 30 passed, 1 skipped in 3.2s"."""
    lines = [line for line in text.splitlines() if re.search(r" in [\d.]+s", line)]
    if not lines:
        return None

    def of(label: str) -> int:
        found = re.search(rf"(\d+) {label}", lines[-1])
        return int(found.group(1)) if found else 0

    passed, failed = of("passed"), of("failed") + of("error")
    return Count(passed, failed) if passed + failed else None


def parse_plain(text: str) -> Count | None:
    """The last "N passed, N failed"."""
    found = re.findall(r"^(\d+) passed, (\d+) failed", text, re.MULTILINE)
    return Count(int(found[-1][0]), int(found[-1][1])) if found else None


def run(name: str, command: list[str], parse, env=None) -> Count:
    """Runs one runner with its output shown as it comes."""
    print(f"== {name}", flush=True)
    begin = time.monotonic()
    lines: list[str] = []
    try:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, text=True, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except OSError as error:
        print(f"expected to start {command[0]}, but got: {error}")
        return Count(0, 1)
    with process:
        for line in process.stdout:
            lines.append(line)
            sys.stdout.write(line)
            sys.stdout.flush()
    status = process.returncode
    count = parse("".join(lines))
    seconds = time.monotonic() - begin
    if count is None:
        print(f"== {name}: expected a summary, but got none (exit status {status})")
        return Count(0, 1)
    if status != 0 and count.failed == 0:
        print(f"== {name}: expected exit status 0, but got {status}")
        count = Count(count.passed, 1)
    print(f"== {name}: {count.passed} passed, {count.failed} failed, {seconds:.0f} s", flush=True)
    return count


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    build = Path(sys.argv[1]).resolve()
    results = {"lit": run("lit", ["ninja", "-C", str(build), "check-attn"], parse_lit)}

    tests = sorted((build / "bin").glob("attn-*-test"))
    if not tests:
        print(f"expected executables attn-*-test in {build.name}/bin, but got none")
        results["executables"] = Count(0, 1)
    for test in tests:
        results[test.name] = run(test.name, [str(test)], parse_plain)

    fuzz = [sys.executable, "tools/check/fuzz.py", str(build), f"--seconds={FUZZ_SECONDS}"]
    results["attn-fuzz"] = run("attn-fuzz", fuzz, parse_plain)

    env = dict(os.environ, PYTHONPATH=str(build / "python"), PYTHONDONTWRITEBYTECODE="1")
    pytest = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    for folder in ("test/Python", "test/Numerics"):
        results[folder] = run(folder, [*pytest, folder], parse_pytest, env)
    bench = [sys.executable, "bench/cpu.py", "--quick"]
    results["bench/cpu.py"] = run("bench/cpu.py", bench, parse_plain, env)

    print("== summary")
    width = max(len(name) for name in results)
    for name, count in results.items():
        print(f"{name:{width}}  {count.passed:5} passed  {count.failed:5} failed")
    passed = sum(count.passed for count in results.values())
    failed = sum(count.failed for count in results.values())
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
