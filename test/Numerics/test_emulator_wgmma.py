"""What is wgmma's alone, on the emulator: head dimensions and the chunks that tensor
copies write, tiles from a counter, layouts that tensor maps cannot describe."""

import attn
import numpy as np
import pytest
import reference
from test_emulator_types import close, draw, expected_of, number_type

TARGET = "sm_90a"
PRODUCER = 128  # threads


def compile_kernel(pattern, dims, name="bf16", **more):
    return attn.compile(
        pattern, TARGET, head_dim=dims[0], value_dim=dims[1], dtype=name, return_lse=True, **more
    )


def uses_wgmma(kernel):
    return any("SpecializeWarps" in remark for remark in kernel.info["remarks"])


@pytest.mark.parametrize("dim", range(8, 257, 8))
def test_every_head_dim(dim):
    """Each once as key's and once as value's; chunks of 32, 64 and 128 bytes, and those
    that the tensor does not fill."""
    other = 8 + (dim * 5) % 256
    name = ("f16", "bf16")[dim // 8 % 2]
    for dims in ((dim, other), (other, dim)):
        arrays = draw(name, dims, queries=140, keys=150, heads=2, seed=dim)
        i, j = np.ogrid[:140, :150]
        kernel = compile_kernel(attn.Causal(), dims, name)
        assert uses_wgmma(kernel)
        for seed in (0, dim):
            result = kernel.emulate(*arrays, seed=seed)
            close(name, result, expected_of(arrays, j <= i), f"dims {dims}, seed {seed}")


def test_blocks_take_several_tiles():
    """The emulator runs two blocks: one has all tiles but one."""
    arrays = draw("f16", (64, 64), queries=700, keys=60, heads=3, seed=4)
    kernel = compile_kernel(attn.Full(), (64, 64), "f16")
    assert kernel.info["threads"] > PRODUCER and uses_wgmma(kernel)
    mask = np.ones((700, 60), bool)
    first = kernel.emulate(*arrays, seed=1)
    close("f16", first, expected_of(arrays, mask))
    for seed in (0, 2, 3):
        again = kernel.emulate(*arrays, seed=seed)
        np.testing.assert_array_equal(first[0], again[0])


@pytest.mark.parametrize("target", ["sm_80", TARGET])
def test_heads_come_in_turn(target):
    """Causal tiles of many heads: more than one section of them, the last a smaller one."""
    heads, tokens, dim = (300, 150, 16) if target == "sm_80" else (600, 30, 16)
    arrays = draw("f16", (dim, dim), queries=tokens, keys=tokens, heads=heads, kv_heads=heads, seed=9)
    kernel = attn.compile(attn.Causal(), target, head_dim=dim, dtype="f16", return_lse=True)
    section = 512 // -(-tokens // kernel.info["axes"][0]["query_tile"])
    assert 0 < heads % section < section < heads
    i, j = np.ogrid[:tokens, :tokens]
    close("f16", kernel.emulate(*arrays), expected_of(arrays, j <= i))


def test_rows_without_keys():
    """Tiles of no boxes, which release the query all the same."""
    arrays = draw("f16", (64, 64), queries=500, keys=500, heads=1, kv_heads=1, seed=5)
    i, j = np.ogrid[:500, :500]
    kernel = compile_kernel(attn.Band(upper=-250), (64, 64), "f16")
    close("f16", kernel.emulate(*arrays, seed=7), expected_of(arrays, j <= i - 250))


@pytest.mark.parametrize("seed", [0, 3])
def test_hidden_keys(seed):
    """NaN and Inf behind the mask, in boxes that are visited."""
    arrays = draw("bf16", (128, 64), queries=200, keys=260, seed=6)
    hostile = np.array([np.nan, np.inf, -np.inf], np.float32)
    arrays[1][:, 200:] = hostile[np.arange(60) % 3][None, :, None, None]
    i, j = np.ogrid[:200, :260]
    kernel = compile_kernel(attn.SlidingWindow(70), (128, 64))
    close("bf16", kernel.emulate(*arrays, seed=seed), expected_of(arrays, (j <= i) & (i - j <= 70)))


def test_space_with_batch():
    """3-D: heads share a dimension of the tensor map with the batch or the columns."""
    rng = np.random.default_rng(8)
    grid, window = (5, 6, 9), (3, 4, 5)
    arrays = [rng.standard_normal((2, *grid, 2, 32)).astype(np.float16) for _ in range(3)]
    mask = reference.neighborhood_mask(grid, window, (1, 1, 1), (1, 1, 1), (False,) * 3)
    flat = [x.reshape(2, -1, 2, 32) for x in arrays]
    expected = reference.attention(*flat, mask, 32**-0.5)
    for layout in ("heads_last", "heads_first"):
        kernel = attn.compile(
            attn.Neighborhood(window), TARGET, head_dim=32, dtype="f16", layout=layout
        )
        assert uses_wgmma(kernel)
        given = arrays
        if layout == "heads_first":
            given = [np.ascontiguousarray(np.moveaxis(x, -2, 1)) for x in arrays]
        out = kernel.emulate(*given, seed=9)
        if layout == "heads_first":
            out = np.moveaxis(out, 1, -2)
        got = np.asarray(out, np.float64).reshape(2, -1, 2, 32)
        np.testing.assert_allclose(got, expected[0], rtol=0, atol=4e-3)


def test_layouts_without_tensor_map():
    """Heads that lie neither next to each other nor next to the batch in 3-D."""
    rng = np.random.default_rng(10)
    grid, window = (3, 4, 5), (3, 3, 3)
    wide = [rng.standard_normal((2, *grid, 2, 48)).astype(np.float16) for _ in range(3)]
    arrays = [x[..., :32] for x in wide]
    mask = reference.neighborhood_mask(grid, window, (1, 1, 1), (1, 1, 1), (False,) * 3)
    expected = reference.attention(*[x.reshape(2, -1, 2, 32) for x in arrays], mask, 32**-0.5)
    kernel = attn.compile(attn.Neighborhood(window), TARGET, head_dim=32, dtype="f16")
    got = np.asarray(kernel.emulate(*arrays, seed=1), np.float64).reshape(2, -1, 2, 32)
    (variant,) = kernel.variants  # of mma.sync, with copies of 16 bytes
    assert not variant["info"]["element_aligned"]
    assert any("wish for mma.sync" in remark for remark in variant["info"]["remarks"])
    np.testing.assert_allclose(got, expected[0], rtol=0, atol=4e-3)


def test_reversed_keys():
    """No tensor map has negative strides; the variant of mma.sync runs."""
    arrays = draw("f16", (64, 64), queries=90, keys=140, seed=12)
    mask = np.ones((90, 140), bool)
    kernel = compile_kernel(attn.Full(), (64, 64), "f16")
    given = [arrays[0], arrays[1][:, ::-1], arrays[2][:, ::-1]]
    close("f16", kernel.emulate(*given, seed=3), expected_of(given, mask))


@pytest.mark.parametrize("batch, by", [(1, "wgmma"), (2, "mma.sync")])
def test_space_with_odd_heads(batch, by):
    """3-D, 24 columns: where heads share the tensor map's first dimension with them, a
    tile's further columns would be the next head's."""
    rng = np.random.default_rng(10)
    grid, window = (4, 5, 8), (3, 4, 5)
    arrays = [rng.standard_normal((batch, *grid, 2, 24)).astype(np.float16) for _ in range(3)]
    mask = reference.neighborhood_mask(grid, window, (1, 1, 1), (1, 1, 1), (False,) * 3)
    flat = [x.reshape(batch, -1, 2, 24) for x in arrays]
    kernel = attn.compile(attn.Neighborhood(window), TARGET, head_dim=24, dtype="f16")
    out = kernel.emulate(*arrays, seed=1).reshape(flat[0].shape)
    assert uses_wgmma(kernel) and len(kernel.variants) == (by == "mma.sync")
    expected = reference.attention(*flat, mask, 24**-0.5)
    np.testing.assert_allclose(out.astype(np.float64), expected[0], rtol=0, atol=4e-3)


def test_no_keys():
    """A map needs an address, although nothing is read through it."""
    arrays = draw("f16", (64, 64), queries=5, keys=0, seed=13)
    out, lse = compile_kernel(attn.Full(), (64, 64), "f16").emulate(*arrays, seed=1)
    assert (out == 0).all() and np.isneginf(lse).all()


@pytest.mark.parametrize(
    "pattern, dims, name, why",
    [
        (attn.Full(), (64, 64), "f32", "32 bits"),
        (attn.Neighborhood((3,), dilation=(9,)), (64, 64), "f16", "9 tokens"),
    ],
)
def test_mma_sync_takes_the_rest(pattern, dims, name, why):
    kernel = compile_kernel(pattern, dims, name)
    assert not uses_wgmma(kernel)
    family = [remark for remark in kernel.info["remarks"] if remark.startswith("Family")]
    assert len(family) == 1 and why in family[0], kernel.info["remarks"]


@pytest.mark.parametrize("dilation", [2, 8])
def test_dilation_by_element_strides(dilation):
    arrays = draw("f16", (64, 64), queries=230, keys=230, seed=11)
    mask = reference.neighborhood_mask((230,), (9,), (1,), (dilation,), (False,))
    kernel = compile_kernel(
        attn.Neighborhood((9,), dilation=(dilation,)), (64, 64), "f16"
    )
    assert number_type("f16") is np.float16
    close("f16", kernel.emulate(*arrays, seed=2), expected_of(arrays, mask))
