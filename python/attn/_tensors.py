"""NumPy arrays and PyTorch tensors to what the binding takes.

Neither package is imported here: an array of theirs proves that the caller
has. Outputs are made by the package that made the inputs.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

from .errors import AttnError
from .targets import target_of_capability

_NAMES = ("query", "key", "value")
# NumPy dtype -> the compiler's name of it, or None; filled as dtypes come.
_elements: dict[Any, str | None] = {}


class Operands(NamedTuple):
    """The tensors of one call, as the binding takes them."""

    query: Any
    key: Any
    value: Any
    out: Any
    lse: Any  # or None
    words: bool  # bf16 passed as u16: NumPy exports no bf16
    result: Any  # `out` as the caller gets it


def is_array(value) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def is_tensor(value) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def operands(query, key, value, with_lse: bool) -> Operands:
    """Checks the kind of the inputs and allocates the outputs."""
    if is_array(query):
        return _from_numpy(query, key, value, with_lse)
    if is_tensor(query):
        return _from_torch(query, key, value, with_lse)
    raise AttnError(
        "expected 'query' to be a NumPy array or a PyTorch tensor, "
        f"but got {type(query).__name__}"
    )


def rank_of(query) -> int:
    """Number of grid axes: all but batch, heads and head dimension."""
    rank = getattr(query, "ndim", 3) - 3
    if not 1 <= rank <= 3:
        raise AttnError(
            "expected 'query' to be an array of 4 to 6 dimensions (batch, 1 to 3 grid axes, "
            f"heads, head dimension), but got {getattr(query, 'ndim', type(query).__name__)}"
        )
    return rank


def element_of(dtype) -> str | None:
    """``f32``, ``f16``, ``bf16``, or None for what no kernel computes with."""
    if dtype not in _elements:
        names = {"float32": "f32", "float16": "f16", "bfloat16": "bf16"}
        _elements[dtype] = names.get(dtype.name) if dtype.isnative else None
    return _elements[dtype]


def _from_numpy(query, key, value, with_lse: bool) -> Operands:
    import numpy

    inputs = []
    for name, array in zip(_NAMES, (query, key, value)):
        if not is_array(array):
            raise AttnError(
                f"expected '{name}' to be a NumPy array like 'query', "
                f"but got {type(array).__name__}"
            )
        element = element_of(array.dtype)
        if element is None:
            raise AttnError(
                f"expected '{name}' to be of float32, float16 or bfloat16, "
                f"but got {array.dtype.str}"
            )
        if element == "bf16":
            array = array.view(numpy.uint16)
        # NumPy refuses to export what it may not write; only inputs are read.
        inputs.append(array if array.flags.writeable else array.copy())
    result = numpy.empty(query.shape[:-1] + value.shape[-1:], query.dtype)
    words = element_of(query.dtype) == "bf16"
    out = result.view(numpy.uint16) if words else result
    lse = numpy.empty(query.shape[:-1], numpy.float32) if with_lse else None
    return Operands(*inputs, out, lse, words, result)


def _from_torch(query, key, value, with_lse: bool) -> Operands:
    torch = sys.modules["torch"]
    plain, strided = torch.Tensor, torch.strided
    detach = False
    for name, tensor in zip(_NAMES, (query, key, value)):
        # One test for the usual case; what is unusual is looked at in turn.
        if (
            type(tensor) is not plain
            or tensor.requires_grad
            or tensor.is_neg()
            or tensor.is_conj()
            or tensor.layout is not strided
            or not (tensor.is_cpu or tensor.is_cuda)
        ):
            check_tensor(torch, name, tensor)
            detach |= tensor.requires_grad
    if detach:  # under no_grad; the exchange refuses what may record a graph
        query, key, value = query.detach(), key.detach(), value.detach()
    rows = query.shape[:-1]
    out = query.new_empty(rows + value.shape[-1:])
    lse = query.new_empty(rows, dtype=torch.float32) if with_lse else None
    return Operands(query, key, value, out, lse, False, out)


def check_tensor(torch, name: str, tensor) -> None:
    """Refuses what the exchange would accept silently, or with other words."""
    if not isinstance(tensor, torch.Tensor):
        raise AttnError(
            f"expected '{name}' to be a PyTorch tensor like 'query', "
            f"but got {type(tensor).__name__}"
        )
    if tensor.requires_grad and torch.is_grad_enabled():
        raise AttnError(
            f"expected '{name}' to be a tensor that needs no gradient (call under "
            "torch.no_grad(), or detach it), but got requires_grad=True"
        )
    # A lazy view shares the memory of the values that it negates.
    if tensor.is_neg() or tensor.is_conj():
        raise AttnError(
            f"expected '{name}' to be a resolved tensor (resolve_neg, resolve_conj), "
            "but got a lazily negated or conjugated view"
        )
    if tensor.layout is not torch.strided:
        raise AttnError(f"expected '{name}' to be a dense tensor, but got layout {tensor.layout}")
    # By name: importing torch._subclasses costs more than the call.
    fake = type(tensor).__name__ in ("FakeTensor", "FunctionalTensor")
    if fake or tensor.device.type not in ("cpu", "cuda"):
        raise AttnError(
            f"expected '{name}' to be a tensor with data on cpu or cuda, but got "
            f"{type(tensor).__name__} on {tensor.device}"
        )


_targets: dict[Any, str] = {}


def target_of(query) -> str:
    """The target for where ``query`` lies: the CPU, or its GPU."""
    if not is_tensor(query) or query.is_cpu:
        return "cpu"
    device = query.device
    name = _targets.get(device)
    if name is None:
        torch = sys.modules["torch"]
        name = target_of_capability(*torch.cuda.get_device_capability(device))
        _targets[device] = name
    return name


class _Here:
    """Nothing to enter: the tensors' device is the current one."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


_HERE = _Here()


def on_device_of(query):
    """Makes the GPU of ``query`` the current one: kernels load into its context."""
    if not is_tensor(query) or not query.is_cuda:
        return _HERE
    torch = sys.modules["torch"]
    if query.device.index == torch.cuda.current_device():
        return _HERE
    return torch.cuda.device(query.device)
