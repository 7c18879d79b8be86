#!/usr/bin/env python3
"""Composed patterns and score functions on a real card; needs PyTorch with CUDA.

Each case is compared with attention in f32 on the same card, under the mask that
its formula gives, and timed beside the compiler's own dense kernel: the time
that is left should be near the share of tiles that the pattern needs.

usage: PYTHONPATH=build/python python3 bench/compositions.py
Last line: N passed, N failed; exits 1 if anything failed.
"""

from __future__ import annotations

import statistics
import sys

import attn
import torch

SMALL, LARGE, HEADS, DIM = 1500, 16384, 8, 128
TOLERANCE = 3e-2  # bf16, absolute, on N(0, 1) data


def document_ids(tokens: int) -> torch.Tensor:
    """Sixteen documents of uneven length."""
    generator = torch.Generator().manual_seed(1)
    cuts = torch.randperm(tokens - 1, generator=generator)[:15] + 1
    return torch.bucketize(torch.arange(tokens), cuts.sort().values, right=True).int()


def alibi(s, b, h, q, k):
    return s - attn.exp2(-(h + 1.0)) * (q - k)


def softcap(s, b, h, q, k):
    return attn.tanh(s / 20.0) * 20.0


def is_power(i, j):
    d = i // 64 - j // 64
    return (d >= 0) & (d & (d - 1) == 0)


def cases(tokens: int, device):
    """(name, pattern, score, mask of (i, j), score of (s, h, i, j)) each."""
    weights = torch.randn(HEADS, 257, device=device)
    bias = attn.Table(weights)
    ids = document_ids(tokens).to(device)
    sink = attn.Range("key", end=64)
    causal = attn.Causal()
    return [
        ("causal", causal, None, lambda i, j: j <= i, None),
        ("streaming 64 + 1024", causal & (sink | attn.SlidingWindow(1023)), None,
         lambda i, j: (j <= i) & ((j < 64) | (i - j < 1024)), None),
        ("prefix LM 512", attn.PrefixLM(512), None, lambda i, j: (j <= i) | (j < 512), None),
        ("window 512 + 64 global", attn.SlidingWindow(512, 512) | attn.GlobalTokens(64), None,
         lambda i, j: ((i - j).abs() <= 512) | (i < 64) | (j < 64), None),
        ("chunks of 1024, causal", causal & attn.Blocked(1024), None,
         lambda i, j: (j <= i) & (i // 1024 == j // 1024), None),
        ("documents, causal", attn.Document(ids, sorted=True) & causal, None,
         lambda i, j: (j <= i) & (ids[i] == ids[j]), None),
        ("powers of two, blocks of 64", attn.Power(64, 1, 1), None,
         lambda i, j: (j <= i) & (is_power(i, j) | (j < 64)), None),
        ("torus of 1025", attn.Neighborhood(1025, boundary="wrap"), None,
         lambda i, j: torch.minimum((i - j) % tokens, (j - i) % tokens) <= 512, None),
        ("a predicate, 1/4 of blocks of 256", attn.Predicate(
            lambda b, h, q, k: (q // 256 + k // 256) % 4 == 0), None,
         lambda i, j: (i // 256 + j // 256) % 4 == 0, None),
        ("causal, table of relative biases", causal,
         lambda s, b, h, q, k: s + bias[h, attn.minimum(q - k, 256)], lambda i, j: j <= i,
         lambda s, h, i, j: s + weights[h, (i - j).clamp(0, 256)]),
        ("causal, ALiBi", causal, alibi, lambda i, j: j <= i,
         lambda s, h, i, j: s - 2.0 ** -(h + 1.0) * (i - j)),
        ("causal, softcap 20", causal, softcap, lambda i, j: j <= i,
         lambda s, h, i, j: (s / 20).tanh() * 20),
    ]  # fmt: skip


def tensors(tokens: int, device):
    torch.manual_seed(0)
    shape = (1, tokens, HEADS, DIM)
    return [torch.randn(shape, device=device, dtype=torch.bfloat16) for _ in range(3)]


def reference(q, k, v, mask, score):
    i = torch.arange(q.shape[1], device=q.device)[:, None]
    j = torch.arange(k.shape[1], device=q.device)[None]
    out = []
    for h in range(HEADS):
        s = q[0, :, h].float() @ k[0, :, h].float().T / DIM**0.5
        s = score(s, h, i, j) if score else s
        weights = torch.softmax(s.masked_fill(~mask(i, j), -torch.inf), -1)
        out.append(weights.nan_to_num(0) @ v[0, :, h].float())
    return torch.stack(out, 1)[None]


def milliseconds(functions: dict) -> dict:
    """Medians of seven interleaved rounds."""
    times = {name: [] for name in functions}
    for function in functions.values():
        function()
    for _ in range(7):
        for name, function in functions.items():
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            function()
            function()
            end.record()
            torch.cuda.synchronize()
            times[name].append(start.elapsed_time(end) / 2)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> int:
    if not torch.cuda.is_available():
        print("expected a CUDA card, but got none\n0 passed, 1 failed")
        return 1
    device = torch.device("cuda")
    torch.backends.cuda.matmul.allow_tf32 = False
    passed = failed = 0
    q, k, v = tensors(SMALL, device)
    for name, pattern, score, mask, formula in cases(SMALL, device):
        out = attn.attention(q, k, v, pattern, score=score)
        error = (out.float() - reference(q, k, v, mask, formula)).abs().max().item()
        good = error < TOLERANCE
        passed, failed = passed + good, failed + (not good)
        print(f"{'ok' if good else 'FAILED'} {name}: largest error {error:.2e}")
    q, k, v = tensors(LARGE, device)
    index = torch.arange(LARGE, device=device)
    functions = {"dense": lambda: attn.attention(q, k, v, attn.Full())}
    shares = {"dense": 1.0}
    for name, pattern, score, mask, _ in cases(LARGE, device):
        functions[name] = lambda p=pattern, s=score: attn.attention(q, k, v, p, score=s)
        seen = sum(mask(rows[:, None], index[None]).sum().item() for rows in index.split(1024))
        shares[name] = seen / LARGE**2
    times = milliseconds(functions)
    print(f"\n{torch.cuda.get_device_name()}, bf16, B 1, H {HEADS}, D {DIM}, {LARGE} tokens")
    print(f"{'pattern':34} {'ms':>8} {'of dense':>9} {'pairs':>7} {'efficiency':>10}")
    for name, time in times.items():
        part = time / times["dense"]
        print(f"{name:34} {time:8.3f} {part:9.3f} {shares[name]:7.3f} {shares[name] / part:10.2f}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
