#!/usr/bin/env python3
"""Runs attn-fuzz for a while from the modules of examples/ and test/ as seeds.

Each module of a file is a seed, once as written and once in generic form. A
finding is kept in BUILD_DIR/fuzz/, with the command that repeats it.

usage: fuzz.py BUILD_DIR [--seconds 60] [--workers 1] [--seed 1] [--corpus DIR]
Last line: "1 passed, 0 failed", or the other way round with exit status 1.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Longer modules take longer than they find.
MAX_BYTES = 8192
# Of one input, on a machine that is busy; of memory, MLIR's contexts included.
MAX_SECONDS, MAX_MEGABYTES = 60, 4096
# Until a run whose time is over counts as one that hangs.
GRACE_SECONDS = 60


def modules(text: str) -> list[str]:
    """The modules of a test, without the comments that check it."""
    bare = re.sub(r"^\s*//(?! -----).*\n", "", text, flags=re.MULTILINE)
    return [part.strip() + "\n" for part in bare.split("// -----") if part.strip()]


def generic(build: Path, file: Path) -> str:
    """The modules that parse, in generic form; "" if none does."""
    marker = "// -----"
    command = [build / "bin/attn-opt", file, "--mlir-print-op-generic",
               f"--split-input-file={marker}", f"--output-split-marker={marker}"]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def write_seeds(build: Path, folder: Path) -> int:
    files = [f for top in ("examples", "test") for f in sorted((ROOT / top).rglob("*.mlir"))]
    for file in files:
        text = file.read_text()
        for module in modules(text) + modules(generic(build, file)):
            if len(module) <= MAX_BYTES:
                name = hashlib.sha1(module.encode()).hexdigest()
                (folder / name).write_text(module)
    return len(list(folder.iterdir()))


def start(options: argparse.Namespace, worker: int, folder: Path) -> subprocess.Popen:
    corpus = [options.corpus or folder / "corpus", folder / "seeds"]
    command = [
        options.build / "bin/attn-fuzz",
        f"-max_total_time={options.seconds}",
        f"-seed={options.seed + worker}",
        f"-max_len={MAX_BYTES}",
        f"-timeout={MAX_SECONDS}",
        f"-rss_limit_mb={MAX_MEGABYTES}",
        f"-dict={ROOT / 'test/Fuzz/attn.dict'}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        "-reload=1",
        *corpus,
    ]
    with (folder / f"log-{worker}.txt").open("w") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)


def wait(process: subprocess.Popen, seconds: int) -> int:
    """The exit status; a run that does not end by itself is a finding, too."""
    try:
        return process.wait(seconds + MAX_SECONDS + GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def report(log: str, status: int, build: Path) -> None:
    """What one worker did."""
    executions = re.search(r"number_of_executed_units:\s*(\d+)", log)
    coverage = re.findall(r" cov: (\d+) ft: (\d+) corp: (\d+)", log)
    if executions:
        print(f"{executions.group(1)} executions")
    if coverage:
        print("coverage: {} edges, {} features; corpus: {} inputs".format(*coverage[-1]))
    if status == 0:
        return
    # Everything from the first complaint on, but not the whole input as bytes.
    begin = re.search(r"^(attn-fuzz: expected|.*runtime error:|==\d+==)", log, re.MULTILINE)
    print("\n".join(log[begin.start() if begin else -3000 :].splitlines()[:60]))
    print(f"expected exit status 0 of attn-fuzz, but got {status}; to repeat it:")
    artifact = re.search(r"written to (\S+)", log)
    name = Path(artifact.group(1)).name if artifact else "INPUT"
    print(f"  {build.name}/bin/attn-fuzz {build.name}/fuzz/{name}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build", type=lambda text: Path(text).resolve())
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=lambda text: Path(text).resolve())
    options = parser.parse_args()
    if not (options.build / "bin/attn-fuzz").exists():
        print(f"expected {options.build.name}/bin/attn-fuzz to be built, but got no such file; "
              "it needs clang and libclang-rt-22-dev")  # fmt: skip
        print("0 passed, 1 failed")
        return 1
    folder = options.build / "fuzz"
    for name in ("seeds", "corpus"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    if options.corpus:
        options.corpus.mkdir(parents=True, exist_ok=True)
    print(f"{write_seeds(options.build, folder / 'seeds')} seeds, {options.seconds} s", flush=True)
    processes = [start(options, worker, folder) for worker in range(options.workers)]
    failed = False
    for worker, process in enumerate(processes):
        status = wait(process, options.seconds)
        log = (folder / f"log-{worker}.txt").read_text(errors="replace")
        report(log, status, options.build)
        failed |= status != 0
    print("0 passed, 1 failed" if failed else "1 passed, 0 failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
