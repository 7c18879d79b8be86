"""Patterns of what tokens belong to: numbers that come with the call, not the kernel.

The compiled kernel knows that there is a table of numbers, not what they are: other
documents need no other kernel.
"""

from __future__ import annotations

from ._tensors import check_tensor, is_array, is_tensor
from .errors import AttnError
from .patterns import Pattern, Symbols, _boolean, _integer

_LARGEST = 2**31 - 1


class _Ids:
    """An array of numbers as a value: equal to itself only."""

    __slots__ = ("source", "table")

    def __init__(self, source):
        self.source = source  # kept, so that its id stays its own
        self.table = table_of("ids", source)

    def __eq__(self, other) -> bool:
        return isinstance(other, _Ids) and self.source is other.source

    def __hash__(self) -> int:
        return id(self.source)

    def __repr__(self) -> str:
        return f"<{type(self.source).__name__} of shape {tuple(self.source.shape)}>"


class Document(Pattern):
    """ids[q] == ids[k]: each document of a packed sequence sees itself.

    ids: the document of each token along ``axis``: integers of shape (S,), or (B, S)
        for one row a batch entry; a NumPy array or a PyTorch tensor, where the query
        is. Contiguous int32 is read in place at each call, all else converted here,
        once. Other ids, the same kernel: none depends on the numbers.
    axis: the grid axis that the tokens count on; its query and key extents are equal.
    sorted: that no row ever decreases: then tiles of different documents are skipped.
        Default: found out here, but False for CUDA tensors, whose numbers it would
        have to wait for. True for numbers that do decrease gives wrong results.
    Documents are equal if axis and sorted are, and ``ids`` is the same object.
    ``Document(ids) & Causal()`` is the usual pattern of packed training.
    """

    __slots__ = ()
    _names = ("ids", "axis", "sorted")

    def __init__(self, ids, axis: int = 0, sorted: bool | None = None):
        if _integer("axis", axis) not in (0, 1, 2):
            raise AttnError(f"expected 'axis' to be 0, 1 or 2, but got {axis}")
        held = _Ids(ids)
        sorted = _never_decreases(held.table) if sorted is None else _boolean("sorted", sorted)
        super().__init__(held, int(axis), sorted)

    def bind(self, rank: int) -> Document:
        return self

    def _print(self, rank: int, symbols: Symbols) -> str:
        ids, axis, sorted = self._fields
        parts = [f"table = {symbols.table(ids, axis)}"]
        if axis != 0:
            parts.append(f"axis = {axis}")
        if sorted:
            parts.append("sorted")
        return f"#attn.same<{', '.join(parts)}>"


def table_of(name: str, ids):
    """``ids`` as contiguous int32 of one or two dimensions, in place where it is that."""
    if is_array(ids):
        kind = ids.dtype.kind if ids.dtype.kind in "iu" else None
    elif is_tensor(ids):
        import torch

        check_tensor(torch, name, ids)
        floats = ids.is_floating_point() or ids.is_complex() or ids.dtype == torch.bool
        kind = None if floats or ids.is_quantized else "i"
    else:
        raise AttnError(
            f"expected '{name}' to be a NumPy array or a PyTorch tensor, "
            f"but got {type(ids).__name__}"
        )
    if kind is None:
        raise AttnError(f"expected '{name}' to be of integers, but got {ids.dtype}")
    if ids.ndim not in (1, 2):
        raise AttnError(
            f"expected '{name}' to be of 1 dimension (tokens) or 2 (batch, tokens), "
            f"but got {ids.ndim}"
        )
    _check_range(name, ids)
    return _int32(ids)


def _on_host(ids) -> bool:
    return is_array(ids) or ids.is_cpu


def _check_range(name: str, ids) -> None:
    """Wider numbers could meet as 32 bits. On a GPU, they are not looked at."""
    if not _on_host(ids) or 0 in ids.shape:
        return
    narrow = ("int8", "int16", "int32", "uint8", "uint16")
    if str(ids.dtype).removeprefix("torch.") in narrow:
        return
    for number in (int(ids.min()), int(ids.max())):
        if not -_LARGEST - 1 <= number <= _LARGEST:
            raise AttnError(f"expected '{name}' to be of numbers of 32 bits, but got {number}")


def _int32(ids):
    if is_tensor(ids):
        import torch

        return ids.to(torch.int32).contiguous()
    import numpy

    table = numpy.ascontiguousarray(ids, numpy.int32)
    # NumPy refuses to export what it may not write.
    return table if table.flags.writeable else table.copy()


def _never_decreases(table) -> bool:
    return _on_host(table) and bool((table[..., 1:] >= table[..., :-1]).all())
