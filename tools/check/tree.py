#!/usr/bin/env python3
"""House rules that a regular expression can see, each with its reason.

usage: tree.py; prints one line per finding and exits 1 if there is any.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60
SUFFIXES = {".cpp", ".h", ".c", ".td", ".py", ".mlir", ".sh", ".txt", ".cmake", ".md", ".json",
            ".toml", ".in"}  # fmt: skip
# Folders of tests about something that is no folder of lib/.
OWN_TESTS = {"Numerics", "Python", "Regression", "Tools", "Examples"}

Finding = tuple[Path, int, str]


def sources() -> list[Path]:
    """Text files of the tree, builds and hidden folders left out."""
    found = []
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        skipped = any(
            part.startswith((".", "build-")) or part in ("build", "dist", "__pycache__")
            for part in parts
        )
        if not skipped and path.is_file() and (path.suffix in SUFFIXES or path.name == "build.sh"):
            found.append(path)
    return found


def text_of(path: Path) -> str:
    return path.read_text(errors="replace")


def under(path: Path, *folders: str) -> bool:
    relative = path.relative_to(ROOT).as_posix()
    return any(relative.startswith(folder + "/") for folder in folders)


def without_comments(text: str) -> str:
    """C++ with the text of // comments dropped; line numbers stay."""
    return re.sub(r"//[^\n]*", "", text)


def matches(path: Path, text: str, pattern: str, message: str) -> Iterator[Finding]:
    for match in re.finditer(pattern, text):
        yield path, text.count("\n", 0, match.start()) + 1, message


def file_length(path: Path) -> Iterator[Finding]:
    lines = text_of(path).count("\n")
    if lines > MAX_FILE_LINES:
        yield path, 1, (
            f"expected a file to be of at most {MAX_FILE_LINES} lines, but got {lines}: "
            "a reader must be able to hold it; split it by what it is about"
        )


def too_long(path: Path, line: int, name: str, lines: int) -> Finding:
    return path, line, (
        f"expected '{name}' to be of at most {MAX_FUNCTION_LINES} lines, but got {lines}: "
        "name its parts as functions of their own"
    )


def python_functions(path: Path) -> Iterator[Finding]:
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield too_long(path, node.lineno, node.name, lines)


def cpp_functions(path: Path) -> Iterator[Finding]:
    """Approximate: relies on clang-format, which ends a function by a brace as
    far left as the line where it began; only file and class level are seen."""
    lines = without_comments(text_of(path)).split("\n")
    not_functions = r"\s*(namespace|class|struct|enum|union|extern|if|for|while|switch|else|do|try)\b"
    for end, line in enumerate(lines):
        closing = re.fullmatch(r"(|  )\}", line.rstrip())
        if not closing:
            continue
        indent = closing.group(1)
        begin = end - 1
        opening = rf"{indent}(?!(public|private|protected):)[^\s}}:#]"
        while begin >= 0 and not re.match(opening, lines[begin]):
            begin -= 1
        head = " ".join(lines[max(begin, 0) : begin + 3])
        name = re.search(r"([\w:~]+|operator\S+)\s*\(", head)
        if begin < 0 or not name or re.match(not_functions, head) or "= [" in head:
            continue
        if end - begin + 1 > MAX_FUNCTION_LINES:
            yield too_long(path, begin + 1, name.group(1), end - begin + 1)


def td_rules(path: Path) -> Iterator[Finding]:
    yield from matches(
        path, text_of(path), r"let\s+statistics\b",
        "expected no `statistics`: Debian's MLIR leaves their counters uninitialized; "
        "count with remarks",
    )  # fmt: skip


def lib_rules(path: Path) -> Iterator[Finding]:
    text = without_comments(text_of(path))
    if not under(path, "lib/Target", "lib/Tiling"):
        yield from matches(
            path, text, r"\bsm_\d",
            "expected no chip by name outside of lib/Target and lib/Tiling: targets are data; "
            "ask TargetInfo for the property",
        )  # fmt: skip
    yield from matches(
        path, text, r"\breport_fatal_error\b|(?<![\w.:>])(?:std::)?exit\(|\bllvm::errs\(\)",
        "expected no abort and no printing in a library: it ends the user's Python process; "
        "emit a diagnostic, or return an error",
    )  # fmt: skip


def machine_paths(path: Path) -> Iterator[Finding]:
    yield from matches(
        path, text_of(path), r"(?<![\w.$%{}<>)-])/(?:root|home|work|usr/lib/llvm)\b[-\w/]*",
        "expected no path of one machine: it works nowhere else; ask the tool for it "
        "(llvm-config-22 --prefix, %t, a temporary directory)",
    )  # fmt: skip


def constraint_labels(files: list[Path]) -> Iterator[Finding]:
    """(C<n>) of an op, attribute or type: checked in C++, and tested, by label."""

    def all_text(*folders: str) -> str:
        return "\n".join(text_of(p) for p in files if under(p, *folders) and p.suffix != ".td")

    code, tests = all_text("lib", "include"), all_text("test")
    for path in files:
        if path.suffix != ".td":
            continue
        text = text_of(path)
        for match in re.finditer(r"^def (\w+)\s*:(.*?)\n(?=def |class |#endif|\Z)", text, re.M | re.S):
            # Attributes and types give a C++ name first, then the mnemonic.
            base = re.match(r'\s*\w+<(?:\w+,\s*)?(?:"[A-Z]\w*",\s*)?"(\w+)"', match.group(2))
            labels = sorted({int(n) for n in re.findall(r"\(C(\d+)\)", match.group(2))})
            if not labels or not base:
                continue
            mnemonic = base.group(1)
            line = text.count("\n", 0, match.start()) + 1
            for n in labels:
                label = f"{mnemonic}_c{n}"
                for place, where in ((code, "in a comment of the verifier"), (tests, "in a test")):
                    if not re.search(rf"\b{label}\b", place):
                        yield path, line, (
                            f"expected '{label}' to stand {where}, but got no such text: each "
                            "constraint has a check and a test that a search for its label finds"
                        )


def pass_tests(files: list[Path]) -> Iterator[Finding]:
    names = [p.stem for p in files if under(p, "test") and p.suffix == ".mlir"]
    for path in files:
        if path.suffix != ".td":
            continue
        text = text_of(path)
        for match in re.finditer(r'^def \w+\s*:\s*\w*Pass<"([\w-]+)"', text, re.M):
            flag = match.group(1)
            short = re.sub(r"^(attn|fmha)-", "", flag)
            if not any(n in (flag, short) or n.startswith((flag + "-", short + "-")) for n in names):
                yield path, text.count("\n", 0, match.start()) + 1, (
                    f"expected pass '{flag}' to have a test named {short}.mlir, but got none: "
                    "where its test is must be no question"
                )


def test_folders(files: list[Path]) -> Iterator[Finding]:
    for path in files:
        parts = path.relative_to(ROOT).parts
        if parts[0] != "test" or path.suffix != ".mlir" or len(parts) < 3 or parts[1] in OWN_TESTS:
            continue
        if "Inputs" in parts or (ROOT / "lib").joinpath(*parts[1:-1]).is_dir():
            continue
        yield path, 1, (
            f"expected {'/'.join(parts[1:-1])} to be a folder of lib/, but got none: the tests "
            "mirror the sources"
        )


def findings() -> Iterator[Finding]:
    files = sources()
    for path in files:
        # LICENSE-like prose is nobody's to split; generated files are not here.
        if path.suffix != ".md":
            yield from file_length(path)
        yield from machine_paths(path)
        if path.suffix == ".py":
            yield from python_functions(path)
        if path.suffix in (".cpp", ".h"):
            yield from cpp_functions(path)
            if under(path, "lib"):
                yield from lib_rules(path)
        if path.suffix == ".td":
            yield from td_rules(path)
    yield from constraint_labels(files)
    yield from pass_tests(files)
    yield from test_folders(files)


def main() -> int:
    found = list(findings())
    for path, line, message in found:
        print(f"{path.relative_to(ROOT)}:{line}: {message}")
    print(f"tree: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
