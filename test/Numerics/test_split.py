"""Keys split into shares, and packed query heads, on the emulator against the float64
reference: each source of boxes, each type, sinks, and shares without boxes."""

import itertools

import attn
import configs
import numpy as np
import pytest
import reference
from test_emulator_types import DIMS, KEYS, QUERIES, TYPES, close, compile_kernel
from test_emulator_types import draw, expected_of, misaligned, sources

SHARES = (2, 3, 8)
CASES = list(itertools.product(sources(), TYPES, SHARES))


def shares_of(kernel, heads):
    """Of the last launch that packed so many heads; 0: none. Kernels of one text, and so
    their variants, are one in a process."""
    found = {}
    for variant in kernel.variants:
        info = variant["info"]
        if info["split"]:
            packs = info["split"]["packs_heads"]
            found[info["axes"][0]["query_tile"] if packs else 0] = variant["shares"]
    return found.get(heads)


def same(results):
    """All pairs of out and lse are equal bit by bit."""
    for result in results[1:]:
        for one, other in zip(results[0], result):
            np.testing.assert_array_equal(np.float32(one), np.float32(other))


@pytest.mark.parametrize("source, name, shares", CASES)
def test_sources(source, name, shares):
    """Up to two boxes of 64 keys a tile: of eight shares most have none."""
    pattern, mask = sources()[source]
    number = CASES.index((source, name, shares))
    dims = DIMS[number % len(DIMS)]
    arrays = draw(name, dims, batch=2, heads=4, kv_heads=2, seed=number)
    kernel = compile_kernel(pattern, "sm_90a" if number % 2 else "sm_80", name, dims)
    results = [kernel.emulate(*arrays, seed=seed, shares=shares) for seed in (0, 1, 9 + number)]
    close(name, results[0], expected_of(arrays, mask), f"dims {dims}")
    same(results)
    assert shares_of(kernel, 0) == shares


@pytest.mark.parametrize("shares", (2, 5))
@pytest.mark.parametrize("rank", (2, 3))
def test_grids(rank, shares):
    """The odometer starts anywhere inside the rows of boxes of a grid."""
    grid = (18, 40) if rank == 2 else (6, 10, 18)
    window, dilation = ((11, 23), (1, 1)) if rank == 2 else ((3, 4, 7), (2, 1, 1))
    rng = np.random.default_rng(rank)
    arrays = [rng.standard_normal((2, *grid, 2, 64)).astype(np.float16) for _ in range(3)]
    pattern = attn.Neighborhood(window, dilation=dilation)
    kernel = attn.compile(
        pattern, "sm_80", rank=rank, head_dim=64, dtype="f16", return_lse=True,
        layout="heads_first",
    )  # fmt: skip
    flags = (False,) * rank
    mask = reference.neighborhood_mask(grid, window, (1,) * rank, dilation, flags)
    given = [reference.to_heads_first(x) for x in arrays]
    out, lse = kernel.emulate(*given, seed=3, shares=shares)
    result = reference.to_heads_last(out), reference.to_heads_last(lse[..., None])[..., 0]
    close("f16", result, expected_of(arrays, mask))
    assert shares_of(kernel, 0) == shares


def shown(kind, queries, keys):
    """(pattern, mask) of `kind`, for few queries."""
    i, j = np.ogrid[:queries, :keys]
    shift = keys - queries
    window = (j - i <= shift) & (j - i >= shift - 40)
    recent = attn.Band(-40, 0, align="bottom_right")
    return {
        "dense": (attn.Full(), np.ones((queries, keys), bool)),
        "causal": (attn.Band(upper=0, align="bottom_right"), j - i <= shift),
        "window": (recent, window),
        "sinks": (recent | attn.Range("key", end=4), window | (j < 4)),
        "past": (attn.Band(upper=-50), j - i <= -50),
    }[kind]


SHAPES = ((1, 1), (1, 4), (1, 7), (3, 4), (5, 3), (16, 1), (9, 12), (2, 16), (1, 20))
PACKED = [
    (kind, shape, 1 + number % 3)
    for number, (kind, shape) in enumerate(
        itertools.product(("dense", "causal", "window", "sinks"), SHAPES)
    )
] + [("past", (16, 1), 2), ("past", (3, 4), 3)]


@pytest.mark.parametrize("kind, shape, shares", PACKED)
def test_packed_heads(kind, shape, shares):
    """Short queries: a tile holds the heads of a group, and keys are read once."""
    queries, group = shape
    number = PACKED.index((kind, shape, shares))
    name, dims = TYPES[number % 4], DIMS[number % len(DIMS)]
    pattern, mask = shown(kind, queries, 150)
    arrays = draw(name, dims, queries, 150, batch=2, heads=2 * group, kv_heads=2, seed=number)
    kernel = compile_kernel(pattern, "sm_90a" if number % 3 else "sm_80", name, dims)
    results = [kernel.emulate(*arrays, seed=seed, shares=shares) for seed in (0, number + 1)]
    close(name, results[0], expected_of(arrays, mask), f"dims {dims}")
    same(results)
    heads = next(n for n in (1, 2, 4, 8, 16) if n >= min(group, 16))
    assert shares_of(kernel, heads) == shares


@pytest.mark.parametrize("shares", (1, 3))
def test_sink(shares):
    """Once for all shares, not once a share; a query without keys has the sink alone."""
    sink = np.array([0.5, -1.0, 2.0, 0.0], np.float32)
    for queries in (2, 75):
        pattern, mask = shown("past" if queries == 75 else "causal", queries, 150)
        arrays = draw("f32", (64, 64), queries, 150, heads=4, kv_heads=2)
        kernel = compile_kernel(pattern, "sm_80", "f32", (64, 64), sink=sink)
        out, lse = expected_of(arrays, mask)
        with np.errstate(divide="ignore"):
            total = np.logaddexp(lse, sink)
        weight = np.exp(lse - total)[..., None]
        results = [kernel.emulate(*arrays, shares=n) for n in (0, shares)]
        for result in results:
            close("f32", result, (out * weight, total))


def test_heads_that_do_not_fill():
    """Three heads in a tile of four, nine in two of eight and none beyond."""
    for group, queries in ((3, 1), (9, 1), (17, 1), (3, 5)):
        arrays = draw("bf16", (64, 64), queries, 100, heads=group)
        kernel = compile_kernel(attn.Full(), "sm_80", "bf16", (64, 64))
        mask = np.ones((queries, 100), bool)
        close("bf16", kernel.emulate(*arrays, seed=2, shares=2), expected_of(arrays, mask))


@pytest.mark.parametrize("how", ("pointer", "heads", "tokens"))
@pytest.mark.parametrize("queries", (2, 75))
def test_misaligned(how, queries):
    pattern, mask = shown("causal", queries, 100)
    arrays = draw("bf16", (24, 40), queries, 100)
    kernel = compile_kernel(pattern, "sm_80", "bf16", (24, 40))
    aligned = kernel.emulate(*arrays, seed=1, shares=3)
    close("bf16", aligned, expected_of(arrays, mask))
    same([aligned, kernel.emulate(*(misaligned(x, how) for x in arrays), seed=1, shares=3)])
    assert {v["info"]["element_aligned"] for v in kernel.variants} == {False, True}


@pytest.mark.parametrize("value", (np.nan, np.inf))
def test_values_of_hidden_keys(value):
    """Behind the end of a share stand keys of the next, and behind those none."""
    pattern, mask = shown("window", 1, 150)
    arrays = draw("f16", (64, 64), 1, 150, heads=4)
    expected = expected_of(arrays, mask)
    for array in arrays[1:]:
        array[:, ~mask[0]] = value
    kernel = compile_kernel(pattern, "sm_80", "f16", (64, 64))
    close("f16", kernel.emulate(*arrays, seed=4, shares=2), expected)


def test_large_scores():
    """Weights of shares come from the difference to the largest lse."""
    arrays = draw("f32", (64, 64), 1, 200, heads=4)
    arrays[0] *= 60
    kernel = compile_kernel(attn.Full(), "sm_80", "f32", (64, 64))
    out, lse = kernel.emulate(*arrays, shares=4)
    expected, expected_lse = expected_of(arrays, np.ones((1, 200), bool))
    np.testing.assert_allclose(lse, expected_lse, rtol=1e-5)
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-3)


@pytest.mark.parametrize("empty", ("batch", "queries", "heads"))
def test_nothing_to_do(empty):
    sizes = {"batch": 1, "heads": 2, "kv_heads": 1, "queries": 4, empty: 0}
    arrays = draw("f32", (8, 16), keys=KEYS, **sizes)
    kernel = compile_kernel(attn.Full(), "sm_80", "f32", (8, 16))
    out, lse = kernel.emulate(*arrays, seed=1, shares=3)
    assert out.size == 0 and lse.size == 0


@pytest.mark.parametrize("queries", (1, QUERIES))
def test_no_keys(queries):
    arrays = draw("f16", (8, 16), queries, keys=0)
    kernel = compile_kernel(attn.Full(), "sm_80", "f16", (8, 16))
    out, lse = kernel.emulate(*arrays, seed=1, shares=3)
    assert not np.any(out) and np.all(np.isneginf(lse))


def test_score_is_not_packed():
    """Scalar code asks for coordinates, which packing would change."""
    arrays = draw("f32", (64, 64), 1, 150, heads=4)
    kernel = compile_kernel(
        attn.Full(), "sm_80", "f32", (64, 64), score=lambda s, b, h, q, k: s + 0.01 * k
    )
    whole = kernel.emulate(*arrays)
    close("f32", kernel.emulate(*arrays, seed=1, shares=3), [np.float64(x) for x in whole])
    assert shares_of(kernel, 0) == 3


@pytest.mark.parametrize("target", ("sm_90a", "sm_80"))
def test_most_registers(target):
    """The largest heads, and boxes that are listed and masked."""
    pattern, mask = shown("sinks", 1, 100)
    arrays = draw("bf16", (256, 256), 1, 100, heads=4)
    kernel = compile_kernel(pattern, target, "bf16", (256, 256))
    close("bf16", kernel.emulate(*arrays, seed=3, shares=2), expected_of(arrays, mask))
    assert shares_of(kernel, 4) == 2


def test_tile_of_the_ir():
    """A tile that the IR gives is of the axes that there are: heads are not packed."""
    text = attn.module(attn.Full(), head_dim=64, dtype="f16", return_lse=True)
    tile = "{fmha.key_tile = array<i64: 32>, fmha.query_tile = array<i64: 32>} : ("
    kernel = attn.compile(text.replace(" : (tensor", f" {tile}tensor", 1), "sm_80")
    assert kernel.info["axes"][0]["query_tile"] == 32
    arrays = draw("f16", (64, 64), 1, 150, heads=4)
    close("f16", kernel.emulate(*arrays, shares=3), expected_of(arrays, np.ones((1, 150), bool)))
    assert shares_of(kernel, 0) == 3


@pytest.mark.parametrize("seed", range(12))
def test_random(seed):
    """What bench/card.py runs on a card, at a size for here."""
    make = configs.short_config if seed % 2 else configs.random_config
    config = make(seed, configs.EMULATOR)
    arrays = config.data(np.float16)
    first = config.layout == "heads_first"
    given = [reference.to_heads_first(x) for x in arrays] if first else arrays
    kernel = attn.compile(
        config.pattern, "sm_80", rank=len(config.grid), head_dim=config.head_dim,
        value_dim=config.value_dim, layout=config.layout, return_lse=True, dtype="f16",
    )  # fmt: skip
    out, lse = kernel.emulate(*given, scale=config.effective_scale, seed=seed, shares=2 + seed % 3)
    if first:
        out = reference.to_heads_last(out)
        lse = reference.to_heads_last(lse[..., None])[..., 0]
    close("f16", (out, lse), config.expected(*arrays), str(config))
