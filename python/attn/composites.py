"""Patterns that are made of others.

Each expands to bands, blocks, ranges and relations for the rank at hand.
"""

from __future__ import annotations

from .errors import AttnError
from .patterns import (
    AllOf, AnyOf, Band, Causal, Full, Halo, Ints, Pattern, Range, Symbols, _entries,
    _integer, _per_axis,
)  # fmt: skip
from .relations import PowerOfTwo, Relation


def _at_least(name: str, value, least: int):
    for entry in value if isinstance(value, tuple) else (value,):
        if entry < least:
            raise AttnError(f"expected '{name}' to be >= {least}, but got {value}")
    return value


def _numbers(name: str, value: Ints, least: int):
    return _at_least(name, _per_axis(name, value, _integer), least)


def _number(name: str, value: int, least: int) -> int:
    return _at_least(name, _integer(name, value), least)


def _axis(axis: int) -> int:
    if _integer("axis", axis) not in (0, 1, 2):
        raise AttnError(f"expected 'axis' to be 0, 1 or 2, but got {axis}")
    return axis


def _check_axis(axis: int, rank: int) -> None:
    if axis >= rank:
        raise AttnError(
            f"expected axis {axis} to be of a grid of {axis + 1} axes or more, but got {rank}"
        )


def congruent(steps) -> Relation:
    """(q - k) mod step == 0 on every axis."""
    rank = len(steps)  # dimensions as the compiler names them: batch, head, query, key
    dimensions = ", ".join(f"d{i}" for i in range(2 + 2 * rank))
    terms = [
        f"(d{2 + axis} - d{2 + rank + axis}) mod {step}"
        for axis, step in enumerate(steps)
        if step > 1
    ]
    return Relation(f"({dimensions}) -> ({', '.join(terms)})")


class Composite(Pattern):
    """Base of the patterns here; not made directly."""

    __slots__ = ()

    def expand(self, rank: int) -> Pattern:
        """The definition on ``rank`` axes."""
        raise NotImplementedError

    def bind(self, rank: int) -> Pattern:
        return self.expand(rank).bind(rank)

    def _print(self, rank: int, symbols: Symbols) -> str:
        return self.expand(rank)._print(rank, symbols)


class Dilated(Composite):
    """|q - k| <= window * dilation and (q - k) mod dilation == 0, per axis.

    window: steps to each side, each of ``dilation`` tokens: up to 2 window + 1 keys
        an axis, fewer at the edges (``Neighborhood`` shifts its window inward instead).
    An int applies to every axis; a tuple has one entry per axis. Grids may differ.
    Source: Beltagy et al. 2020 (Longformer), dilated sliding windows.
    """

    __slots__ = ()
    _names = ("window", "dilation")

    def __init__(self, window: Ints, dilation: Ints):
        super().__init__(_numbers("window", window, 0), _numbers("dilation", dilation, 1))

    def expand(self, rank: int) -> Pattern:
        windows = _entries("window", self._fields[0], rank)
        steps = _entries("dilation", self._fields[1], rank)
        reach = [w * d for w, d in zip(windows, steps)]
        parts: list[Pattern] = [Band(-r, r, axis=axis) for axis, r in enumerate(reach)]
        if any(step > 1 for step in steps):
            parts.append(congruent(steps))
        return parts[0] if len(parts) == 1 else AllOf(*parts)


class Strided(Composite):
    """(q - k) mod stride == 0, per axis.

    stride: an int for every axis, or a tuple of one entry per axis. Grids may differ.
        ``Causal() & (SlidingWindow(s - 1) | Strided(s))`` is the strided pattern of
        Sparse Transformers.
    Source: Child et al. 2019 (Sparse Transformers).
    """

    __slots__ = ()
    _names = ("stride",)

    def __init__(self, stride: Ints):
        super().__init__(_numbers("stride", stride, 1))

    def expand(self, rank: int) -> Pattern:
        steps = _entries("stride", self._fields[0], rank)
        if all(step == 1 for step in steps):
            return Full()
        return congruent(steps)


class PrefixLM(Composite):
    """k <= q or k < n: causal, but the first n keys are visible to all.

    n: tokens of the prefix, >= 0. axis: the grid axis that q and k count on.
    Grids may differ; queries and keys begin together.
    Source: Raffel et al. 2020 (T5), prefix language models.
    """

    __slots__ = ()
    _names = ("n", "axis")

    def __init__(self, n: int, axis: int = 0):
        super().__init__(_number("n", n, 0), _axis(axis))

    def expand(self, rank: int) -> Pattern:
        n, axis = self._fields
        _check_axis(axis, rank)
        if n <= 1:  # the first key precedes every query anyway
            return Causal(axis=axis)
        return Causal(axis=axis) | Range("key", end=n, axis=axis)


class GlobalTokens(Composite):
    """q < n or k < n: the first n tokens see all and are seen by all.

    n: number of global tokens, >= 0. axis: the grid axis that q and k count on.
    Grids may differ. ``Band(-w, w) | GlobalTokens(n)`` is Longformer's pattern.
    Source: Beltagy et al. 2020 (Longformer); Zaheer et al. 2020 (BigBird).
    """

    __slots__ = ()
    _names = ("n", "axis")

    def __init__(self, n: int, axis: int = 0):
        super().__init__(_number("n", n, 0), _axis(axis))

    def expand(self, rank: int) -> Pattern:
        n, axis = self._fields
        _check_axis(axis, rank)
        if n == 0:
            return ~Full()
        return Range("query", end=n, axis=axis) | Range("key", end=n, axis=axis)


class Power(Composite):
    """k <= q and (k < sink * block or d < window or d & (d - 1) == 0), d = q//block - k//block.

    Blocks at distances 1, 2, 4, 8, ... behind the query, its own, the nearest
    ``window`` ones and the first ``sink`` ones; one grid axis, causal.
    block >= 1: tokens of a block. window, sink >= 0: blocks.
    Source: PowerAttention, Chen et al. 2025.
    """

    __slots__ = ()
    _names = ("block", "window", "sink")

    def __init__(self, block: int, window: int, sink: int):
        super().__init__(
            _number("block", block, 1), _number("window", window, 0), _number("sink", sink, 0)
        )

    @property
    def rank(self) -> int:
        return 1

    def expand(self, rank: int) -> Pattern:
        if rank != 1:
            raise AttnError(f"expected the grid of Power to be of 1 axis, but got {rank}")
        block, window, sink = self._fields

        seen: Pattern = PowerOfTwo(block)
        if window > 0:
            seen = AnyOf(Halo(block, (window - 1) * block), seen)
        if sink > 0:
            seen = AnyOf(Range("key", end=sink * block), seen)
        return AllOf(Causal(), seen)
