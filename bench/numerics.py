"""One configuration of attention on a card, against attention in f64.

A result must be the same in a second run, within its type's tolerance, and within
twice the error that PyTorch's own attention makes in that type with the same mask; of
f32, PyTorch's matrix products with or without tf32.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "test" / "Numerics"))
if "attn" not in sys.modules and (ROOT / "build" / "python").is_dir():
    sys.path.append(str(ROOT / "build" / "python"))

import attn  # noqa: E402
import configs  # noqa: E402

# "tf32" is f32 with one product of tf32 for each; "f32" has three.
DTYPES = {
    "f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32, "tf32": torch.float32,
}  # fmt: skip
# Absolute, on N(0, 1) data and scores. Of tf32 the worst of 1e8 outputs: values above 4
# alone are rounded by up to 2e-3; the usual error is a tenth of that.
TOLERANCE = {"f16": 4e-3, "bf16": 3e-2, "f32": 2e-5, "tf32": 4e-3}
LSE_TOLERANCE = {"f16": 2e-3, "bf16": 2e-3, "f32": 2e-5, "tf32": 5e-3}
# Rounding the exact result alone may cost this much, relative: half a unit.
HALF_UNIT = {"f16": 2.0**-11, "bf16": 2.0**-8, "f32": 2.0**-24, "tf32": 2.0**-12}
# Below, an error is fine whatever PyTorch's is: three products of tf32 lack the last
# two bits of f32.
ENOUGH = {"f16": 0.0, "bf16": 0.0, "f32": 1e-5, "tf32": 1e-4}
# How tensors lie in memory: a pointer or strides of whole elements, not of 16 bytes.
VIEWS = ("aligned", "aligned", "aligned", "aligned", "pointer", "stride")
# Parts of the keys of a query tile; 0: what the launcher chooses. Each but 1 may bring
# a variant of the kernel, which is compiled at its first call.
SHARES = (1, 0, 1, 3, 1)
# Scores of a reference at a time: 256 MB in f64, so that many processes fit a card.
MOST_SCORES = 2**25
# A slice of small ones for tools that make a launch a thousand times slower.
TINY = configs.Preset(300, 3, 1, (16, 64, 128), (0, 0, 32))
PRESETS = {"card": configs.CARD, "tiny": TINY}


# --- Masks and references on the card ----------------------------------------
# The same definitions as test/Numerics/reference.py, for whole axes at once;
# `check_masks` compares the two before anything relies on this one.


def neighborhood_axis(n, window, stride, dilation, causal, device, rows=None):
    """Booleans: ``rows`` of the n queries (default: all), key column."""
    keys = torch.arange(n, device=device)
    x = keys if rows is None else rows
    group, i = x % dilation, x // dilation
    length = (n - group + dilation - 1) // dilation
    if causal:
        leader = torch.minimum((i // stride) * stride + stride - 1, length - 1)
        start = (leader - (window - 1)).clamp(min=0)
        end = i + 1
    else:
        leader = torch.minimum((i // stride) * stride + stride // 2, length - 1)
        start = torch.minimum((leader - window // 2).clamp(min=0), length - window)
        end = start + window
    same = group[:, None] == (keys % dilation)[None, :]
    j = (keys // dilation)[None, :]
    return same & (j >= start[:, None]) & (j < end[:, None])


def band_axis(n_q, n_k, lower, upper, align, device):
    shift = n_k - n_q if align == "bottom_right" else 0
    rows, columns = torch.arange(n_q, device=device), torch.arange(n_k, device=device)
    distance = columns[None, :] - rows[:, None] - shift
    mask = torch.ones_like(distance, dtype=torch.bool)
    if lower is not None:
        mask &= distance >= lower
    if upper is not None:
        mask &= distance <= upper
    return mask


def combine(axes):
    mask = axes[0]
    for axis in axes[1:]:
        mask = (mask[:, None, :, None] & axis[None, :, None, :]).flatten(2).flatten(0, 1)
    return mask


def mask_of(config: configs.Config, device) -> torch.Tensor:
    """(queries, keys) of a configuration."""
    total = None
    if config.neighbors:
        entries = zip(config.grid, *dataclasses.astuple(config.neighbors))
        total = combine([neighborhood_axis(*entry, device) for entry in entries])
    if config.range:
        r = config.range
        axes = [
            band_axis(q, k, r.lower, r.upper, r.align, device)
            if axis == r.axis
            else torch.ones(q, k, dtype=torch.bool, device=device)
            for axis, (q, k) in enumerate(zip(config.grid, config.key_grid))
        ]
        total = combine(axes) if total is None else total & combine(axes)
    return total


def check_masks(device) -> None:
    small = configs.Preset(120, 1, 1, (64,), (0,))
    for seed in range(60):
        config = configs.random_config(seed, small)
        ours = mask_of(config, device).cpu().numpy()
        assert (ours == config.mask()).all(), f"masks differ for {config}"


def flat(tensor, heads):
    """heads_last (B, *grid, H, D) to (B, heads, tokens, D), heads repeated."""
    tensor = tensor.flatten(1, -3).transpose(1, 2)
    return tensor.repeat_interleave(heads // tensor.shape[1], dim=1)


def to_tf32(x):
    """Rounded to 10 bits of mantissa, ties away from zero."""
    return ((x.view(torch.int32) + 0x1000) & ~0x1FFF).view(torch.float32)


def torch_attention(q, k, v, mask, scale, dtype):
    """What PyTorch computes in ``dtype``: of 16 bits its own attention; of f32 the
    products themselves, since only for those it is said what tf32 does to them. For
    tf32 the factors are rounded here: cuBLAS is free not to."""
    if dtype in ("f16", "bf16"):
        return torch.nn.functional.scaled_dot_product_attention(
            q[None], k[None], v[None], attn_mask=mask, scale=scale
        )[0]
    rounded = to_tf32 if dtype == "tf32" else torch.Tensor.contiguous
    q, k, v = (rounded(x.contiguous()) for x in (q, k, v))
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = dtype == "tf32"
    try:
        scores = (q @ k.transpose(1, 2)) * scale
        return rounded(torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)) @ v
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before


def exact(q, k, v, mask, scale):
    """(out, lse) of (H, tokens, D) tensors, in f64; a query without keys: 0, -inf."""
    seen = mask.any(dim=1)
    scores = (q.double() @ k.double().transpose(1, 2)) * scale
    scores.masked_fill_(~mask, -torch.inf)
    lse = torch.logsumexp(scores, dim=-1)
    scores.sub_(torch.where(seen, lse, 0.0)[..., None]).exp_()
    return scores @ v.double(), lse


def reference(q, k, v, mask, scale, dtype):
    """(out, lse, torch's own error) of (B, H, tokens, D) tensors, in f64; as many
    heads at a time as MOST_SCORES allows."""
    rows = (*q.shape[:-1], v.shape[-1])
    out = torch.empty(rows, dtype=torch.float64, device=q.device)
    lse = torch.empty(rows[:-1], dtype=torch.float64, device=q.device)
    seen, worst = mask.any(dim=1), 0.0
    step = max(1, MOST_SCORES // mask.numel())
    for b in range(q.shape[0]):
        for h in range(0, q.shape[1], step):
            part = slice(h, h + step)
            some = [x[b, part] for x in (q, k, v)]
            out[b, part], lse[b, part] = exact(*some, mask, scale)
            theirs = torch_attention(*some, mask, scale, dtype)
            # What they make of rows without keys is their business.
            error = torch.where(seen[:, None], (theirs.double() - out[b, part]).abs(), 0.0)
            worst = max(worst, error.max().item())
    return out, lse, worst


# --- One configuration ---------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Job:
    """``kind``: "random" or "short", of the generators in configs.py."""

    kind: str
    seed: int
    dtype: str
    view: str
    shares: int


def jobs_of(count: int, seed: int) -> list[Job]:
    """``count`` random configurations, one in seven of few queries; every type, view and
    number of shares, whose periods have no common divisor with seven."""
    names = tuple(DTYPES)
    return [
        Job(
            "short" if i % 7 == 6 else "random", seed + i, names[i % len(names)],
            VIEWS[i // len(names) % len(VIEWS)], SHARES[i % len(SHARES)],
        )
        for i in range(count)
    ]  # fmt: skip


def config_of(job: Job, preset: str) -> configs.Config:
    draw = configs.short_config if job.kind == "short" else configs.random_config
    return draw(job.seed, PRESETS[preset])


def compile_for(config: configs.Config, dtype: str, target: str) -> attn.Kernel:
    return attn.compile(
        config.pattern, target, rank=len(config.grid), head_dim=config.head_dim,
        value_dim=config.value_dim, layout=config.layout, return_lse=config.return_lse,
        dtype="f32" if dtype == "tf32" else dtype,
        precision="tf32" if dtype == "tf32" else "high",
    )  # fmt: skip


def viewed(tensor, view: str):
    """The same values at an address, or with strides, as ``view`` says."""
    if view == "pointer":
        memory = tensor.new_empty(tensor.numel() + 1)
        return memory[1:].view(tensor.shape).copy_(tensor)
    if view == "stride":
        memory = tensor.new_empty((*tensor.shape[:-1], tensor.shape[-1] + 1))
        return memory[..., :-1].copy_(tensor)
    return tensor


def judge(result: dict, config, job: Job, out, lse, data) -> str:
    """Fills in the errors of heads-last ``out`` and ``lse``; returns the problem or ""."""
    dtype, scale = job.dtype, config.effective_scale
    mask = mask_of(config, out.device)
    expected, expected_lse, result["torch_error"] = reference(
        *(flat(x, config.heads) for x in data), mask, scale, dtype
    )
    error = (flat(out, config.heads).double() - expected).abs().max().item()
    # Rounded elements of f32 err in proportion to the scores; those of 16 bits do not.
    spread = max(1.0, scale * config.head_dim**0.5) if "32" in dtype else 1.0
    tolerance, lse_tolerance = (spread * limit[dtype] for limit in (TOLERANCE, LSE_TOLERANCE))
    bound = max(2 * result["torch_error"], HALF_UNIT[dtype] * expected.abs().max().item())
    bound = max(bound, ENOUGH[dtype] * spread)
    result["error"] = error
    if not error <= tolerance:  # also catches NaN
        return f"error {error:.2e} above {tolerance:.0e}"
    if not error <= bound:
        return f"error {error:.2e} above {bound:.2e}, twice torch's"
    if lse is not None:
        lse = lse.flatten(1, -2).transpose(1, 2).double()
        # Infinities of empty rows must agree: their difference is no number.
        same = lse == expected_lse
        result["lse_error"] = torch.where(same, 0.0, (lse - expected_lse).abs()).max().item()
        if not result["lse_error"] <= lse_tolerance:
            return f"lse error {result['lse_error']:.2e} above {lse_tolerance:.0e}"
    return ""


def evaluate(job: Job, context: dict) -> dict:
    """The result of one configuration as plain values; its problem is "" if it is right.

    context: device and target; preset, a name of PRESETS; check_on: the device of the
    data and the reference, if not the card, where a tool would watch their kernels too.
    """
    device, check_on = torch.device(context["device"]), torch.device(context["check_on"])
    config = config_of(job, context["preset"])
    result = {
        "kind": job.kind, "seed": job.seed, "dtype": job.dtype, "view": job.view,
        "shares": job.shares, "error": 0.0, "torch_error": 0.0, "lse_error": 0.0,
        "config": str(config), "problem": "",
    }  # fmt: skip
    try:
        kernel = compile_for(config, job.dtype, context["target"])
    except attn.AttnError as error:
        return result | {"problem": f"does not compile: {error}"}
    generator = torch.Generator(check_on).manual_seed(config.seed)
    data = [
        torch.randn(shape, generator=generator, device=check_on, dtype=DTYPES[job.dtype])
        for shape in config.shapes()
    ]
    first = config.layout == "heads_first"
    views = [viewed(x.to(device), job.view) for x in data]
    inputs = [x.movedim(-2, 1) if first else x for x in views]
    try:
        runs = [kernel(*inputs, scale=config.effective_scale, shares=job.shares) for _ in range(2)]
    except attn.AttnError as error:
        return result | {"problem": f"does not run: {error}"}
    runs = [run if config.return_lse else (run, None) for run in runs]
    (out, lse), (again, _) = [[None if x is None else x.to(check_on) for x in r] for r in runs]
    if not torch.equal(out, again):
        return result | {"problem": "other bits in a second run"}
    if first:
        out = out.movedim(1, -2)
        lse = None if lse is None else lse.movedim(1, -1)
    result["problem"] = judge(result, config, job, out, lse, data)
    if device.type == "cuda" and torch.cuda.memory_reserved(device) > 2 * 2**30:
        torch.cuda.empty_cache()
    return result
