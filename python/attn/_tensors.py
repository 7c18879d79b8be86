"""NumPy arrays and PyTorch tensors to what the binding takes.

Neither package is imported here: an array of theirs proves that the caller
has. Outputs are made by the package that made the inputs.
"""

from __future__ import annotations

import sys
from typing import Any

from .errors import AttnError
from .targets import target_of_capability

_NAMES = ("query", "key", "value")
# NumPy dtype -> the compiler's name of it, or None; filled as dtypes come.
_elements: dict[Any, str | None] = {}


# The tensors of one call, as the binding takes them: query, key, value, out, lse or None,
# whether bf16 is passed as u16 (NumPy exports no bf16); and `out` as the caller gets it.
# A plain tuple, since one with names takes as long to make as an eighth of a call.
Operands = tuple[Any, Any, Any, Any, Any, bool, Any]


def is_array(value) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def is_tensor(value) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def operands(query, key, value, with_lse: bool) -> Operands:
    """Checks the kind of the inputs and allocates the outputs."""
    if is_tensor(query):
        return _from_torch(query, key, value, with_lse)
    if is_array(query):
        return _from_numpy(query, key, value, with_lse)
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
    return (*inputs, out, lse, words, result)


def _from_torch(query, key, value, with_lse: bool) -> Operands:
    torch = sys.modules["torch"]
    plain = torch.Tensor
    # The usual case in as few tests as there can be: they are half of a call's time.
    # What they let through the exchange refuses, and `check_tensors` says why.
    if (
        type(query) is not plain
        or type(key) is not plain
        or type(value) is not plain
        or query.requires_grad
        or key.requires_grad
        or value.requires_grad
        or query.is_neg()
        or key.is_neg()
        or value.is_neg()
    ):
        check_tensors(query, key, value)
        # Under no_grad, then; older exchanges refuse what may record a graph.
        query, key, value = query.detach(), key.detach(), value.detach()
    shape, value_shape = query.shape, value.shape
    if shape == value_shape or shape[-1:] == value_shape[-1:]:
        out = torch.empty_like(query)
    else:
        out = query.new_empty(shape[:-1] + value_shape[-1:])
    lse = query.new_empty(shape[:-1], dtype=torch.float32) if with_lse else None
    return query, key, value, out, lse, False, out


def check_tensors(query, key, value) -> None:
    """Refuses what the exchange would accept silently, or with other words."""
    torch = sys.modules.get("torch")
    if torch is not None and is_tensor(query):
        for name, tensor in zip(_NAMES, (query, key, value)):
            check_tensor(torch, name, tensor)


def check_tensor(torch, name: str, tensor) -> None:
    """Refuses ``tensor``, called ``name``, unless it is dense, resolved and of data."""
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
        check_tensor(torch, "query", query)  # of no other kind of device
        name = target_of_capability(*torch.cuda.get_device_capability(device))
        _targets[device] = name
    return name
