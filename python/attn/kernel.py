"""Ahead-of-time use: compile one kernel, look at it, run it, emulate it."""

from __future__ import annotations

import json

from ._library import library
from ._tensors import check_tensors, operands
from .errors import AttnError
from .patterns import Pattern
from .scalar import Score
from .tables import Table

_TEXT_FORMS = ("fmha", "scheduled", "llvm", "ptx")


def module(
    pattern: Pattern,
    *,
    rank: int | None = None,
    head_dim: int = 64,
    value_dim: int | None = None,
    dtype: str = "f32",
    layout: str = "heads_last",
    return_lse: bool = False,
    scale: float | None = None,
    score=None,
    sink=None,
    precision: str = "high",
) -> str:
    """The module that computes ``pattern``, as text for ``compile`` and attn-opt.

    rank: number of grid axes; default: that of the pattern's tuples, else 1.
    head_dim, value_dim: elements of a row of key and of value (default: head_dim).
    dtype: ``"f32"``, ``"f16"`` or ``"bf16"``. scale: default 1 / sqrt(head_dim).
    score: a function (score, b, h, q.., k..) -> score, applied to the scaled product
        before the mask; the text of an ``attn.score`` op; or an ``attn.Score``.
    sink: one logit a query head, as ``attn.attention`` takes it.
    precision: of f32 on a GPU, ``"high"`` or ``"tf32"``, as ``attn.attention`` takes it.
    The same arguments give the same text.
    """
    if not isinstance(pattern, Pattern):
        raise AttnError(
            f"expected 'pattern' to be an attn pattern such as attn.Full(), but got {pattern!r}"
        )
    rank = _rank(pattern, rank)
    text, symbols, name, tables, sink_table = lowered(pattern, rank, score, sink)
    return attention_module(
        text, symbols, rank, head_dim=head_dim, value_dim=value_dim, dtype=dtype,
        layout=layout, return_lse=return_lse, scale=scale, score=name, tables=tables,
        sink=sink_table, precision=precision,
    )  # fmt: skip


def lowered(pattern: Pattern, rank: int, score, sink) -> tuple[str, str, str, tuple, int]:
    """A call's pattern, ops, score symbol, tables, and the sink's table or -1."""
    text, symbols, tables = pattern._lowered(rank)
    name = ""
    if score is not None:
        score = score if isinstance(score, Score) else Score(score)
        name, code = "@score", score.code_for(rank)
        symbols += code.text("score", range(len(tables), len(tables) + len(code.tables)))
        tables += tuple(table.table for table in code.tables)
    if sink is None:
        return text, symbols, name, tables, -1
    return text, symbols, name, (*tables, _sink(sink)), len(tables)


def _sink(sink):
    table = (sink if isinstance(sink, Table) else Table(sink, "sink", most=1)).table
    if "float" not in str(table.dtype):
        raise AttnError(f"expected 'sink' to be of floats, but got {table.dtype}")
    return table


def _rank(pattern: Pattern, rank: int | None) -> int:
    rank = rank or pattern.rank or 1
    if not 1 <= rank <= 3:
        raise AttnError(f"expected 'rank' to be 1 to 3, but got {rank}")
    return rank


def attention_module(
    text: str, symbols: str, rank: int, *, head_dim=64, value_dim=None, dtype="f32",
    layout="heads_last", return_lse=False, scale=None, score="", tables=(), sink=-1,
    precision="high",
) -> str:  # fmt: skip
    """The module of one attention; text: its pattern, symbols: ops, score: ``@name``."""
    types = "".join(
        ("i" if "int" in str(table.dtype) else "f") + str(table.ndim) for table in tables
    )
    value_dim = head_dim if value_dim is None else value_dim
    number = "" if scale is None else repr(float(scale))
    made = library().make_module(
        text, dtype, rank, head_dim, value_dim, layout, return_lse, number, symbols, score,
        types, sink, precision,
    )  # fmt: skip
    return str(made)


def canonical(text: str) -> str:
    """``text`` parsed, verified and printed in the compiler's own form."""
    return str(library().canonical_module(text))


def compile(
    source, target: str = "cpu", *, emit: str = "run", cpu: str = "native",
    dtype: str | None = None, element_aligned: bool = False, **shape,
):  # fmt: skip
    """Compiles one attention and returns its Kernel.

    source: a Pattern, or the text of a module with one attn.attention.
    target: a name of ``targets()``.
    emit: how far: ``fmha``, ``scheduled``, ``llvm``, ``ptx`` (texts), ``cubin``,
        ``object`` (bytes), or ``run``: ready to call.
    cpu: vectors of target ``cpu``: ``native`` (this machine's), ``avx512``, ``avx2``
        or ``plain`` (any x86-64).
    dtype: default f32 on the CPU, bf16 on a GPU.
    element_aligned: code for pointers and strides of whole elements, not of 16 bytes,
        which ``run`` makes by itself where it is needed.
    shape: for a Pattern, the other arguments of ``module``: rank, head_dim,
        value_dim, layout, return_lse, scale, score, sink, precision.
    Raises AttnError with the compiler's diagnostic.
    """
    tables: tuple = ()
    if isinstance(source, Pattern):
        if shape.get("score") is not None and not isinstance(shape["score"], Score):
            shape["score"] = Score(shape["score"])  # traced once for text and tables
        tables = lowered(
            source, _rank(source, shape.get("rank")), shape.get("score"), shape.get("sink")
        )[3]
        source = module(source, dtype=dtype or ("f32" if target == "cpu" else "bf16"), **shape)
    elif shape or dtype is not None:
        names = ", ".join([*shape, *(["dtype"] if dtype is not None else [])])
        raise AttnError(
            f"expected no arguments that the text of the module already has, but got {names}"
        )
    if not isinstance(source, str):
        raise AttnError(
            f"expected 'source' to be an attn pattern or the text of a module, but got {source!r}"
        )
    number = int(library().compile_module(source, target, emit, cpu, element_aligned))
    return Kernel(number, source, emit, tables)


def _tile_text(info: dict) -> str:
    tile, key_tile = (
        "x".join(str(axis[field]) for axis in info["axes"]) for field in ("query_tile", "key_tile")
    )
    return f"a tile of {tile} queries by {key_tile} keys"


def _variant_text(kernel: dict, variant: dict) -> str:
    """In what a variant differs from its kernel, whose info is ``kernel``."""
    info, parts = variant["info"], []
    if info["element_aligned"] and not kernel["element_aligned"]:
        parts.append("copies element by element")
    if info["split"]:
        parts.append(f"keys in {variant['shares']} shares at the last launch")
        if info["split"]["packs_heads"]:
            heads, queries = (axis["query_tile"] for axis in info["axes"])
            parts.append(f"a tile of {heads} heads by {queries} queries")
    elif _tile_text(info) != _tile_text(kernel):
        parts.append(_tile_text(info))
    return ", ".join(parts)


class Kernel:
    """One compiled attention; made by ``compile``.

    source: the text of its module.
    code: what ``emit`` asked for: str, or bytes where it is machine code.
    info: its launch data as a dict: target, rank, dtype, head_dim, value_dim, axes
        (tile sizes in tokens), tables, lists, chunk_bytes (of tensor
        copies; 0: none), threads, shared_bytes, scratch_bytes,
        remarks, timing_ms (stage, milliseconds), ...
    """

    def __init__(self, number: int, source: str, emit: str, tables: tuple = ()):
        self._number = number
        self._emit = emit
        self._tables = tables
        self.source = source
        self.info = json.loads(str(library().kernel_info(number)))

    @property
    def variants(self) -> list[dict]:
        """The kernels for other launches that this one has made of itself so far.

        Each is a dict: info, as that of a kernel, and shares: in how many parts it split
        the keys of a query tile at its last launch, 0 if it does not.
        """
        return json.loads(str(library().kernel_variants(self._number)))

    @property
    def code(self) -> str | bytes:
        data = bytes(library().kernel_code(self._number))
        # "run" is machine code where there is an assembler, PTX elsewhere.
        binary = self._emit not in _TEXT_FORMS and b"\0" in data
        return data if binary else data.decode()

    def __repr__(self) -> str:
        info = self.info
        return (
            f"<attn.Kernel {info['name']} for {info['target']}: {info['dtype']}, "
            f"rank {info['rank']}, head dim {info['head_dim']}>"
        )

    def explain(self) -> str:
        """What the compiler decided, and how long each stage took, as text."""
        info = self.info

        lines = [
            f"kernel {info['name']} for {info['target']}, {info['dtype']}, {info['layout']}",
            f"  head dim {info['head_dim']}, value dim {info['value_dim']}, "
            f"{'with' if info['has_lse'] else 'without'} lse, "
            f"default scale {info['default_scale']:g}",
            f"  {_tile_text(info)}",
        ]
        if any(axis["dilation"] != 1 for axis in info["axes"]):
            lines.append("  dilation " + "x".join(str(a["dilation"]) for a in info["axes"]))
        if info["target"] == "cpu":
            lines.append(f"  {info['scratch_bytes']} bytes of scratch per CPU thread")
        else:
            lines.append(
                f"  {info['threads']} threads, "
                f"{info['shared_bytes']} bytes of shared memory per block"
            )
        if info["lists"]:
            kept = "kept for each grid" if info["lists"]["static"] else "written at each call"
            entry = "live box" if info["lists"]["static"] else "box"
            lines.append(
                f"  lists of live boxes, {kept}: 8 bytes a query tile, 4 bytes a {entry}"
            )
        lines += [f"  {remark}" for remark in info["remarks"]]
        lines += [f"  variant: {_variant_text(info, variant)}" for variant in self.variants]
        if info["timing_ms"]:
            total = sum(time for _, time in info["timing_ms"])
            stages = ", ".join(f"{stage} {time:.1f}" for stage, time in info["timing_ms"])
            lines.append(f"  compiled in {total:.1f} ms ({stages})")
        return "\n".join(lines)

    def __call__(self, query, key, value, *, scale=None, tables=None, threads=0, shares=0):
        """Runs the kernel; arguments and result as those of ``attn.attention``.

        tables: its tables by number, each as ``attn.Table`` takes it: the ids of its
            documents, what its functions read, its sink; default: those that it was
            compiled for.
        The result is the pair (out, lse) if the kernel has an lse. threads: of
        the CPU; 0 for all cores. A GPU kernel takes CUDA tensors.
        shares: of a GPU, among how many blocks the keys of a query tile are split; their
            results are merged in a fixed order. 0: as many as keep the card busy.
        """
        on_gpu = getattr(getattr(query, "device", None), "type", "cpu") == "cuda"
        if self.info["target"] != "cpu" and not on_gpu:
            raise AttnError(
                f"expected the tensors to be on a GPU for a kernel of target {self.info['target']} "
                "(or use Kernel.emulate), but got tensors on the CPU"
            )
        return self._run(query, key, value, scale, tables, False, threads, shares)

    def emulate(self, query, key, value, *, scale=None, tables=None, seed=0, shares=0):
        """Runs a GPU kernel on the CPU, instruction by instruction; slow.

        Arrays as for a call (bf16 through ml_dtypes).
        seed: if not 0, warps run ahead of each other in an order drawn from
        it, which shows missing synchronization.
        shares: as for a call, but 0 is the kernel that does not split.
        """
        return self._run(query, key, value, scale, tables, True, seed, shares)

    def _run(self, query, key, value, scale, tables, emulate: bool, number: int, shares: int):
        if self._emit != "run":
            raise AttnError(
                f"expected a kernel compiled with emit='run', but got emit='{self._emit}'"
            )
        *tensors, words, result = operands(query, key, value, self.info["has_lse"])
        if tables is None:
            tables = self._tables
        else:
            tables = tuple(Table(source, f"tables[{i}]").table for i, source in enumerate(tables))
        try:
            library().run_kernel(
                self._number, *tensors, tables or None, scale, words, emulate, number, shares
            )
        except RuntimeError:
            check_tensors(query, key, value)
            raise
        return (result, tensors[-1]) if self.info["has_lse"] else result
