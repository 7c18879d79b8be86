"""Functions for scores and predicates: of traced values, or of plain numbers."""

from __future__ import annotations

import builtins
import math

from . import _tracing
from ._code import Code, code_of_text
from ._tracing import Traced, join, refuse
from .errors import AttnError


def _trace_of(*values):
    for value in values:
        if isinstance(value, Traced):
            return value.trace
    return None


def _unary(name: str, op: str, plain):
    def function(x):
        trace = _trace_of(x)
        if trace is None:
            return plain(x)
        return trace.emit(f"math.{op} {trace.to(x, 'f32').name} : f32", "f32")

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}(x) in f32, elementwise; for functions of scores and positions."
    return function


exp = _unary("exp", "exp", math.exp)
exp2 = _unary("exp2", "exp2", lambda x: 2.0**x)
log = _unary("log", "log", math.log)
log2 = _unary("log2", "log2", math.log2)
tanh = _unary("tanh", "tanh", math.tanh)
sqrt = _unary("sqrt", "sqrt", math.sqrt)


def abs(x):
    """|x|, of an integer or a float."""
    return builtins.abs(x)


def where(condition, a, b):
    """``a`` where ``condition`` holds, else ``b``; both are evaluated."""
    trace = _trace_of(condition, a, b)
    if not isinstance(condition, Traced):
        return a if condition else b
    if condition.kind != "i1":
        raise refuse(f"attn.where with an {condition.kind} as condition")
    kind = join(a, b, "i1")
    return trace.select(condition, trace.to(a, kind), trace.to(b, kind))


def minimum(a, b):
    """The smaller of two numbers; ``b`` where they do not compare (NaN)."""
    if _trace_of(a, b) is None:
        return a if a < b else b
    return where(a < b, a, b)


def maximum(a, b):
    """The larger of two numbers; ``b`` where they do not compare (NaN)."""
    if _trace_of(a, b) is None:
        return a if a > b else b
    return where(a > b, a, b)


class Score:
    """A function of the score and where it stands, traced once.

    source: a function (score, b, h, q.., k..) -> number, with one q and one k per
        grid axis, or the text of an ``attn.score`` op. ``score`` is the scaled product
        of query and key in f32; b, h and the coordinates are i32 (integers wrap at 32
        bits); a function (score, b, h, *coordinates) fits every rank; // and % round down as Python's, / gives f32, and a divisor that is 0 at
        run time counts as 1.
    Raises AttnError for what cannot be traced.
    ``attn.attention(..., score=function)`` traces at each call; a Score does not.
    """

    __slots__ = ("source",)

    def __init__(self, source):
        self.source = scalar_code(source, "score")

    def code_for(self, rank: int) -> Code:
        """The code for a grid of ``rank`` axes."""
        return code_for(self.source, "score", rank)

    def text(self, rank: int) -> str:
        """The op ``attn.score @score`` for a grid of ``rank`` axes."""
        return self.code_for(rank).text("score")

    def __eq__(self, other) -> bool:
        return isinstance(other, Score) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"Score({spell(self.source, 'score')})"


def scalar_code(source, kind: str):
    """The code of a function, of an op's text, or of code itself.

    A function of ``*coordinates`` stays what it is: it is traced for each rank.
    """
    if isinstance(source, Code):
        return source
    if isinstance(source, str):
        return code_of_text(source, kind)
    if callable(source):
        if _tracing.takes_any_rank(source):
            return source
        return _tracing.trace(source, kind)
    raise AttnError(
        f"expected the {kind} to be a function or the text of an attn.{kind} op, "
        f"but got {source!r}"
    )


def code_for(source, kind: str, rank: int) -> Code:
    """What ``scalar_code`` gave, as code for a grid of ``rank`` axes."""
    if not isinstance(source, Code):
        return _tracing.trace(source, kind, rank)
    check_rank(source, rank)
    return source


def spell(source, kind: str) -> str:
    """What ``scalar_code`` gave, for a repr."""
    return repr(source.text(kind)) if isinstance(source, Code) else repr(source)


def check_rank(code: Code, rank: int) -> None:
    if code.rank != rank:
        first = 1 if code.kind == "score" else 0
        raise AttnError(
            f"expected the {code.kind} to be a function of {first + 2 + 2 * rank} parameters "
            f"({'score, ' if first else ''}{_tracing._coordinates(rank)}) for a grid of {rank} "
            f"axes, but got {first + 2 + 2 * code.rank}"
        )
