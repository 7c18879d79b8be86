"""Arrays that patterns and scores read when a kernel runs.

The compiled kernel knows that there is a table, not what it holds: other numbers need
no other kernel.
"""

from __future__ import annotations

from . import _tracing
from ._tensors import check_tensor, is_array, is_tensor
from .errors import AttnError

_LARGEST = 2**31 - 1


class Table:
    """An array for functions of scores and predicates to read: ``table[h, q - k + 63]``.

    source: a NumPy array or a PyTorch tensor of 1 to 4 dimensions, where the query is;
        integers are read as i32, floats as f32. Contiguous int32 and float32 are read in
        place at each call, all else is converted here, once.
    ``table[i, j]`` inside a traced function is the entry; as many indices as dimensions,
    integers, each moved to its nearest end where it lies outside (of more than two
    dimensions, the first alone, and the others together as one).
    Tables are equal if their source is the same object.
    """

    __slots__ = ("source", "table", "shape")

    def __init__(self, source, name: str = "source", most: int = 4, integers: bool = False):
        self.source = source  # kept, so that its id stays its own
        self.table = _convert(name, source, most, integers)
        self.shape = tuple(self.table.shape)
        if self.table.ndim > 2:
            self.table = self.table.reshape(self.shape[0], -1)

    def __eq__(self, other) -> bool:
        return isinstance(other, Table) and self.source is other.source

    def __hash__(self) -> int:
        return id(self.source)

    def __repr__(self) -> str:
        return f"<{type(self.source).__name__} of shape {self.shape}>"

    def __getitem__(self, indices):
        indices = indices if isinstance(indices, tuple) else (indices,)
        if len(indices) != len(self.shape):
            raise AttnError(
                f"expected {len(self.shape)} indices of a table of shape {self.shape}, "
                f"but got {len(indices)}"
            )
        column = indices[1:] or indices
        flat = column[0]
        for index, extent in zip(column[1:], self.shape[2:]):
            flat = flat * extent + index
        rows = indices[:1] if len(indices) > 1 else ()
        kind = "i32" if "int" in str(self.table.dtype) else "f32"
        return _tracing.read_table(self, kind, (*rows, flat))


class HeadWindows:
    """The windows of each head, as a table of one row a head for each rank."""

    __slots__ = ("table", "_rows")

    def __init__(self, source):
        self.table = Table(source, "head_windows", most=2, integers=True)
        self._rows: dict[int, Table] = {}

    def rows(self, rank: int) -> Table:
        table = self.table.table
        if table.ndim == 2 and table.shape[1] != rank:
            raise AttnError(
                f"expected 'head_windows' to be of {rank} columns, one per grid axis, "
                f"but got {table.shape[1]}"
            )
        if rank not in self._rows:
            if table.ndim == 1:
                table = table.reshape(-1, 1)
                # NumPy's repeat repeats entries, PyTorch's the whole.
                table = table.repeat(rank, 1) if is_tensor(table) else table.repeat(rank, axis=1)
            self._rows[rank] = Table(table, "head_windows")
        return self._rows[rank]

    def __eq__(self, other) -> bool:
        return isinstance(other, HeadWindows) and self.table == other.table

    def __hash__(self) -> int:
        return hash(self.table)

    def __repr__(self) -> str:
        return repr(self.table)


def _convert(name: str, source, most: int, integers: bool):
    """``source`` as contiguous int32 or float32, in place where it is that."""
    if is_array(source):
        kind = source.dtype.kind if source.dtype.kind in "iuf" else None
        kind = "i" if kind == "u" else kind
        if kind is None and source.dtype.name == "bfloat16":
            kind = "f"
    elif is_tensor(source):
        import torch

        check_tensor(torch, name, source)
        exact = source.is_complex() or source.dtype == torch.bool or source.is_quantized
        kind = None if exact else "f" if source.is_floating_point() else "i"
    else:
        raise AttnError(
            f"expected '{name}' to be a NumPy array or a PyTorch tensor, "
            f"but got {type(source).__name__}"
        )
    if kind is None or (integers and kind != "i"):
        wanted = "integers" if integers else "integers or floats"
        raise AttnError(f"expected '{name}' to be of {wanted}, but got {source.dtype}")
    if not 1 <= source.ndim <= most:
        raise AttnError(f"expected '{name}' to be of 1 to {most} dimensions, but got {source.ndim}")
    if kind == "i":
        _check_range(name, source)
    return _contiguous(source, "int32" if kind == "i" else "float32")


def on_host(array) -> bool:
    return is_array(array) or array.is_cpu


def _check_range(name: str, array) -> None:
    """Wider numbers could meet as 32 bits. On a GPU, they are not looked at."""
    if not on_host(array) or 0 in array.shape:
        return
    narrow = ("int8", "int16", "int32", "uint8", "uint16")
    if str(array.dtype).removeprefix("torch.") in narrow:
        return
    for number in (int(array.min()), int(array.max())):
        if not -_LARGEST - 1 <= number <= _LARGEST:
            raise AttnError(f"expected '{name}' to be of numbers of 32 bits, but got {number}")


def _contiguous(array, dtype: str):
    if is_tensor(array):
        import torch

        return array.to(getattr(torch, dtype)).contiguous()
    import numpy

    table = numpy.ascontiguousarray(array, dtype)
    # NumPy refuses to export what it may not write.
    return table if table.flags.writeable else table.copy()
