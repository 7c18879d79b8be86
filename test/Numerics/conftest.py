"""Finds the helpers beside the tests, and the package if PYTHONPATH names none."""

import importlib.util
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE))
if importlib.util.find_spec("attn") is None:
    sys.path.insert(0, str(_HERE.parents[1] / "build" / "python"))


def pytest_addoption(parser):
    parser.addoption(
        "--whole-product",
        action="store_true",
        help="assemble wgmma kernels of all patterns, head dimensions and types (10 minutes)",
    )


def pytest_generate_tests(metafunc):
    """``wgmma_case``: (pattern, head dimension, type) by number, a slice of them or all."""
    if "wgmma_case" in metafunc.fixturenames:
        from test_every_target import WGMMA_PRODUCT, WGMMA_SLICE

        whole = metafunc.config.getoption("--whole-product")
        metafunc.parametrize("wgmma_case", WGMMA_PRODUCT if whole else WGMMA_SLICE)
