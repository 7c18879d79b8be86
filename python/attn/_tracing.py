"""Python functions to scalar code, by calling them once with traced values.

A traced value records what is done to it. What leaves no record (a branch, a
conversion to float, a NumPy function) is refused with the line that asked for it.
"""

from __future__ import annotations

import contextvars
import inspect
import math
import operator
import os
import sys

from ._code import Code, float_text
from .errors import AttnError

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_function = contextvars.ContextVar("attn_traced_function", default=None)


def _place() -> str:
    """Where the traced function is being evaluated, for an error text."""
    function = _function.get()
    own = getattr(getattr(function, "__code__", None), "co_filename", None)
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file == own or (own is None and os.path.dirname(os.path.abspath(file)) != _PACKAGE):
            return f"line {frame.f_lineno} of {os.path.basename(file)}"
        frame = frame.f_back
    return "an unknown line"


def refuse(what: str, hint: str = "") -> AttnError:
    """The error for an operation that leaves no record."""
    hint = f" ({hint})" if hint else ""
    return AttnError(
        "expected the function to be made of operations that can be traced, "
        f"but got {what} at {_place()}{hint}"
    )


def _number(value):
    """A Python number for a constant operand, or None."""
    if isinstance(value, (bool, int, float)):
        return value
    # A NumPy scalar is a constant, too; an array is not.
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        return value.item()
    return None


def kind_of(value) -> str:
    """i1, i32 or f32 of a traced value or a constant."""
    if isinstance(value, Traced):
        return value.kind
    number = _number(value)
    if isinstance(number, bool):
        return "i1"
    if isinstance(number, int):
        return "i32"
    if isinstance(number, float):
        return "f32"
    raise refuse(f"an operand of type {type(value).__name__}")


class Trace:
    """The body of one op while it is recorded; equal operations are one."""

    def __init__(self, arguments: int):
        self.lines: list[str] = []
        self.tables: list = []
        self._count = arguments
        self._known: dict[str, str] = {}

    def emit(self, text: str, kind: str, nonnegative: bool = False) -> Traced:
        name = self._known.get(text)
        if name is None:
            name = self._known[text] = f"%{self._count}"
            self._count += 1
            self.lines.append(f"  {name} = {text}\n")
        return Traced(self, name, kind, nonnegative)

    def binary(self, op: str, a: Traced, b: Traced, nonnegative: bool = False) -> Traced:
        return self.emit(f"{op} {a.name}, {b.name} : {a.kind}", a.kind, nonnegative)

    def constant(self, value, kind: str) -> Traced:
        if kind == "i1":
            return self.emit(f"arith.constant {str(bool(value)).lower()}", kind)
        if kind == "f32":
            return self.emit(f"arith.constant {float_text(float(value))} : f32", kind)
        number = int(value)
        if not -(2**31) <= number < 2**31:
            raise refuse(f"the integer {number}", "integers are of 32 bits")
        return self.emit(f"arith.constant {number} : i32", kind, number >= 0)

    def to(self, value, kind: str) -> Traced:
        """``value`` as ``kind``: a constant, or widened i1 -> i32 -> f32."""
        if not isinstance(value, Traced):
            kind_of(value)  # refuses what is no number
            return self.constant(_number(value), kind)
        if value.trace is not self:
            raise refuse("a traced value of another function")
        if value.kind == kind:
            return value
        if value.kind == "i1":
            wide = self.emit(f"arith.extui {value.name} : i1 to i32", "i32", True)
            return wide if kind == "i32" else self.to(wide, kind)
        if value.kind == "i32" and kind == "f32":
            return self.emit(f"arith.sitofp {value.name} : i32 to f32", "f32")
        raise refuse(f"an {value.kind} in place of an {kind}")

    def select(self, condition: Traced, a: Traced, b: Traced) -> Traced:
        text = f"arith.select {condition.name}, {a.name}, {b.name} : {a.kind}"
        return self.emit(text, a.kind, a.nonnegative and b.nonnegative)

    def compare(self, order: str, a, b) -> Traced:
        """``order``: eq, ne, lt, le, gt or ge."""
        kind = join(a, b, "i1" if order in ("eq", "ne") else "i32")
        left, right = self.to(a, kind), self.to(b, kind)
        if kind == "f32":
            op = "arith.cmpf " + ("une" if order == "ne" else f"o{order}")
        else:
            op = "arith.cmpi " + (order if order in ("eq", "ne") else f"s{order}")
        return self.emit(f"{op}, {left.name}, {right.name} : {kind}", "i1")


def read_table(table, kind: str, indices) -> Traced:
    """The entry of an ``attn.Table``; indices: column, or row and column."""
    traced = next((index for index in indices if isinstance(index, Traced)), None)
    if traced is None:
        raise refuse("an entry of a table at constant indices", "read it before, as a number")
    trace = traced.trace
    if table not in trace.tables:
        trace.tables.append(table)
    for index in indices:
        if kind_of(index) == "f32":
            raise refuse("an f32 as an index of a table")
    names = ", ".join(trace.to(index, "i32").name for index in indices)
    return trace.emit(f"attn.table_read {trace.tables.index(table)}[{names}] : {kind}", kind)


def join(a, b, least: str = "i32") -> str:
    """The kind that both operands widen to, at least ``least``."""
    order = ("i1", "i32", "f32")
    return max(kind_of(a), kind_of(b), least, key=order.index)


def _floor_division(trace: Trace, a, b, remainder: bool) -> Traced:
    """Python's // and %: the quotient is rounded down."""
    kind = join(a, b)
    constant = None if isinstance(b, Traced) else _number(b)
    if constant == 0:
        raise refuse("a division by the constant 0")
    x = trace.to(a, kind)
    if kind == "f32":
        y = trace.to(b, kind)
        quotient = trace.binary("arith.divf", x, y)
        floor = trace.emit(f"math.floor {quotient.name} : f32", "f32")
        if not remainder:
            return floor
        return trace.binary("arith.subf", x, trace.binary("arith.mulf", floor, y))
    if constant is not None and constant > 0 and constant & (constant - 1) == 0:
        # Bits of a power of two: exact for negative dividends, too.
        if remainder:
            return trace.binary("arith.andi", x, trace.constant(constant - 1, kind), True)
        shift = trace.constant(int(constant).bit_length() - 1, kind)
        return trace.binary("arith.shrsi", x, shift, x.nonnegative)
    y = trace.to(b, kind)
    if constant is not None and constant > 0 and x.nonnegative:
        return trace.binary("arith.remui" if remainder else "arith.divui", x, y, True)
    return _signed_division(trace, x, y, remainder, constant)


def _signed_division(trace: Trace, x: Traced, y: Traced, remainder: bool, constant) -> Traced:
    zero, one = trace.constant(0, "i32"), trace.constant(1, "i32")
    if constant is None:
        # An integer division by zero would end the process on the CPU.
        y = trace.select(trace.compare("eq", y, zero), one, y)
    rest = trace.binary("arith.remsi", x, y)
    # Truncated, not floored, where the rest is not 0 and of the other sign.
    signs = trace.compare("lt", trace.binary("arith.xori", rest, y), 0)
    wrong = trace.binary("arith.andi", trace.compare("ne", rest, zero), signs)
    nonnegative = x.nonnegative and y.nonnegative
    if remainder:
        other = trace.binary("arith.addi", rest, y)
        return trace.select(wrong, other, rest)._known_nonnegative(y.nonnegative)
    quotient = trace.binary("arith.divsi", x, y)
    lower = trace.binary("arith.subi", quotient, one)
    return trace.select(wrong, lower, quotient)._known_nonnegative(nonnegative)


def _power(trace: Trace, base, exponent) -> Traced:
    """number ** x, x ** 0.5, and x ** n for small integers n >= 0."""
    if not isinstance(base, Traced):
        number = _number(base)
        if number is None or number <= 0:
            raise refuse(f"** with base {base!r}", "a constant base must be positive")
        x = trace.to(exponent, "f32")
        if number != 2:
            x = trace.binary("arith.mulf", x, trace.constant(math.log2(number), "f32"))
        return trace.emit(f"math.exp2 {x.name} : f32", "f32")
    if isinstance(exponent, Traced):
        raise refuse("** of two traced values", "use attn.exp and attn.log")
    number = _number(exponent)
    if number == 0.5:
        return trace.emit(f"math.sqrt {trace.to(base, 'f32').name} : f32", "f32")
    if number is None or number != int(number) or not 0 <= number <= 16:
        raise refuse(f"** with exponent {exponent!r}", "an exponent is 0.5 or an integer 0 to 16")
    kind = "f32" if isinstance(number, float) else join(base, 0)
    result, x = trace.constant(1, kind), trace.to(base, kind)
    for i in range(int(number)):
        result = x if i == 0 else result * x
    return result


def _make_binary(symbol: str, op: str):
    def forward(self, other):
        return self._arithmetic(op, symbol, self, other)

    def reflected(self, other):
        return self._arithmetic(op, symbol, other, self)

    return forward, reflected


def _make_logic(symbol: str, op: str):
    def forward(self, other):
        return self._logic(op, symbol, self, other)

    def reflected(self, other):
        return self._logic(op, symbol, other, self)

    return forward, reflected


def _make_compare(order: str):
    def compare(self, other):
        return self.trace.compare(order, self, other)

    return compare


def _make_refusal(what: str, hint: str = ""):
    def method(self, *_, **__):
        raise refuse(what, hint)

    return method


_NO_TENSOR = "tensors are read through attn.Table"
_NUMPY = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul,
    "divide": operator.truediv, "true_divide": operator.truediv,
    "floor_divide": operator.floordiv, "remainder": operator.mod, "power": operator.pow,
    "less": operator.lt, "less_equal": operator.le, "greater": operator.gt,
    "greater_equal": operator.ge, "equal": operator.eq, "not_equal": operator.ne,
}  # fmt: skip


class Traced:
    """A value of the traced function: i32 (32 bits, wraps), f32 or i1."""

    __slots__ = ("trace", "name", "kind", "nonnegative")
    __hash__ = None

    def __init__(self, trace: Trace, name: str, kind: str, nonnegative: bool = False):
        self.trace = trace
        self.name = name
        self.kind = kind
        self.nonnegative = nonnegative

    def _known_nonnegative(self, value: bool) -> Traced:
        return Traced(self.trace, self.name, self.kind, value)

    def _arithmetic(self, op: str, symbol: str, a, b) -> Traced:
        trace, kind = self.trace, join(a, b)
        if op == "div":
            kind = "f32"
        x, y = trace.to(a, kind), trace.to(b, kind)
        known = op in ("add", "mul") and x.nonnegative and y.nonnegative
        return trace.binary(f"arith.{op}{'f' if kind == 'f32' else 'i'}", x, y, known)

    def _logic(self, op: str, symbol: str, a, b) -> Traced:
        kind = join(a, b, "i1")
        if kind == "f32":
            raise refuse(f"{symbol} of an f32")
        x, y = self.trace.to(a, kind), self.trace.to(b, kind)
        return self.trace.binary(f"arith.{op}", x, y, x.nonnegative and y.nonnegative)

    def _shift(self, op: str, a, b) -> Traced:
        if join(a, b) == "f32":
            raise refuse("a shift of an f32")
        return self.trace.binary(f"arith.{op}", self.trace.to(a, "i32"), self.trace.to(b, "i32"))

    __add__, __radd__ = _make_binary("+", "add")
    __sub__, __rsub__ = _make_binary("-", "sub")
    __mul__, __rmul__ = _make_binary("*", "mul")
    __truediv__, __rtruediv__ = _make_binary("/", "div")
    __and__, __rand__ = _make_logic("&", "andi")
    __or__, __ror__ = _make_logic("|", "ori")
    __xor__, __rxor__ = _make_logic("^", "xori")
    __lt__, __le__ = _make_compare("lt"), _make_compare("le")
    __gt__, __ge__ = _make_compare("gt"), _make_compare("ge")
    __eq__, __ne__ = _make_compare("eq"), _make_compare("ne")  # type: ignore[assignment]

    def __floordiv__(self, other):
        return _floor_division(self.trace, self, other, False)

    def __rfloordiv__(self, other):
        return _floor_division(self.trace, other, self, False)

    def __mod__(self, other):
        return _floor_division(self.trace, self, other, True)

    def __rmod__(self, other):
        return _floor_division(self.trace, other, self, True)

    def __divmod__(self, other):
        return self // other, self % other

    def __pow__(self, other):
        return _power(self.trace, self, other)

    def __rpow__(self, other):
        return _power(self.trace, other, self)

    def __lshift__(self, other):
        return self._shift("shli", self, other)

    def __rlshift__(self, other):
        return self._shift("shli", other, self)

    def __rshift__(self, other):
        return self._shift("shrsi", self, other)

    def __rrshift__(self, other):
        return self._shift("shrsi", other, self)

    def __invert__(self):
        return self ^ (True if self.kind == "i1" else -1)

    def __neg__(self):
        if self.kind == "f32":
            return self.trace.emit(f"arith.negf {self.name} : f32", "f32")
        return 0 - self

    def __pos__(self):
        return self

    def __abs__(self):
        if self.kind == "f32":
            return self.trace.emit(f"math.absf {self.name} : f32", "f32")
        value = self.trace.to(self, "i32")
        return self.trace.binary("arith.maxsi", value, -value, True)

    __bool__ = _make_refusal(
        "a truth value (if, and, or, not, a chained comparison)",
        "use attn.where, &, | and ~ instead",
    )
    __float__ = _make_refusal("float() or a function of the math module", "use attn.exp and others")
    __int__ = _make_refusal("int()")
    __index__ = _make_refusal("an index", _NO_TENSOR)
    __iter__ = _make_refusal("an iteration")
    __len__ = _make_refusal("len() or an index", _NO_TENSOR)
    __getitem__ = _make_refusal("[] of a traced value", _NO_TENSOR)
    __round__ = _make_refusal("round()")
    __floor__ = __ceil__ = __trunc__ = _make_refusal("a rounding of the math module")
    __array__ = _make_refusal("a NumPy array of a traced value", _NO_TENSOR)

    def __array_ufunc__(self, function, method, *inputs, **options):
        # A NumPy scalar on the left of an operator comes here.
        operation = _NUMPY.get(function.__name__)
        if operation is None or method != "__call__" or options or len(inputs) != 2:
            raise refuse(f"numpy.{function.__name__}", "use attn.exp and others")
        kind_of(inputs[0]), kind_of(inputs[1])
        a, b = (x if isinstance(x, Traced) else _number(x) for x in inputs)
        return operation(a, b)

    def __array_function__(self, function, *_, **__):
        raise refuse(f"numpy.{function.__name__}", "use attn.where and others")


def _coordinates(rank: int) -> str:
    axes = [""] if rank == 1 else [str(axis) for axis in range(rank)]
    return ", ".join(["b", "h"] + [f"q{a}" for a in axes] + [f"k{a}" for a in axes])


def _parameters(function, kind: str) -> int:
    """Number of coordinate parameters of a user's function."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise AttnError(
            f"expected the {kind} to be a Python function, but got {function!r}"
        ) from error
    required = [
        p for p in parameters
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
    ]  # fmt: skip
    count = len(required) - (1 if kind == "score" else 0)
    if count not in (4, 6, 8):
        first = "score, " if kind == "score" else ""
        forms = " or ".join(f"({first}{_coordinates(rank)})" for rank in (1, 2))
        raise AttnError(
            f"expected the parameters of the {kind} to be {forms} or the like for 3 axes, "
            f"but got {inspect.signature(function)}"
        )
    return count


def takes_any_rank(function) -> bool:
    """Whether coordinates come as ``*coordinates``."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.kind is p.VAR_POSITIONAL for p in parameters)


def trace(function, kind: str, rank: int | None = None) -> Code:
    """The scalar code of ``function``.

    kind: "predicate", a function of (b, h, q.., k..) to a condition, or "score",
        of (score, b, h, q.., k..) to a number.
    rank: number of grid axes; None: what the number of parameters says.
    """
    if rank is None:
        rank = (_parameters(function, kind) - 2) // 2
    count = 2 + 2 * rank
    kinds = ["i32"] * count if kind == "predicate" else ["f32"] + ["i32"] * count
    body = Trace(len(kinds))
    values = [Traced(body, f"%{i}", type_, type_ == "i32") for i, type_ in enumerate(kinds)]
    token = _function.set(function)
    try:
        result = _call(function, values)
        got = "None" if result is None else kind_of(result)
    finally:
        _function.reset(token)
    wanted = "i1" if kind == "predicate" else "f32"
    if got not in (("i1",) if kind == "predicate" else ("i32", "f32")):
        raise AttnError(
            f"expected the {kind} to return {'a condition' if wanted == 'i1' else 'a number'}, "
            f"but got {got}"
        )
    value = body.to(result, wanted)
    lines = "".join(body.lines) + f"  attn.yield {value.name} : {wanted}\n"
    return Code(kind, rank, lines, tuple(body.tables))


def _call(function, values):
    try:
        return function(*values)
    except AttnError:
        raise
    except Exception as error:
        own = getattr(getattr(function, "__code__", None), "co_filename", None)
        place, step = "an unknown line", error.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename == own:
                place = f"line {step.tb_lineno} of {os.path.basename(own)}"
            step = step.tb_next
        raise AttnError(
            "expected the function to be made of operations that can be traced, "
            f"but got {type(error).__name__} at {place}: {error}"
        ) from error
