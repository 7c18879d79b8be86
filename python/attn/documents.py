"""Patterns of what tokens belong to: numbers that come with the call, not the kernel.

The compiled kernel knows that there is a table of numbers, not what they are: other
documents need no other kernel.
"""

from __future__ import annotations

from .errors import AttnError
from .patterns import Pattern, Symbols, _boolean, _integer
from .tables import Table, on_host


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
        held = Table(ids, "ids", most=2, integers=True)
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


def _never_decreases(table) -> bool:
    return on_host(table) and bool((table[..., 1:] >= table[..., :-1]).all())
