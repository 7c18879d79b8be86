"""Names of what the compiler compiles for, and which of them a GPU needs."""

from __future__ import annotations

import functools

from ._library import library
from .errors import AttnError


@functools.lru_cache(maxsize=None)
def targets() -> tuple[str, ...]:
    """All target names, ``"cpu"`` first; the compiler's own table."""
    return tuple(str(name) for name in library().targets())


@functools.lru_cache(maxsize=None)
def target_of_capability(major: int, minor: int) -> str:
    """The target for a GPU of compute capability ``major.minor``.

    The architecture-specific one ("sm_90a") where there is one, since only
    that may use the architecture's own matrix instructions.
    """
    for name in (f"sm_{major}{minor}a", f"sm_{major}{minor}"):
        if name in targets():
            return name
    known = ", ".join(name for name in targets() if name != "cpu")
    raise AttnError(
        f"expected the compute capability to be that of one of {known}, but got {major}.{minor}"
    )
