"""Pattern text to pattern objects.

The compiler parses, verifies and prints; what is read here is only its canonical
print, so that this reader need not know what is legal.
"""

from __future__ import annotations

import re

from ._code import Code, codes_of
from ._library import library
from .errors import AttnError
from .patterns import (
    AllOf, AnyOf, Band, Blocked, Halo, Neighborhood, Not, Pattern, Predicate, Range,
    ShiftedWindow,
)  # fmt: skip
from .relations import PowerOfTwo, Relation

_GRID_KINDS = {
    "neighborhood": Neighborhood,
    "blocked": Blocked,
    "shifted_window": ShiftedWindow,
    "halo": Halo,
}
_AXIS_KINDS = {"band": Band, "range": Range, "power_of_two": PowerOfTwo}
_TOKEN = re.compile(r"\s*(#attn\.\w+|@[\w$.-]+|-?\d+|\w+|[<>\[\],=])")


def parse(text: str) -> Pattern:
    """The pattern of ``text``: the inverse of ``Pattern.to_mlir``.

    text: an attribute such as ``#attn.band<upper = 0>``, after the ``attn.predicate``
        ops that it names; or a whole module with one attn.attention.
    The result has tuples for the axes: ``attn.parse(p.to_mlir(r)) == p.bind(r)``.
    Raises AttnError with the compiler's diagnostic where the text is not valid, and
    for documents: the text holds the number of their table, not their ids.
    """
    if not isinstance(text, str):
        raise AttnError(f"expected 'text' to be a str, but got {type(text).__name__}")
    plain = re.sub(r"//[^\n]*", "", text)
    named = re.search(r"#attn\.same|#attn\.read|window_table|attn\.table_read", plain)
    if named:
        raise AttnError(
            f"expected the text of a pattern without tables, but got {named.group()} "
            "(the text holds their numbers, not what they hold)"
        )
    module = text if re.search(r"\battn\.attention\b", plain) else _module(plain)
    canonical = str(library().canonical_module(module))
    places = [match.end() for match in re.finditer(r" pattern\(", canonical)]
    if len(places) != 1:
        raise AttnError(f"expected the text to hold 1 attn.attention, but got {len(places)}")
    return _Reader(canonical[places[0] :], codes_of(canonical)).pattern()


def _module(text: str) -> str:
    """A module that uses the pattern of ``text``, for the compiler to check."""
    from .kernel import attention_module

    start = text.find("#attn.")
    if start < 0:
        got = text.strip().splitlines()
        raise AttnError(
            "expected 'text' to end with a pattern such as #attn.band<>, "
            f"but got {got[-1] if got else 'nothing'!r}"
        )
    symbols, attribute = text[:start], text[start:].strip()
    return attention_module(attribute, symbols, _rank(symbols, attribute))


def _rank(symbols: str, attribute: str) -> int:
    """Number of grid axes: of a predicate's arguments, a list, or the last axis."""
    head = re.search(r"attn\.predicate\s+@[^(]*\(([^)]*)\)", symbols)
    if head:
        return max(1, min(3, (head.group(1).count("%") - 2) // 2))
    relation = re.search(r"affine_map<\s*\(([^)]*)\)", attribute)
    if relation:
        return max(1, min(3, (relation.group(1).count(",") - 1) // 2))
    numbers = re.search(r"=\s*\[([^\]]*)\]", attribute)
    if numbers:
        return max(1, min(3, numbers.group(1).count(",") + 1))
    axes = [int(axis) for axis in re.findall(r"axis\s*=\s*(\d+)", attribute)]
    return min(3, max(axes, default=0) + 1)


class _Reader:
    """Reads one attribute at the start of canonical text."""

    def __init__(self, text: str, codes: dict[str, Code]):
        self._text = text
        self._at = 0
        self._codes = codes

    def _next(self) -> str:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            raise AttnError(
                "expected the compiler's own form of a pattern, "
                f"but got {self._text[self._at : self._at + 20]!r}"
            )
        self._at = match.end()
        return match.group(1)

    def _peek(self) -> str:
        at = self._at
        token = self._next()
        self._at = at
        return token

    def _list(self, entry) -> list:
        self._next()  # [
        entries = []
        while self._peek() != "]":
            entries.append(entry())
            if self._peek() == ",":
                self._next()
        self._next()
        return entries

    def _value(self):
        if self._peek() == "[":
            return tuple(self._list(self._value))
        token = self._next()
        if token == "affine_map":
            return self._affine_map()
        if token in ("true", "false"):
            return token == "true"
        return int(token) if token.lstrip("-").isdigit() else token

    def _parameters(self) -> dict:
        values = {}
        while self._peek() != ">":
            name = self._next()
            self._next()  # =
            values[name] = self._value()
            if self._peek() == ",":
                self._next()
        return values

    def _affine_map(self) -> str:
        """What stands in ``affine_map<...>``; its arrow's > stands behind a minus."""
        start = self._text.index("<", self._at) + 1
        end = self._text.index(")>", start) + 1
        self._at = end + 1
        return self._text[start:end]

    def pattern(self) -> Pattern:
        mnemonic = self._next().removeprefix("#attn.")
        self._next()  # <
        if mnemonic in ("all_of", "any_of"):
            parts = self._list(self.pattern)
            result: Pattern = (AllOf if mnemonic == "all_of" else AnyOf)(*parts)
        elif mnemonic == "not":
            result = Not(self.pattern())
        elif mnemonic == "predicate":
            result = Predicate(self._codes[self._next()[1:]])
        elif mnemonic in _AXIS_KINDS:
            result = _AXIS_KINDS[mnemonic](**self._parameters())
        elif mnemonic == "relation":
            result = Relation(**self._parameters())
        elif mnemonic in _GRID_KINDS:
            result = _GRID_KINDS[mnemonic](**self._parameters())
            result = result.bind(result.rank)  # what the print left out is a tuple, too
        else:
            raise AttnError(f"expected a pattern that Python has, but got #attn.{mnemonic}")
        self._next()  # >
        return result
