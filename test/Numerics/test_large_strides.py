"""Tensors whose elements lie more than 2^31 apart: offsets of every family in 64 bits.

Memory of that size is only reserved; the few rows that there are take some pages of it.
"""

import mmap

import attn
import numpy as np
import pytest
from test_emulator_types import close, expected_of

MAP_NORESERVE = 0x4000  # of Linux; Python 3.13 has a name for it
TOKENS, DIM = 140, 32
# Elements from one batch entry and from one head to the next.
BATCH, HEAD = 2**31 + 64, 2**30 + 32


@pytest.fixture(scope="module")
def arrays():
    """(batch, tokens, heads, DIM) of f16 each, and their memory."""
    rng = np.random.default_rng(3)
    made = []
    for _ in range(3):
        elements = BATCH + HEAD + TOKENS * DIM
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE
        try:
            memory = mmap.mmap(-1, 2 * elements, flags=flags)
        except OSError as error:
            pytest.skip(f"reserves no memory of {2 * elements} bytes: {error}")
        flat = np.frombuffer(memory, np.float16)
        strides = [2 * stride for stride in (BATCH, DIM, HEAD, 1)]
        array = np.lib.stride_tricks.as_strided(flat, (2, TOKENS, 2, DIM), strides)
        array[...] = rng.standard_normal(array.shape)
        made.append(array)
    return made


@pytest.mark.parametrize("target", ["cpu", "sm_80", "sm_90a"])
def test_far_apart(arrays, target):
    i, j = np.ogrid[:TOKENS, :TOKENS]
    kernel = attn.compile(attn.Causal(), target, head_dim=DIM, dtype="f16", return_lse=True)
    result = kernel(*arrays) if target == "cpu" else kernel.emulate(*arrays, seed=1)
    close("f16", result, expected_of(arrays, j <= i), target)
