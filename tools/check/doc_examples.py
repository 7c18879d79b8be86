#!/usr/bin/env python3
"""Every ```mlir block of a description in a .td file stands in some lit test.

So documented examples are parsed and verified at every run and cannot rot.
White space does not count, nor does where in the test the example stands.
usage: doc_examples.py; prints one line per finding and exits 1 if there is any.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def examples(path: Path) -> list[tuple[int, str]]:
    """(line, text) of each block."""
    text = path.read_text()
    return [
        (text.count("\n", 0, match.start()) + 1, match.group(1))
        for match in re.finditer(r"```mlir\n(.*?)```", text, re.S)
    ]


def main() -> int:
    tests = [squeezed(path.read_text()) for path in sorted((ROOT / "test").rglob("*.mlir"))]
    total = missing = 0
    for path in sorted((ROOT / "include").rglob("*.td")):
        for line, block in examples(path):
            total += 1
            if any(squeezed(block) in test for test in tests):
                continue
            missing += 1
            print(
                f"{path.relative_to(ROOT)}:{line}: expected the example to stand in a test under "
                f"test/, but got none with: {squeezed(block)[:100]}\n"
                "  copy it, word for word, into the round-trip test of its dialect"
            )
    print(f"doc_examples: {total} examples, {missing} findings")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
