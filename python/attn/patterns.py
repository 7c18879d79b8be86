"""Which keys a query sees.

A pattern is a plain value: it compares, hashes and prints; ``&``, ``|`` and ``~``
combine patterns. It fits every rank as long as its parameters are single numbers,
which apply to each grid axis; a tuple, one entry per axis, fixes the rank. What
the numbers may be is the compiler's business; here only their form is checked.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Union

from . import scalar
from ._code import Code
from .errors import AttnError
from .tables import HeadWindows

Ints = Union[int, Sequence[int]]
Bools = Union[bool, Sequence[bool]]


def _integer(name: str, value) -> int:
    # bool is an int in Python, but `window=True` is a mistake.
    if not isinstance(value, bool):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise AttnError(f"expected '{name}' to be an integer, but got {value!r}")


def _boolean(name: str, value) -> bool:
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return bool(value)
    raise AttnError(f"expected '{name}' to be True or False, but got {value!r}")


def _per_axis(name: str, value, entry):
    """One entry for all axes, or a tuple of one entry per axis."""
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        if not 1 <= len(value) <= 3:
            raise AttnError(
                f"expected '{name}' to be of 1 to 3 entries, one per grid axis, "
                f"but got {len(value)}"
            )
        return tuple(entry(name, item) for item in value)
    return entry(name, value)


def _entries(name: str, value, rank: int) -> tuple:
    """``value`` as a tuple of ``rank`` entries."""
    entries = value if isinstance(value, tuple) else (value,) * rank
    if len(entries) != rank:
        raise AttnError(
            f"expected '{name}' to be of {rank} entries, one per grid axis, but got {len(entries)}"
        )
    return entries


def _list(name: str, value, rank: int) -> str:
    """``value`` as an MLIR list of ``rank`` entries."""
    return "[" + ", ".join(str(item).lower() for item in _entries(name, value, rank)) + "]"


class Symbols:
    """Names for the scalar code and the tables of one pattern, in the order of its text."""

    def __init__(self):
        self._names: dict[Code, str] = {}
        self._tables: dict[tuple, int] = {}

    def name(self, code: Code) -> str:
        for table in code.tables:
            self.table(table)
        return self._names.setdefault(code, f"{code.kind}{len(self._names)}")

    def table(self, table, axis: int | None = None) -> int:
        """The number of an ``attn.Table``; one of documents serves one axis."""
        return self._tables.setdefault((table, axis), len(self._tables))

    def text(self) -> str:
        return "".join(
            code.text(name, [self.table(table) for table in code.tables])
            for code, name in self._names.items()
        )

    def tables(self) -> tuple:
        return tuple(table.table for table, _ in self._tables)


class Pattern:
    """Base of all patterns; not made directly."""

    __slots__ = ("_fields", "_texts")
    _names: tuple[str, ...] = ()  # of the fields

    def __init__(self, *fields):
        self._fields = fields
        self._texts: dict[int, tuple[str, str, tuple]] = {}

    @property
    def rank(self) -> int | None:
        """Number of grid axes that the parameters fix, or None for any."""
        lengths = [len(field) for field in self._fields if isinstance(field, tuple)]
        return lengths[0] if lengths else None

    def text(self, rank: int) -> str:
        """The compiler's attribute for a grid of ``rank`` axes.

        Raises AttnError where a tuple has not one entry per axis.
        """
        return self._lowered(rank)[0]

    def to_mlir(self, rank: int) -> str:
        """The ops that the attribute names, if any, and then the attribute.

        ``attn.parse`` reads it. Raises AttnError where a tuple has not one entry
        per axis, or a function not the parameters of ``rank`` axes.
        """
        text, symbols, _ = self._lowered(rank)
        return symbols + text

    def bind(self, rank: int) -> Pattern:
        """The same pattern on ``rank`` axes, in terms of the compiler's own ones.

        Numbers become tuples and composites their definitions:
        ``attn.parse(p.to_mlir(rank)) == p.bind(rank)``.
        """
        fields = [
            _entries(name, field, rank) for name, field in zip(self._names, self._fields)
        ]
        return type(self)(*fields)

    def materialize(self, grid, key_grid=None, *, batch: int = 0, head: int = 0):
        """Which keys each query sees: a boolean array (queries, keys).

        grid, key_grid: extents of the axes, or one int; default of key_grid: grid.
            Tokens are numbered with the last axis fastest.
        batch, head: what predicates are asked for, and the row of document numbers.
        At most 16384^2 entries; computed by the compiled kernel itself, on the CPU.
        Raises AttnError for larger grids, and what ``attn.attention`` raises.
        """
        from ._materialize import materialize

        return materialize(self, grid, key_grid, batch, head)

    def simulate(self, grid, key_grid=None, *, tile=None, key_tile=None, target="cpu", sweep=False):
        """The tiles that the pattern visits on a grid, and what that allows.

        grid, key_grid: extents of the axes, or one int; default of key_grid: grid.
        tile, key_tile: extents of a query tile and of a key tile (default: as tile);
            without them, those that the tile model of ``target`` chooses.
        sweep: instead, a list of strides and tile shapes, best first.
        Returns a dict of numbers: tiles visited (worst and mean query tile), the
        FLOP-wise and the simulated bounds, the share of tiles without a mask, bytes
        of metadata; for key tiles on a fixed grid and from the window's start.
        Raises AttnError for tiles of another rank and for Document.
        Source: the model of GNA's simulator, arXiv:2504.16922.
        """
        from ._simulate import simulate

        return simulate(
            self, grid, key_grid, tile=tile, key_tile=key_tile, target=target, sweep=sweep
        )

    def visualize(self, grid, key_grid=None, *, path, query=None, target="cpu") -> str:
        """Draws the mask by its tiles into ``path`` (.svg or .png), which it returns.

        query: token coordinates whose window a second panel shows, for grids of two
            and three axes; default: the middle. Other arguments as for simulate.
        Raises AttnError where the file cannot be written.
        """
        from ._simulate import visualize

        return visualize(self, grid, key_grid, path=path, query=query, target=target)

    def _lowered(self, rank: int) -> tuple[str, str, tuple]:
        """The attribute, the ops that it names, and its tables by number."""
        known = self._texts.get(rank)
        if known is None:
            symbols = Symbols()
            text = self._print(rank, symbols)
            known = self._texts[rank] = (text, symbols.text(), symbols.tables())
        return known

    def _print(self, rank: int, symbols: Symbols) -> str:
        raise NotImplementedError

    def __and__(self, other: Pattern) -> Pattern:
        """The keys that both patterns admit."""
        return AllOf(self, other) if isinstance(other, Pattern) else NotImplemented

    def __or__(self, other: Pattern) -> Pattern:
        """The keys that at least one of both patterns admits."""
        return AnyOf(self, other) if isinstance(other, Pattern) else NotImplemented

    def __invert__(self) -> Pattern:
        """The keys that the pattern does not admit; ``~~p`` is ``p``."""
        return Not(self)

    def __bool__(self) -> bool:
        raise AttnError(
            "expected patterns to be combined by &, | and ~, but got a truth value "
            "(if, and, or, not)"
        )

    def __eq__(self, other) -> bool:
        return type(self) is type(other) and self._fields == other._fields

    def __hash__(self) -> int:
        return hash((type(self), self._fields))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={field!r}" for name, field in zip(self._names, self._fields))
        return f"{type(self).__name__}({fields})"


class _Grid(Pattern):
    """A pattern whose fields are lists with one entry per grid axis."""

    __slots__ = ()
    _mnemonic = ""

    def _print(self, rank: int, symbols: Symbols) -> str:
        parts = [f"{n} = {_list(n, f, rank)}" for n, f in zip(self._names, self._fields)]
        return f"#attn.{self._mnemonic}<{', '.join(parts)}>"


class Neighborhood(_Grid):
    """Each query sees the ``window`` keys around it, along each grid axis.

    window: number of keys per axis; always that many, shifted inward at the
        edges of the grid. window * dilation <= extent.
    stride: neighboring queries, ``stride`` at a time, share one window
        (1 <= stride <= window).
    dilation: tokens x and x + dilation are neighbors.
    causal: per axis, hide the keys behind the query.
    boundary: ``"clamp"``: what happens at the edges, as above; ``"mask"``: windows stay
        centered, and keys outside the grid do not exist; ``"wrap"``: the grid is a torus.
    head_windows: the windows of each query head, integers of shape (H,) or (H, axes), each
        at most ``window``; an array as ``attn.Table`` takes it.
    An int or bool applies to every axis; a tuple has one entry per axis.
    Query and key grids must be equal.
    Source: Hassani et al. 2025 (generalized neighborhood attention).
    """

    __slots__ = ()
    _mnemonic = "neighborhood"
    _names = ("window", "stride", "dilation", "causal", "boundary", "head_windows")

    def __init__(
        self,
        window: Ints,
        stride: Ints = 1,
        dilation: Ints = 1,
        causal: Bools = False,
        boundary: str = "clamp",
        head_windows=None,
    ):
        if boundary not in ("clamp", "mask", "wrap"):
            raise AttnError(
                f"expected 'boundary' to be 'clamp', 'mask' or 'wrap', but got {boundary!r}"
            )
        if head_windows is not None and not isinstance(head_windows, HeadWindows):
            head_windows = HeadWindows(head_windows)
        super().__init__(
            _per_axis("window", window, _integer),
            _per_axis("stride", stride, _integer),
            _per_axis("dilation", dilation, _integer),
            _per_axis("causal", causal, _boolean),
            boundary,
            head_windows,
        )

    def bind(self, rank: int) -> Pattern:
        lists = [_entries(n, f, rank) for n, f in zip(self._names[:4], self._fields)]
        return Neighborhood(*lists, *self._fields[4:])

    def _print(self, rank: int, symbols: Symbols) -> str:
        parts = [f"{n} = {_list(n, f, rank)}" for n, f in zip(self._names[:4], self._fields)]
        boundary, head_windows = self._fields[4:]
        if boundary != "clamp":
            parts.append(f"boundary = {boundary}")
        if head_windows is not None:
            parts.append(f"window_table = {symbols.table(head_windows.rows(rank))}")
        return f"#attn.neighborhood<{', '.join(parts)}>"


class Band(Pattern):
    """Query i sees key j where ``lower <= j - i - shift <= upper``, on one axis.

    lower, upper: numbers of keys, inclusive; None for no bound.
    align: ``"top_left"``: shift = 0, queries and keys begin together;
        ``"bottom_right"``: shift = keys - queries, they end together.
    axis: the grid axis that i and j count on; all keys along the others.
    Query and key grids may differ. A query that sees no key yields zeros.
    """

    __slots__ = ()
    _names = ("lower", "upper", "align", "axis")

    def __init__(
        self,
        lower: int | None = None,
        upper: int | None = None,
        align: str = "top_left",
        axis: int = 0,
    ):
        if align not in ("top_left", "bottom_right"):
            raise AttnError(
                f"expected 'align' to be 'top_left' or 'bottom_right', but got {align!r}"
            )
        super().__init__(
            None if lower is None else _integer("lower", lower),
            None if upper is None else _integer("upper", upper),
            align,
            _integer("axis", axis),
        )

    def _print(self, rank: int, symbols: Symbols) -> str:
        lower, upper, align, axis = self._fields
        parts = []
        if lower is not None:
            parts.append(f"lower = {lower}")
        if upper is not None:
            parts.append(f"upper = {upper}")
        if align != "top_left":
            parts.append(f"align = {align}")
        if axis != 0:
            parts.append(f"axis = {axis}")
        return f"#attn.band<{', '.join(parts)}>"

    def bind(self, rank: int) -> Band:
        return self


class Range(Pattern):
    """begin <= t < end, t the token of one side along one axis.

    side: ``"key"``: every query sees the keys of the range;
        ``"query"``: the queries of the range see every key.
    begin, end: tokens; None for no bound. axis: the grid axis that t counts on.
    Query and key grids may differ. ``Causal() & (SlidingWindow(15) | Range("key", end=4))``
    is attention with 4 sinks; tiles that hold none are skipped.
    """

    __slots__ = ()
    _names = ("side", "begin", "end", "axis")

    def __init__(
        self, side: str, begin: int | None = None, end: int | None = None, axis: int = 0
    ):
        if side not in ("query", "key"):
            raise AttnError(f"expected 'side' to be 'query' or 'key', but got {side!r}")
        super().__init__(
            side,
            None if begin is None else _integer("begin", begin),
            None if end is None else _integer("end", end),
            _integer("axis", axis),
        )

    def _print(self, rank: int, symbols: Symbols) -> str:
        side, begin, end, axis = self._fields
        parts = [f"side = {side}"]
        if begin is not None:
            parts.append(f"begin = {begin}")
        if end is not None:
            parts.append(f"end = {end}")
        if axis != 0:
            parts.append(f"axis = {axis}")
        return f"#attn.range<{', '.join(parts)}>"

    def bind(self, rank: int) -> Range:
        return self


class Blocked(_Grid):
    """x div block == y div block, per axis: each block of the grid sees itself.

    block: tokens per axis; the last block may be short. An int applies to every
        axis; a tuple has one entry per axis. Grids may differ.
    Source: Liu et al. 2021 (Swin Transformer), windows without shift.
    """

    __slots__ = ()
    _mnemonic = "blocked"
    _names = ("block",)

    def __init__(self, block: Ints):
        super().__init__(_per_axis("block", block, _integer))


class ShiftedWindow(_Grid):
    """Window x' div window == y' div window, x' = (x - shift) mod L, same region; per axis.

    The grid of extent L is rolled by -shift and cut into windows, which do not see
    across the seam: the regions are x' < L - window, x' < L - shift, and the rest.
    window: tokens per axis. shift: 0 <= shift < window. Ints apply to every axis;
        tuples have one entry per axis. Query and key grids must be equal.
    Source: Liu et al. 2021 (Swin Transformer), section 3.2.
    """

    __slots__ = ()
    _mnemonic = "shifted_window"
    _names = ("window", "shift")

    def __init__(self, window: Ints, shift: Ints):
        super().__init__(
            _per_axis("window", window, _integer), _per_axis("shift", shift, _integer)
        )


class Halo(_Grid):
    """B - halo <= y < B + block + halo, B = x div block * block, per axis.

    Each block of queries sees its own tokens and a halo around them.
    block, halo: tokens per axis; ints apply to every axis, tuples have one entry
        per axis. Grids may differ.
    boundary: ``"mask"``: keys outside the grid do not exist; ``"zero_pad"``: they are zeros:
        each counts in the softmax with the score of a key of zeros, and adds nothing.
    Source: Vaswani et al. 2021 (HaloNet).
    """

    __slots__ = ()
    _mnemonic = "halo"
    _names = ("block", "halo", "boundary")

    def __init__(self, block: Ints, halo: Ints, boundary: str = "mask"):
        if boundary not in ("mask", "zero_pad"):
            raise AttnError(
                f"expected 'boundary' to be 'mask' or 'zero_pad', but got {boundary!r}"
            )
        super().__init__(
            _per_axis("block", block, _integer), _per_axis("halo", halo, _integer), boundary
        )

    def bind(self, rank: int) -> Pattern:
        lists = [_entries(n, f, rank) for n, f in zip(self._names[:2], self._fields)]
        return Halo(*lists, self._fields[2])

    def _print(self, rank: int, symbols: Symbols) -> str:
        parts = [f"{n} = {_list(n, f, rank)}" for n, f in zip(self._names[:2], self._fields)]
        if self._fields[2] != "mask":
            parts.append(f"boundary = {self._fields[2]}")
        return f"#attn.halo<{', '.join(parts)}>"


class Predicate(Pattern):
    """fn(b, h, q.., k..): visible where the function says so.

    source: a function of batch, query head, and one query and one key coordinate per
        grid axis, all i32, to a condition; or the text of an ``attn.predicate`` op.
        The function is traced once, here: comparisons and arithmetic on its arguments,
        &, | and ~, and the functions of ``attn`` (where, minimum, ...). Integers wrap
        at 32 bits; // and % round down as Python's; a divisor that is 0 at run time
        counts as 1.
    The number of parameters fixes the rank; a function (b, h, *coordinates) fits every
    rank. Each tile's pairs are tested once for given extents, and empty tiles skipped;
    ``Band(...) & Predicate(...)`` tests only those of the band.
    Raises AttnError for what cannot be traced.
    """

    __slots__ = ()

    def __init__(self, source):
        super().__init__(scalar.scalar_code(source, "predicate"))

    @property
    def rank(self) -> int | None:
        source = self._fields[0]
        return source.rank if isinstance(source, Code) else None

    def bind(self, rank: int) -> Predicate:
        return Predicate(scalar.code_for(self._fields[0], "predicate", rank))

    def _print(self, rank: int, symbols: Symbols) -> str:
        code = scalar.code_for(self._fields[0], "predicate", rank)
        return f"#attn.predicate<@{symbols.name(code)}>"

    def __repr__(self) -> str:
        return f"Predicate({scalar.spell(self._fields[0], 'predicate')})"


class _Parts(Pattern):
    """Several patterns, joined; a part of the same kind is flattened."""

    __slots__ = ()
    _mnemonic = ""

    def __init__(self, *patterns: Pattern):
        flat: list[Pattern] = []
        for pattern in patterns:
            flat.extend(pattern._fields if type(pattern) is type(self) else [pattern])
        super().__init__(*flat)

    @property
    def rank(self) -> int | None:
        ranks = [pattern.rank for pattern in self._fields if pattern.rank is not None]
        return ranks[0] if ranks else None

    def bind(self, rank: int) -> Pattern:
        return type(self)(*(pattern.bind(rank) for pattern in self._fields))

    def _print(self, rank: int, symbols: Symbols) -> str:
        parts = ", ".join(pattern._print(rank, symbols) for pattern in self._fields)
        return f"#attn.{self._mnemonic}<[{parts}]>"


class AllOf(_Parts):
    """The keys that every one of several patterns admits; made by ``&``."""

    __slots__ = ()
    _mnemonic = "all_of"

    def __repr__(self) -> str:
        return " & ".join(
            f"({part!r})" if isinstance(part, AnyOf) else repr(part) for part in self._fields
        )


class AnyOf(_Parts):
    """The keys that at least one of several patterns admits; made by ``|``."""

    __slots__ = ()
    _mnemonic = "any_of"

    def __repr__(self) -> str:
        return " | ".join(repr(part) for part in self._fields)


class Not(Pattern):
    """The keys that a pattern does not admit; made by ``~``."""

    __slots__ = ()

    def __init__(self, operand: Pattern):
        super().__init__(operand)

    @property
    def rank(self) -> int | None:
        return self._fields[0].rank

    def bind(self, rank: int) -> Pattern:
        return ~self._fields[0].bind(rank)

    def _print(self, rank: int, symbols: Symbols) -> str:
        return f"#attn.not<{self._fields[0]._print(rank, symbols)}>"

    def __invert__(self) -> Pattern:
        return self._fields[0]

    def __repr__(self) -> str:
        operand = self._fields[0]
        return f"~({operand!r})" if isinstance(operand, _Parts) else f"~{operand!r}"


def Causal(align: str = "top_left", axis: int = 0) -> Band:
    """No key after the query: ``Band(upper=0)``."""
    return Band(upper=0, align=align, axis=axis)


def SlidingWindow(left: int, right: int = 0, axis: int = 0) -> Band:
    """``left`` keys before the query, itself, and ``right`` keys after it.

    Inclusive: ``left=1023, right=0`` are 1024 keys.
    """
    for name, keys in (("left", left), ("right", right)):
        if _integer(name, keys) < 0:
            raise AttnError(f"expected '{name}' to be a number of keys >= 0, but got {keys}")
    return Band(lower=-left, upper=right, axis=axis)


def Full() -> Band:
    """Every key: ``Band()``."""
    return Band()
