"""The scripts of tools/check: that they find what they are for."""

import importlib.util
import sys
from pathlib import Path

import pytest

CHECKS = Path(__file__).resolve().parents[2] / "tools" / "check"


def load(name):
    spec = importlib.util.spec_from_file_location(f"check_{name}", CHECKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path):
    """tree.py on an empty tree, and a function that writes a file into it."""
    module = load("tree")
    module.ROOT = tmp_path

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def found():
        return [(p.relative_to(tmp_path).as_posix(), line, m) for p, line, m in module.findings()]

    return write, found


def test_runner_reads_lit():
    runner = load("run_tests")
    text = "Total Discovered Tests: 9\n  Unsupported: 1\n  Passed     : 5 (55%)\n  Failed     : 3\n"
    assert runner.parse_lit(text) == (5, 3)
    assert runner.parse_lit("ninja: build stopped") is None


def test_runner_reads_pytest():
    runner = load("run_tests")
    assert runner.parse_pytest("..\n30 passed, 4 skipped in 3.20s\n") == (30, 0)
    assert runner.parse_pytest("2 failed, 30 passed, 1 error in 61.05s (0:01:01)\n") == (30, 3)
    assert runner.parse_pytest("no tests ran in 0.01s\n") is None


def test_runner_reads_plain_lines():
    runner = load("run_tests")
    assert runner.parse_plain("3 passed, 1 failed\nx\n8 passed, 0 failed\n") == (8, 0)
    assert runner.parse_plain("Segmentation fault") is None


@pytest.mark.parametrize(
    "code, expected",
    [
        ("print('4 passed, 0 failed')", (4, 0)),
        ("print('4 passed, 2 failed'); raise SystemExit(1)", (4, 2)),
        ("print('4 passed, 0 failed'); raise SystemExit(3)", (4, 1)),  # crashed at the end
        ("pass", (0, 1)),  # says nothing
    ],
)
def test_runner_counts_crashes(code, expected):
    runner = load("run_tests")
    assert runner.run("case", [sys.executable, "-c", code], runner.parse_plain) == expected


def test_runner_counts_what_does_not_start():
    runner = load("run_tests")
    assert runner.run("case", ["./no-such-program"], runner.parse_plain) == (0, 1)


def test_tree_finds_long_functions(tree):
    write, found = tree
    body = "\n".join("    int x = 0;" for _ in range(70))
    short = "static int shortOne() {\n  return 1;\n}\n"
    write("lib/A/A.cpp", f"{short}void longOne(int a) {{\n{body}\n}}\n")
    write("tools/a.py", "def f():\n" + "    x = 0\n" * 70)
    assert [(p, line) for p, line, _ in found()] == [("lib/A/A.cpp", 4), ("tools/a.py", 1)]


def test_tree_finds_house_rules(tree):
    write, found = tree
    write("lib/A/A.cpp", '// sm_80 in a comment\nauto a = "sm_80";\nvoid f() { exit(1); }\n')
    write("lib/Target/T.cpp", 'auto a = "sm_80";\n')
    write("include/P.td", "let statistics = [];\n")
    write("test/Missing/a.mlir", "// RUN: " + "/" + "home/me/attn-opt\n")
    assert sorted((p, line) for p, line, _ in found()) == [
        ("include/P.td", 1),
        ("lib/A/A.cpp", 2),
        ("lib/A/A.cpp", 3),
        ("test/Missing/a.mlir", 1),
        ("test/Missing/a.mlir", 1),
    ]


def test_tree_follows_labels_and_passes(tree):
    write, found = tree
    write(
        "include/D.td",
        'def OneOp : My_Op<"one", [Block<"YieldOp">]> {\n  let d = [{ (C1) a. (C2) b. }];\n}\n'
        'def RingType : My_Type<"Ring", "ring"> {\n  let d = [{ (C1) a. }];\n}\n'
        'def Fold : Pass<"attn-fold-it", "M"> {\n}\n',
    )
    write("lib/A/A.cpp", "// one_c1, one_c2, ring_c1\n")
    write("test/A/a.mlir", "func.func @one_c1()\nfunc.func @ring_c1()\n")
    texts = [message for _, _, message in found()]
    assert len(texts) == 2
    assert "'one_c2' to stand in a test" in texts[0] and "attn-fold-it" in texts[1]
    write("test/A/fold-it.mlir", "func.func @one_c2()\n")
    assert found() == []


def test_layering(tmp_path):
    layering = load("layering")
    layering.ROOT = tmp_path
    layering.LEVEL = {"AttnLow": 0, "AttnHigh": 1}
    for name, linked, include in (
        ("Low", "LINK AttnHigh", "attn/Low/A.h"),
        ("High", "", "attn/Low/A.h"),
    ):
        folder = tmp_path / "lib" / name
        folder.mkdir(parents=True)
        lists = f"attn_add_library(Attn{name}\n  A.cpp\n  {linked})\n"
        (folder / "CMakeLists.txt").write_text(lists)
        (folder / "A.cpp").write_text(f'#include "{include}"\n')
    folders = layering.libraries()
    assert [m.split(":")[0] for m in layering.check_links(folders)] == ["lib/Low/CMakeLists.txt"]
    assert [m.split(":")[0] for m in layering.check_includes(folders)] == ["lib/High/A.cpp"]
