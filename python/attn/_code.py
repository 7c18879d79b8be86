"""Scalar code: the text of one attn.predicate or attn.score, without its name.

Two pieces of code are equal if their normal forms are: SSA values numbered in
the order of their appearance, f32 constants in one spelling. The normal form is
itself IR, so the kernel cache keys on it.
"""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from ._library import library
from .errors import AttnError

_OP = re.compile(
    r"attn\.(predicate|score)\s+@([\w$.-]+)\s*\(([^)]*)\)[^{]*\{([^}]*)\}", re.DOTALL
)
_READ = re.compile(r"(attn\.table_read )(\d+)")
_FLOAT = re.compile(r"(arith\.constant )(\S+)( : f32)")


class Code(NamedTuple):
    """kind: "predicate" or "score"; rank: number of grid axes; body: its lines.

    tables: what ``attn.table_read`` reads, by number.
    """

    kind: str
    rank: int
    body: str
    tables: tuple = ()

    def text(self, name: str, numbers=()) -> str:
        """The op as IR, called ``@name``; ends with a line break.

        numbers: what its tables are called there; default: as here.
        """
        body = self.body
        if numbers:
            body = _READ.sub(lambda read: f"{read[1]}{numbers[int(read[2])]}", body)
        count = 2 + 2 * self.rank
        types = ["i32"] * count if self.kind == "predicate" else ["f32"] + ["i32"] * count
        arguments = ", ".join(f"%{i}: {type_}" for i, type_ in enumerate(types))
        return f"attn.{self.kind} @{name}({arguments}) {{\n{body}}}\n"


def float_text(value: float) -> str:
    """An f32 literal: nine digits tell every f32 from every other."""
    try:
        bits = struct.pack("<f", value)
    except OverflowError:
        bits = struct.pack("<f", float("inf") if value > 0 else float("-inf"))
    (rounded,) = struct.unpack("<f", bits)
    if rounded != rounded or rounded in (float("inf"), float("-inf")):
        return f"0x{struct.unpack('<I', bits)[0]:08X}"
    return f"{rounded:.8e}"


def _one_spelling(match: re.Match) -> str:
    literal = match.group(2)
    if literal.startswith("0x"):
        (value,) = struct.unpack("<f", struct.pack("<I", int(literal, 16)))
    else:
        value = float(literal)
    return match.group(1) + float_text(value) + match.group(3)


def codes_of(canonical: str) -> dict[str, Code]:
    """The scalar code in a module's canonical text, by symbol."""
    found = {}
    for kind, name, arguments, body in _OP.findall(canonical):
        names = {value: f"%{i}" for i, value in enumerate(re.findall(r"%[\w$.-]+", arguments))}
        rank = (len(names) - (3 if kind == "score" else 2)) // 2
        # One line an op in canonical form, so that the order is that of the text.
        lines = [
            re.sub(r"%[\w$.-]+", lambda m: names.setdefault(m.group(), f"%{len(names)}"), line)
            for line in (line.strip() for line in body.splitlines())
            if line
        ]
        text = "".join(f"  {_FLOAT.sub(_one_spelling, line)}\n" for line in lines)
        found[name] = Code(kind, rank, text)
    return found


def code_of_text(text: str, kind: str) -> Code:
    """The one ``attn.<kind>`` op of ``text``, checked by the compiler."""
    found = codes_of(str(library().canonical_module(text)))
    if any("attn.table_read" in code.body for code in found.values()):
        raise AttnError(
            "expected the text of code without tables, but got attn.table_read "
            "(write a function that reads an attn.Table)"
        )
    if [code.kind for code in found.values()] != [kind]:
        got = ", ".join(f"attn.{code.kind} @{name}" for name, code in found.items()) or "none"
        raise AttnError(f"expected the text to be one attn.{kind} op, but got {got}")
    return next(iter(found.values()))
