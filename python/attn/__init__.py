"""attn: a compiler for sparse attention.

    import numpy as np, attn
    out = attn.attention(q, k, v, attn.Neighborhood(window=(7, 7)))

``attention`` computes; ``compile`` shows what would compute; the patterns say
which keys a query sees, and ``&`` intersects them.
"""

from .errors import AttnError
from .functional import attention
from .kernel import Kernel, canonical, compile, module
from .patterns import Band, Causal, Full, Neighborhood, Pattern, SlidingWindow
from .targets import targets
from ._library import version as _version

__version__ = _version()

__all__ = [
    "AttnError",
    "Band",
    "Causal",
    "Full",
    "Kernel",
    "Neighborhood",
    "Pattern",
    "SlidingWindow",
    "attention",
    "canonical",
    "compile",
    "module",
    "targets",
]
