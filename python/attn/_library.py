"""The compiled part, loaded at the first use.

Loaded late because the FFI imports PyTorch wherever that is installed, which
takes seconds that ``import attn`` alone need not cost.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from pathlib import Path

from .errors import AttnError

_HERE = Path(__file__).resolve().parent


def wheel_ptxas() -> str | None:
    """The ptxas of an installed wheel: nvidia-cuda-nvcc's, or triton's copy of it."""
    for package, places in (
        ("nvidia", ("cu13/bin/ptxas", "cuda_nvcc/bin/ptxas")),
        ("triton", ("backends/nvidia/bin/ptxas",)),
    ):
        spec = importlib.util.find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            for place in places:
                if os.access(Path(folder) / place, os.X_OK):
                    return str(Path(folder) / place)
    return None


@functools.lru_cache(maxsize=None)
def library():
    """The module of C++ functions (lib/Python/Binding.cpp)."""
    # PyTorch before 2.10 has no exchange table, and the FFI would compile one:
    # seconds and a warning, for a call that is a microsecond faster.
    os.environ.setdefault("TVM_FFI_DISABLE_TORCH_C_DLPACK", "1")
    try:
        import tvm_ffi
    except ImportError as error:
        raise AttnError(
            "expected the package apache-tvm-ffi to be installed "
            f"(python3 -m pip install 'apache-tvm-ffi>=0.1.15,<0.2'), but got: {error}"
        ) from error
    path = _HERE / "libattn_ffi.so"
    if not path.exists():
        raise AttnError(
            f"expected {path.name} to be beside the package (built by ./build.sh), but got no file"
        )
    if (ptxas := wheel_ptxas()) is not None:
        # Where there is no toolkit (lib/Codegen/Assembler.cpp).
        os.environ.setdefault("ATTN_WHEEL_PTXAS", ptxas)
    tvm_ffi.register_error("attn.AttnError", AttnError)
    return tvm_ffi.load_module(str(path))


def version() -> str:
    """The version of the package; one file says it for CMake, too."""
    for path in (_HERE / "VERSION", _HERE.parents[1] / "VERSION"):
        if path.exists():
            return path.read_text().strip()
    return "0"
