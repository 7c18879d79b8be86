"""attn: a compiler for sparse attention.

    import numpy as np, attn
    out = attn.attention(q, k, v, attn.Neighborhood(window=(7, 7)))

``attention`` computes; ``compile`` shows what would compute; the patterns say
which keys a query sees; ``&``, ``|`` and ``~`` combine them. ``Predicate`` and the
argument ``score`` take functions, in which ``where``, ``exp`` and the like stand for
Python's and NumPy's own.
"""

from .composites import Dilated, GlobalTokens, Power, PrefixLM, Strided
from .documents import Document
from .errors import AttnError
from .functional import attention
from .kernel import Kernel, canonical, compile, module
from .patterns import (
    Band, Blocked, Causal, Full, Halo, Neighborhood, Pattern, Predicate, Range,
    ShiftedWindow, SlidingWindow,
)  # fmt: skip
from ._parse import parse
from ._simulate import simulate, visualize
from .relations import PowerOfTwo, Read, Relation
from .scalar import Score, abs, exp, exp2, log, log2, maximum, minimum, sqrt, tanh, where
from .tables import Table
from .targets import targets
from ._library import version as _version

__version__ = _version()

__all__ = [
    "AttnError",
    "Band",
    "Blocked",
    "Causal",
    "Dilated",
    "Document",
    "Full",
    "GlobalTokens",
    "Halo",
    "Kernel",
    "Neighborhood",
    "Pattern",
    "Power",
    "PowerOfTwo",
    "Predicate",
    "PrefixLM",
    "Range",
    "Read",
    "Relation",
    "Score",
    "ShiftedWindow",
    "SlidingWindow",
    "Strided",
    "Table",
    "abs",
    "attention",
    "canonical",
    "compile",
    "exp",
    "exp2",
    "log",
    "log2",
    "maximum",
    "minimum",
    "module",
    "parse",
    "simulate",
    "sqrt",
    "tanh",
    "targets",
    "visualize",
    "where",
]
