"""Patterns of affine functions of query and key, and of their distance."""

from __future__ import annotations

from .errors import AttnError
from .patterns import Pattern, Symbols, _boolean, _integer
from .tables import Table


class PowerOfTwo(Pattern):
    """d = q // block - k // block is 0 or a power of two, along one axis.

    block: tokens of a block, >= 1. axis: the grid axis that q and k count on.
    Query and key grids may differ.
    Source: PowerAttention, Chen et al. 2025.
    """

    __slots__ = ()
    _names = ("block", "axis")

    def __init__(self, block: int, axis: int = 0):
        super().__init__(_integer("block", block), _integer("axis", axis))

    def bind(self, rank: int) -> PowerOfTwo:
        return self

    def _print(self, rank: int, symbols: Symbols) -> str:
        block, axis = self._fields
        return f"#attn.power_of_two<block = {block}{f', axis = {axis}' if axis else ''}>"


class Read:
    """An entry of a table, for a Relation.

    table: an array of integers as ``attn.Table`` takes it.
    at: the place of the entry, an affine map of (batch, head, query.., key..) and the reads
        before it: ``"(b, h, q, k) -> (b, q)"``.
    sorted: that no row ever decreases: then whole tiles are judged by their corners.
    """

    __slots__ = ("table", "at", "sorted")

    def __init__(self, table, at: str, sorted: bool = False):
        made = isinstance(table, Table)
        self.table = table if made else Table(table, "table", most=2, integers=True)
        self.at = at.strip()
        self.sorted = _boolean("sorted", sorted)

    def _print(self, symbols: Symbols) -> str:
        order = ", sorted" if self.sorted else ""
        number = symbols.table(self.table)
        return f"#attn.read<table = {number}, at = affine_map<{self.at}>{order}>"

    def __eq__(self, other) -> bool:
        return isinstance(other, Read) and (self.table, self.at, self.sorted) == (
            other.table, other.at, other.sorted,
        )  # fmt: skip

    def __hash__(self) -> int:
        return hash((self.table, self.at, self.sorted))

    def __repr__(self) -> str:
        return f"Read({self.table!r}, {self.at!r}, sorted={self.sorted})"


class Relation(Pattern):
    """Affine functions of q and k are zero, and others not negative.

    zero, nonnegative: affine maps of (batch, head, query coordinates, key coordinates), or
        None: ``zero="(b, h, q, k) -> ((q - k) mod 7)"``, with constant factors, ``floordiv``,
        ``ceildiv`` and ``mod``. All their results must be 0, or >= 0.
    reads: Reads of tables, which symbols stand for in their order:
        ``"(b, h, q, k)[x, y] -> (x - y)"``.
    Tiles are judged by the intervals of each function: those that cannot hold a visible
    pair are skipped, where a Predicate tests each pair of each tile.
    The number of dimensions fixes the rank. Query and key grids may differ.
    """

    __slots__ = ()
    _names = ("zero", "nonnegative", "reads")

    def __init__(self, zero: str | None = None, nonnegative: str | None = None, reads=()):
        maps = {"zero": zero, "nonnegative": nonnegative}
        for name, text in maps.items():
            if text is not None and not isinstance(text, str):
                raise AttnError(
                    f"expected '{name}' to be the text of an affine map, but got {text!r}"
                )
        if zero is None and nonnegative is None:
            raise AttnError("expected 'zero' or 'nonnegative' to be given, but got neither")
        super().__init__(zero and zero.strip(), nonnegative and nonnegative.strip(), tuple(reads))

    @property
    def rank(self) -> int:
        dimensions = (self._fields[0] or self._fields[1]).partition(")")[0]
        return (dimensions.count(",") - 1) // 2

    def bind(self, rank: int) -> Pattern:
        if self._fields[2]:
            return self
        from ._parse import parse

        return parse(self.to_mlir(rank))

    def _print(self, rank: int, symbols: Symbols) -> str:
        maps = zip(self._names[:2], self._fields[:2])
        parts = [f"{name} = affine_map<{text}>" for name, text in maps if text]
        if self._fields[2]:
            reads = ", ".join(read._print(symbols) for read in self._fields[2])
            parts.append(f"reads = [{reads}]")
        return f"#attn.relation<{', '.join(parts)}>"
