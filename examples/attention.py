#!/usr/bin/env python3
"""A first pattern in five lines, then the same on PyTorch tensors.

usage: PYTHONPATH=build/python python3 examples/attention.py
"""

import attn
import numpy as np

# Five lines: a 24 x 24 map, 4 heads of 64, each query sees 7 x 7 keys.
rng = np.random.default_rng(0)
q, k, v = rng.standard_normal((3, 1, 24, 24, 4, 64), dtype=np.float32)
out = attn.attention(q, k, v, attn.Neighborhood(window=7))
print("7x7 neighborhood:", out.shape, out.dtype)

# Patterns compose: of these keys, those in rows at or above the query's own.
pattern = attn.Neighborhood(window=7) & attn.Causal()
out, lse = attn.attention(q, k, v, pattern, return_lse=True)
print("and causal:      ", out.shape, "lse", lse.shape)

# PyTorch tensors give PyTorch tensors; on a GPU the kernel runs there.
try:
    import torch
except ImportError:
    print("PyTorch is not installed; NumPy suffices")
else:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    q, k, v = (torch.from_numpy(x).to(device, torch.bfloat16) for x in (q, k, v))
    with torch.no_grad():
        out = attn.attention(q, k, v, pattern)
    print("PyTorch:         ", tuple(out.shape), out.dtype, out.device)

# What would run on another target: the kernel, its decisions, its code.
kernel = attn.compile(pattern, "sm_80", rank=2, head_dim=64, emit="ptx")
print(kernel.explain())
