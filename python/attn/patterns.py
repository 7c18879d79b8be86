"""Which keys a query sees.

A pattern is a plain value: it compares, hashes and prints. It fits every rank
as long as its parameters are single numbers, which apply to each grid axis; a
tuple, one entry per axis, fixes the rank. What the numbers may be is the
compiler's business; here only their form is checked.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Union

from .errors import AttnError

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


def _list(name: str, value, rank: int) -> str:
    """``value`` as an MLIR list of ``rank`` entries."""
    entries = value if isinstance(value, tuple) else (value,) * rank
    if len(entries) != rank:
        raise AttnError(
            f"expected '{name}' to be of {rank} entries, one per grid axis, but got {len(entries)}"
        )
    return "[" + ", ".join(str(item).lower() for item in entries) + "]"


class Pattern:
    """Base of all patterns; not made directly."""

    __slots__ = ("_fields", "_texts")

    def __init__(self, *fields):
        self._fields = fields
        self._texts: dict[int, str] = {}

    @property
    def rank(self) -> int | None:
        """Number of grid axes that the parameters fix, or None for any."""
        lengths = [len(field) for field in self._fields if isinstance(field, tuple)]
        return lengths[0] if lengths else None

    def text(self, rank: int) -> str:
        """The compiler's attribute for a grid of ``rank`` axes.

        Raises AttnError where a tuple has not one entry per axis.
        """
        known = self._texts.get(rank)
        if known is None:
            known = self._texts[rank] = self._print(rank)
        return known

    def _print(self, rank: int) -> str:
        raise NotImplementedError

    def __and__(self, other: Pattern) -> Pattern:
        """The keys that both patterns admit."""
        if not isinstance(other, Pattern):
            return NotImplemented
        return AllOf(self, other)

    def __eq__(self, other) -> bool:
        return type(self) is type(other) and self._fields == other._fields

    def __hash__(self) -> int:
        return hash((type(self), self._fields))


class Neighborhood(Pattern):
    """Each query sees the ``window`` keys around it, along each grid axis.

    window: number of keys per axis; always that many, shifted inward at the
        edges of the grid. window * dilation <= extent.
    stride: neighboring queries, ``stride`` at a time, share one window
        (1 <= stride <= window).
    dilation: tokens x and x + dilation are neighbors.
    causal: per axis, hide the keys behind the query.
    boundary: ``"clamp"``: what happens at the edges, as above.
    An int or bool applies to every axis; a tuple has one entry per axis.
    Query and key grids must be equal.
    Source: Hassani et al. 2025 (generalized neighborhood attention).
    """

    __slots__ = ()

    def __init__(
        self,
        window: Ints,
        stride: Ints = 1,
        dilation: Ints = 1,
        causal: Bools = False,
        boundary: str = "clamp",
    ):
        if boundary != "clamp":
            raise AttnError(f"expected 'boundary' to be 'clamp', but got {boundary!r}")
        super().__init__(
            _per_axis("window", window, _integer),
            _per_axis("stride", stride, _integer),
            _per_axis("dilation", dilation, _integer),
            _per_axis("causal", causal, _boolean),
        )

    def _print(self, rank: int) -> str:
        names = ("window", "stride", "dilation", "causal")
        parts = [f"{n} = {_list(n, f, rank)}" for n, f in zip(names, self._fields)]
        return f"#attn.neighborhood<{', '.join(parts)}>"

    def __repr__(self) -> str:
        window, stride, dilation, causal = self._fields
        return (
            f"Neighborhood(window={window}, stride={stride}, dilation={dilation}, causal={causal})"
        )


class Band(Pattern):
    """Query i sees key j where ``lower <= j - i - shift <= upper``, on one axis.

    lower, upper: numbers of keys, inclusive; None for no bound.
    align: ``"top_left"``: shift = 0, queries and keys begin together;
        ``"bottom_right"``: shift = keys - queries, they end together.
    axis: the grid axis that i and j count on; all keys along the others.
    Query and key grids may differ. A query that sees no key yields zeros.
    """

    __slots__ = ()

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

    def _print(self, rank: int) -> str:
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

    def __repr__(self) -> str:
        lower, upper, align, axis = self._fields
        return f"Band(lower={lower}, upper={upper}, align={align!r}, axis={axis})"


class AllOf(Pattern):
    """The keys that every one of several patterns admits; made by ``&``."""

    __slots__ = ()

    def __init__(self, *patterns: Pattern):
        flat: list[Pattern] = []
        for pattern in patterns:
            flat.extend(pattern._fields if isinstance(pattern, AllOf) else [pattern])
        super().__init__(*flat)

    @property
    def rank(self) -> int | None:
        ranks = [pattern.rank for pattern in self._fields if pattern.rank is not None]
        return ranks[0] if ranks else None

    def _print(self, rank: int) -> str:
        return "#attn.all_of<[" + ", ".join(p.text(rank) for p in self._fields) + "]>"

    def __repr__(self) -> str:
        return " & ".join(repr(pattern) for pattern in self._fields)


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
