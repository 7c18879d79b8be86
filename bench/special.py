"""What random configurations do not meet: sizes, streams, graphs, hostile values.

Each check is a function of a target and a device that returns a problem, or "" if there
is none; `evaluate` runs one by its name.
"""

from __future__ import annotations

import dataclasses
import time

import torch

from numerics import DTYPES, HALF_UNIT, TOLERANCE, attn, exact, viewed

BF16 = torch.bfloat16


def normal(shape, device, seed: int, dtype=BF16) -> torch.Tensor:
    generator = torch.Generator(device).manual_seed(seed)
    return torch.randn(shape, generator=generator, device=device, dtype=dtype)


def difference(what: str, out, expected, dtype: str = "bf16") -> str:
    """A problem if the largest difference from the exact values is not rounding."""
    error = (out.double() - expected).abs().max().item()
    bound = min(TOLERANCE[dtype], 2 * HALF_UNIT[dtype] * expected.abs().max().item() + 2e-5)
    return "" if error <= bound else f"{what}: error {error:.2e} above {bound:.2e}; "


def unequal(what: str, out, expected) -> str:
    """A problem if any bit differs; NaN equals none."""
    if torch.equal(out, expected):
        return ""
    wrong = (out != expected).sum().item()
    return f"{what}: {wrong} of {out.numel()} elements differ; "


@dataclasses.dataclass
class Work:
    """A kernel and the shapes that it runs on here; heads last."""

    name: str
    kernel: attn.Kernel
    query: tuple[int, ...]
    key: tuple[int, ...]
    device: torch.device

    def inputs(self, seed: int) -> list[torch.Tensor]:
        shapes = (self.query, self.key, self.key)
        return [normal(s, self.device, 3 * seed + i) for i, s in enumerate(shapes)]

    def __call__(self, inputs) -> torch.Tensor:
        return self.kernel(*inputs)


def works(target: str, device) -> list[Work]:
    """One of each way to launch: plain, of a grid, lists kept and written, keys split."""
    ids = (torch.arange(1000, device=device) // 130).int()
    rows = [
        ("causal", attn.Causal(), 128, (2, 1000, 4, 128), None),
        ("neighborhood", attn.Neighborhood((9, 9)), 64, (1, 40, 50, 4, 64), None),
        ("powers of two", attn.Power(64, 1, 1), 64, (1, 1000, 4, 64), None),
        ("documents", attn.Document(ids, sorted=True) & attn.Causal(), 64, (1, 1000, 4, 64), None),
        ("decode", attn.Full(), 128, (4, 1, 8, 128), (4, 5000, 2, 128)),
    ]
    return [
        Work(
            name, attn.compile(pattern, target, rank=len(query) - 3, head_dim=dim, dtype="bf16"),
            query, key or query, device,
        )
        for name, pattern, dim, query, key in rows
    ]  # fmt: skip


# --- Sizes and views -----------------------------------------------------------


def large_tensors(target: str, device) -> str:
    """More than 2^31 elements a tensor: in one long sequence, and in many batches."""
    heads, dim, window, problem = 8, 128, 255, ""
    kernel = attn.compile(attn.SlidingWindow(window), target, head_dim=dim, dtype="bf16")
    for batch, tokens in ((1, 2**21 + 4096), (520, 4104)):
        torch.cuda.empty_cache()
        shape = (batch, tokens, heads, dim)
        q, k, v = (torch.empty(shape, device=device, dtype=BF16).normal_() for _ in range(3))
        out = kernel(q, k, v)
        across = 2**31 // (heads * dim)  # the token that element 2^31 belongs to
        places = [(0, 0), (across // tokens, across % tokens - 32), (batch - 1, tokens - 64)]
        for b, first in places:
            first = max(first, 0)
            rows = torch.arange(first, min(first + 64, tokens), device=device)
            keys = torch.arange(max(0, first - window), int(rows[-1]) + 1, device=device)
            distance = rows[:, None] - keys[None, :]
            mask = (distance >= 0) & (distance <= window)
            some = [x[b, i].transpose(0, 1) for x, i in ((q, rows), (k, keys), (v, keys))]
            expected, _ = exact(*some, mask, dim**-0.5)
            got = out[b, rows].transpose(0, 1)
            problem += difference(f"{shape} at {(b, first)}", got, expected)
        del q, k, v, out
    torch.cuda.empty_cache()
    return problem


def many_tiles(target: str, device) -> str:
    """More than 65535 tiles, all compared."""
    batch, tokens, heads, dim = 2100, 64, 32, 64
    kernel = attn.compile(attn.Causal(), target, head_dim=dim, dtype="bf16")
    q, k, v = (normal((batch, tokens, heads, dim), device, i) for i in range(3))
    out = kernel(q, k, v)
    mask = torch.ones(tokens, tokens, dtype=torch.bool, device=device).tril()
    problem = ""
    for b in range(0, batch, 300):
        some = [x[b : b + 300].transpose(1, 2).flatten(0, 1) for x in (q, k, v, out)]
        problem += difference(f"batches from {b}", some[3], exact(*some[:3], mask, dim**-0.5)[0])
    return problem


def misaligned_views(target: str, device) -> str:
    """Each operand alone at an odd address or of odd strides; slices of one tensor."""
    tokens, heads, dim, problem = 700, 3, 64, ""
    mask = torch.ones(tokens, tokens, dtype=torch.bool, device=device).tril()
    for dtype in ("bf16", "f32"):
        kernel = attn.compile(attn.Causal(), target, head_dim=dim, dtype=dtype)
        packed = normal((2, tokens, 3, heads, dim), device, 1, DTYPES[dtype])
        inputs = list(packed.unbind(2))
        expected = torch.stack(
            [exact(*(x[b].transpose(0, 1) for x in inputs), mask, dim**-0.5)[0] for b in (0, 1)]
        ).transpose(1, 2)
        calls = {"slices of one tensor": inputs}
        for i, name in enumerate(("query", "key", "value")):
            for view in ("pointer", "stride"):
                other = viewed(inputs[i].contiguous(), view)
                calls[f"{name}, {view}"] = [*inputs[:i], other, *inputs[i + 1 :]]
        for name, call in calls.items():
            problem += difference(f"{dtype}, {name}", kernel(*call), expected, dtype)
    return problem


# --- Streams, graphs, bits -------------------------------------------------------


def repeated_runs(target: str, device) -> str:
    problem = ""
    for work in works(target, device):
        inputs = work.inputs(1)
        first = work(inputs)
        for _ in range(9):
            problem = problem or unequal(work.name, work(inputs), first)
    return problem


def on_streams(target: str, device, count: int, rounds: int) -> str:
    """``count`` streams at once, each with inputs of its own, against one after another."""
    problem = ""
    streams = [torch.cuda.Stream(device) for _ in range(count)]
    for work in works(target, device):
        inputs = [work.inputs(i) for i in range(count)]
        expected = [work(one) for one in inputs]
        for _ in range(rounds):
            torch.cuda.synchronize(device)
            outs = []
            for stream, one in zip(streams, inputs):
                with torch.cuda.stream(stream):
                    outs.append(work(one))
            torch.cuda.synchronize(device)
            for i, out in enumerate(outs):
                problem = problem or unequal(f"{work.name}, stream {i}", out, expected[i])
    return problem


def two_streams(target: str, device) -> str:
    return on_streams(target, device, 2, 20)


def many_streams(target: str, device) -> str:
    return on_streams(target, device, 40, 4)


class Captured:
    """A call as a graph, with inputs of its own to write to."""

    def __init__(self, work: Work, seed: int):
        self.inputs = work.inputs(seed)
        self.stream = torch.cuda.Stream(work.device)
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            work(self.inputs)  # loads the kernel and what it keeps, which a graph cannot
        torch.cuda.synchronize(work.device)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.out = work(self.inputs)

    def refill(self, inputs) -> None:
        for own, other in zip(self.inputs, inputs):
            own.copy_(other)


def graphs(target: str, device) -> str:
    """Replays with other inputs, and two graphs at once, against the calls themselves."""
    problem = ""
    for work in works(target, device):
        pair = [Captured(work, seed) for seed in (1, 2)]
        for turn in range(5):
            inputs = [work.inputs(10 + 2 * turn + i) for i in range(2)]
            expected = [work(one) for one in inputs]
            for graph, one in zip(pair, inputs):
                graph.refill(one)
            torch.cuda.synchronize(device)
            pair[0].graph.replay()
            torch.cuda.synchronize(device)
            name = f"{work.name}, replay {turn}"
            problem = problem or unequal(name, pair[0].out, expected[0])
            pair[0].out.zero_()
            torch.cuda.synchronize(device)
            for graph in pair:
                with torch.cuda.stream(graph.stream):
                    graph.graph.replay()
            torch.cuda.synchronize(device)
            for graph, out in zip(pair, expected):
                problem = problem or unequal(f"{name}, two at once", graph.out, out)
    return problem


# --- Hostile values ----------------------------------------------------------------

HOSTILE = (float("nan"), float("inf"), float("-inf"))
QUERIES, KEYS = 500, 1500
# Keys that no query sees stand behind those that some does; so far behind, no tile of
# visible keys holds them.
FAR = 512


def poisoned(tensor, tokens) -> torch.Tensor:
    out = tensor.clone()
    for i, value in enumerate(HOSTILE):
        out[:, tokens[i :: len(HOSTILE)]] = value
    return out


def hidden_patterns() -> dict[str, attn.Pattern]:
    return {
        "causal": attn.Causal(),
        "band": attn.Band(lower=0, upper=100),
        "range": attn.Range("key", end=300),
        "window": attn.SlidingWindow(70, 10),
    }


def hidden_values(target: str, device) -> str:
    """Keys that no query sees hold NaN and Inf, in their scores, and far away in their
    values: no bit of the output may change. Then a key that later queries do see."""
    problem = ""
    for dtype in ("bf16", "f32"):
        q = normal((1, QUERIES, 4, 64), device, 1, DTYPES[dtype])
        k, v = (normal((1, KEYS, 2, 64), device, i, DTYPES[dtype]) for i in (2, 3))
        for name, pattern in hidden_patterns().items():
            kernel = attn.compile(pattern, target, head_dim=64, dtype=dtype)
            seen = torch.from_numpy(pattern.materialize(QUERIES, KEYS)).any(0)
            hidden = (~seen).nonzero().flatten().to(device)
            far = hidden[hidden >= int(seen.nonzero().max()) + FAR]
            for shares in (0, 1, 3):
                clean = kernel(q, k, v, shares=shares)
                what = f"{dtype}, {name}, {shares} shares"
                dirty = kernel(q, poisoned(k, hidden), poisoned(v, far), shares=shares)
                problem += unequal(what, dirty, clean)
        kernel = attn.compile(attn.Causal(), target, head_dim=64, dtype=dtype)
        keys, values = k[:, :QUERIES], v[:, :QUERIES]
        clean = kernel(q, keys, values)
        later = torch.arange(400, QUERIES, device=device)
        dirty = kernel(q, poisoned(keys, later), values)
        problem += unequal(f"{dtype}, the causal future", dirty[:, :400], clean[:, :400])
    return problem


def empty_rows(target: str, device) -> str:
    """A query without keys gets 0 and -inf, whatever the keys hold."""
    problem = ""
    pattern = attn.Band(lower=KEYS - 200)
    empty = torch.from_numpy(~pattern.materialize(QUERIES, KEYS).any(1)).to(device)
    for dtype in ("bf16", "f32"):
        q = normal((1, QUERIES, 4, 64), device, 1, DTYPES[dtype])
        k, v = (normal((1, KEYS, 4, 64), device, i, DTYPES[dtype]) for i in (2, 3))
        k = poisoned(k, torch.arange(0, KEYS - 300, device=device))
        kernel = attn.compile(pattern, target, head_dim=64, dtype=dtype, return_lse=True)
        for shares in (0, 1, 3):
            out, lse = kernel(q, k, v, shares=shares)
            if out[:, empty].count_nonzero() or not (lse[:, empty] == -torch.inf).all():
                problem += f"{dtype}, {shares} shares: an empty row is not 0 and -inf; "
            if not (out[:, ~empty].isfinite().all() and lse[:, ~empty].isfinite().all()):
                problem += f"{dtype}, {shares} shares: a row with keys is not finite; "
    return problem


def huge_scores(target: str, device) -> str:
    """Scores around 1e4: finite, and the value of the best key where it is far ahead."""
    dim, problem = 64, ""
    for dtype in ("f16", "bf16", "f32"):
        q, k, v = (normal((1, 700, 2, dim), device, i, DTYPES[dtype]) for i in range(3))
        scale = 1e4 * dim**-0.5
        kernel = attn.compile(attn.Causal(), target, head_dim=dim, dtype=dtype)
        out = kernel(q, k, v, scale=scale)
        mask = torch.ones(700, 700, dtype=torch.bool, device=device).tril()
        heads = [x[0].transpose(0, 1).double() for x in (q, k, v)]
        scores = (heads[0] @ heads[1].transpose(1, 2) * scale).masked_fill(~mask, -torch.inf)
        best = scores.topk(2, dim=-1)
        ahead = best.values[..., 0] - best.values[..., 1] > 50
        expected = torch.gather(heads[2], 1, best.indices[..., :1].expand(-1, -1, dim))
        if not out.isfinite().all():
            problem += f"{dtype}: not finite; "
        error = (out[0].transpose(0, 1).double() - expected)[ahead].abs().max().item()
        # Scores of 1e4 are known to 1e-3 in f32, so their weights are, too.
        bound = max(2 * HALF_UNIT[dtype], 4e-3) * expected.abs().max().item()
        problem += "" if error <= bound else f"{dtype}: error {error:.2e} above {bound:.2e}; "
    return problem


CHECKS = {
    "tensors of more than 2^31 elements": large_tensors,
    "more than 65535 tiles": many_tiles,
    "misaligned views": misaligned_views,
    "two streams at once": two_streams,
    "40 streams in turn": many_streams,
    "same bits in 10 runs": repeated_runs,
    "graphs, replayed and two at once": graphs,
    "NaN and Inf in hidden keys and values": hidden_values,
    "rows without keys": empty_rows,
    "scores of 1e4": huge_scores,
}


def evaluate(job: tuple[str, str], context: dict) -> dict:
    """Runs one check, a name of CHECKS and a target."""
    name, target = job
    begin = time.monotonic()
    try:
        problem = CHECKS[name](target, torch.device(context["device"]))
    except attn.AttnError as error:
        problem = f"raised: {error}"
    return {"problem": problem.rstrip("; "), "seconds": time.monotonic() - begin}
