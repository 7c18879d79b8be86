"""Finds the helpers beside the tests, and the package if PYTHONPATH names none."""

import importlib.util
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE))
if importlib.util.find_spec("attn") is None:
    sys.path.insert(0, str(_HERE.parents[1] / "build" / "python"))
