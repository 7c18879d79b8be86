"""Finds the package where PYTHONPATH names none."""

import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("attn") is None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "build" / "python"))
