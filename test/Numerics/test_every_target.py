"""The product of head dimensions, element types and chips: each is tiled, scheduled and
fits shared memory, without code; a slice of it goes through ptxas, where a spill is an
error. Pattern, value dimension, precision and alignment vary along the way."""

import itertools

import attn
import numpy as np
import pytest

CHIPS = tuple(name for name in attn.targets() if name != "cpu")
HEAD_DIMS = range(8, 257, 8)
TYPES = ("f16", "bf16", "f32")


def patterns():
    """One of each kind: products of intervals, lists, lists of tables."""
    return (
        attn.Full(),
        attn.Causal(),
        attn.SlidingWindow(100),
        attn.Neighborhood((30,), stride=(4,), dilation=(2,)),
        attn.Neighborhood((7, 9), causal=(True, False)),
        attn.Neighborhood((4, 5, 6), dilation=(2, 1, 1)),
        attn.Causal() & attn.Predicate(lambda b, h, q, k: (q + k) % 3 == 0),
        attn.Document(np.zeros(64, np.int32)) & attn.Causal(),
    )


PATTERNS = patterns()


def shape_of(number, head_dim):
    """The arguments of kernel ``number``."""
    values = (head_dim, 8, 256, 8 + head_dim * 5 % 256)
    return {
        "head_dim": head_dim,
        "value_dim": values[number % len(values)],
        "precision": ("high", "tf32")[number // 3 % 2],
        "element_aligned": number % 5 == 0,
        "return_lse": True,
    }


@pytest.mark.parametrize("chip", CHIPS)
def test_schedules(chip):
    begin = CHIPS.index(chip)
    for number, (dim, dtype) in enumerate(itertools.product(HEAD_DIMS, TYPES), begin):
        pattern = PATTERNS[number % len(PATTERNS)]
        kernel = attn.compile(pattern, chip, emit="scheduled", dtype=dtype, **shape_of(number, dim))
        tiles = [axis["query_tile"] for axis in kernel.info["axes"]]
        assert np.prod(tiles) % 16 == 0 and kernel.info["shared_bytes"] > 0


# The largest heads, where registers run out first, and odd ones, of every type.
SLICE = [
    (chip, dtype, dim)
    for chip, dtype in itertools.product(("sm_80", "sm_86", "sm_90a", "sm_120a"), TYPES)
    for dim in (64, 72, 128, 248, 256)
]


@pytest.mark.parametrize("chip, dtype, dim", SLICE)
def test_assembles(chip, dtype, dim):
    number = SLICE.index((chip, dtype, dim))
    shape = shape_of(number, dim) | {"value_dim": dim}
    try:
        code = attn.compile(
            PATTERNS[number % len(PATTERNS)], chip, emit="cubin", dtype=dtype, **shape
        ).code
    except attn.AttnError as error:
        if "expected ptxas" in str(error):
            pytest.skip("no ptxas")
        raise
    assert code[:4] == b"\x7fELF"


# Of the kernels of wgmma: in the slice each pattern with the dimension where registers
# run out first, and each size of tile with a cheap pattern.
WGMMA_PRODUCT = list(itertools.product(range(len(PATTERNS)), range(8, 257, 8), ("bf16", "f16")))
WGMMA_SLICE = [
    *((pattern, 256, ("bf16", "f16")[pattern % 2]) for pattern in range(len(PATTERNS))),
    *((pattern, 128, ("f16", "bf16")[pattern % 2]) for pattern in range(len(PATTERNS))),
    *((1, dim, "bf16") for dim in (8, 24, 64, 72, 80, 192, 248)),
]


def test_assembles_wgmma(wgmma_case):
    """Without spills, a stack frame or serialized contractions, which are errors."""
    pattern, dim, dtype = wgmma_case
    shape = {"head_dim": dim, "value_dim": dim, "dtype": dtype, "return_lse": True}
    scheduled = attn.compile(PATTERNS[pattern], "sm_90a", emit="scheduled", **shape)
    assert any("SpecializeWarps" in remark for remark in scheduled.info["remarks"])
    try:
        kernel = attn.compile(PATTERNS[pattern], "sm_90a", emit="cubin", **shape)
    except attn.AttnError as error:
        if "expected ptxas" in str(error):
            pytest.skip("no ptxas")
        raise
    assert kernel.code[:4] == b"\x7fELF"
