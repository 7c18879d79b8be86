#!/usr/bin/env python3
"""Runs the code blocks of README.md, so that none of them rots.

```python and ```mlir blocks all run; a ```sh block runs if its first line says
"sh run". Each runs in one scratch folder that has examples/, with build/bin on
PATH and the built Python package.
usage: readme_examples.py [BUILD_DIR]; prints what failed and exits 1 if anything did.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"


def blocks() -> list[tuple[int, str, str]]:
    """(line, kind, text) of each fenced block."""
    text = README.read_text()
    return [
        (text.count("\n", 0, match.start()) + 1, match.group(1).strip(), match.group(2))
        for match in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.M | re.S)
    ]


def python_of(build: Path) -> str:
    """The Python that the package was built for: it has apache-tvm-ffi."""
    found = re.search(r"^ATTN_PYTHON:\w+=(.+)$", (build / "CMakeCache.txt").read_text(), re.M)
    return found.group(1) if found else sys.executable


def command_of(kind: str, text: str, build: Path) -> list[str] | None:
    if kind == "python":
        return [python_of(build), "-W", "error", "-c", text]
    if kind == "mlir":
        return ["bash", "-c", f"attn-opt --verify-roundtrip - <<'TEXT'\n{text}TEXT"]
    if kind == "sh run":
        return ["bash", "-euo", "pipefail", "-c", text]
    return None


def main() -> int:
    build = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build").resolve()
    if not (build / "CMakeCache.txt").exists():
        print(f"expected '{build.name}' to be a finished build, but got none; run ./build.sh all")
        return 1
    env = dict(os.environ, PYTHONPATH=str(build / "python"), PYTHONDONTWRITEBYTECODE="1")
    env["PATH"] = f"{build / 'bin'}{os.pathsep}{env['PATH']}"
    ran = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "examples").symlink_to(ROOT / "examples")
        for line, kind, text in blocks():
            command = command_of(kind, text, build)
            if command is None:
                continue
            ran += 1
            done = subprocess.run(
                command, cwd=folder, env=env, text=True, errors="replace",
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
            )  # fmt: skip
            if done.returncode != 0:
                failed += 1
                print(f"README.md:{line}: expected the block to run, but got exit status "
                      f"{done.returncode}:\n{done.stdout}")  # fmt: skip
    if ran == 0:
        print("expected README.md to have blocks to run, but got none")
    print(f"readme_examples: {ran} blocks, {failed} failed")
    return 1 if failed or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
