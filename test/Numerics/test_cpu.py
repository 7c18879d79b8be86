"""CPU kernels against the float64 reference."""

import dataclasses

import attn
import check
import configs
import numpy as np
import pytest
import reference

F32_TOLERANCE = 2e-5  # absolute, on N(0, 1) data
BF16_TOLERANCE = 3e-2
LSE_TOLERANCE = 2e-5
BF16_LSE_TOLERANCE = 2e-3


def run(config, dtype, tolerance, lse_tolerance):
    data = config.data(dtype)
    result = attn.attention(
        *check.arrange(config, data),
        config.pattern,
        scale=config.scale,
        return_lse=config.return_lse,
        layout=config.layout,
    )
    check.assert_close(config, result, data, tolerance, lse_tolerance)


@pytest.mark.parametrize("seed", range(140))
def test_random_f32(seed):
    run(configs.random_config(seed, configs.SMALL), np.float32, F32_TOLERANCE, LSE_TOLERANCE)


@pytest.mark.parametrize("seed", range(1000, 1040))
def test_random_bf16(seed):
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    config = configs.random_config(seed, configs.SMALL)
    run(config, bfloat16, BF16_TOLERANCE, BF16_LSE_TOLERANCE)


def one_axis(n=37, n_k=None, heads=1, kv_heads=1, dim=32, batch=1, seed=0):
    """query, key, value of one grid axis, N(0, 1), f32."""
    rng = np.random.default_rng(seed)
    n_k = n if n_k is None else n_k
    shapes = ((batch, n, heads, dim), (batch, n_k, kv_heads, dim), (batch, n_k, kv_heads, dim))
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def compare(q, k, v, pattern, mask, tolerance=F32_TOLERANCE):
    out, lse = attn.attention(q, k, v, pattern, return_lse=True)
    expected, expected_lse = reference.attention(q, k, v, mask, q.shape[-1] ** -0.5)
    np.testing.assert_allclose(out, expected, rtol=0, atol=tolerance)
    np.testing.assert_allclose(lse, expected_lse, rtol=1e-5, atol=LSE_TOLERANCE)


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("n", [5, 37, 200])
def test_hidden_keys_may_hold_anything(n, poison):
    # Causal: the queries before the poisoned keys must not notice them.
    q, k, v = one_axis(n)
    visible = n - n // 3
    k[:, visible:] = poison
    out, lse = attn.attention(q, k, v, attn.Causal(), return_lse=True)
    mask = reference.band_mask((n,), (n,), None, 0)
    expected, expected_lse = reference.attention(q, k, v, mask, q.shape[-1] ** -0.5)
    np.testing.assert_allclose(out[:, :visible], expected[:, :visible], rtol=0, atol=F32_TOLERANCE)
    np.testing.assert_allclose(lse[:, :visible], expected_lse[:, :visible], rtol=0, atol=1e-4)


def test_hidden_keys_of_a_neighborhood_may_hold_nan():
    # Dilation 2: odd keys are hidden from even queries even inside the window.
    q, k, v = one_axis(40)
    k[:, 1::2] = np.nan
    out = attn.attention(q, k, v, attn.Neighborhood(window=5, dilation=2))
    mask = reference.neighborhood_mask((40,), (5,), (1,), (2,), (False,))
    expected, _ = reference.attention(q, k, v, mask, q.shape[-1] ** -0.5)
    np.testing.assert_allclose(out[:, ::2], expected[:, ::2], rtol=0, atol=F32_TOLERANCE)


@pytest.mark.parametrize("n", [1, 9, 70])
def test_rows_without_keys_are_zero(n):
    # Strictly before the query: the first query sees nothing.
    q, k, v = one_axis(n)
    out, lse = attn.attention(q, k, v, attn.Band(upper=-1), return_lse=True)
    assert (out[:, 0] == 0).all()
    assert (lse[:, 0] == -np.inf).all()
    compare(q, k, v, attn.Band(upper=-1), reference.band_mask((n,), (n,), None, -1))


def test_all_rows_without_keys_are_zero():
    q, k, v = one_axis(20)
    out, lse = attn.attention(q, k, v, attn.Band(lower=100), return_lse=True)
    assert (out == 0).all() and (lse == -np.inf).all()


def test_visible_scores_of_minus_infinity():
    # Key 0 scores -inf for every query; query 0 sees nothing else.
    q, k, v = one_axis(12)
    q[..., 0] = 1
    k[:, 0] = 0
    k[:, 0, :, 0] = -np.inf
    compare(q, k, v, attn.Causal(), reference.band_mask((12,), (12,), None, 0))


@pytest.mark.parametrize("size", [1e2, 1e4, 1e6])
def test_huge_logits(size):
    # Scores far beyond exp's range; the maximum is subtracted first. A key is
    # repeated so that the softmax stays sensitive to its weights.
    q, k, v = one_axis(33)
    q *= np.float32(size)
    k[:] = k[:, :1]
    compare(q, k, v, attn.Full(), np.ones((33, 33), bool), tolerance=1e-4)


def test_largest_score_wins():
    q, k, v = one_axis(16)
    k[:] = 0
    k[:, 11] = 1e4 * q[:, 3] / np.abs(q[:, 3]).max()
    out = attn.attention(q, k, v, attn.Full())
    np.testing.assert_allclose(out[:, 3], v[:, 11], rtol=0, atol=1e-6)


@pytest.mark.parametrize("grid", [(1,), (1, 1), (1, 1, 1), (1, 13), (13, 1), (1, 7, 1)])
def test_extents_of_one(grid):
    config = configs.Config(
        grid=grid, key_grid=grid,
        neighbors=configs.Neighbors(*[(1,) * len(grid)] * 3, (False,) * len(grid)),
        range=None, batch=2, heads=2, kv_heads=1, head_dim=32, value_dim=32,
        layout="heads_last", return_lse=True, scale=None, seed=5,
    )  # fmt: skip
    run(config, np.float32, F32_TOLERANCE, LSE_TOLERANCE)


@pytest.mark.parametrize("pattern", [attn.Full(), attn.Neighborhood(window=3)])
def test_empty_batch(pattern):
    q, k, v = one_axis(8, batch=0)
    out, lse = attn.attention(q, k, v, pattern, return_lse=True)
    assert out.shape == (0, 8, 1, 32) and lse.shape == (0, 8, 1)


@pytest.mark.parametrize("heads, kv_heads", [(4, 1), (4, 2), (6, 3), (8, 8)])
def test_grouped_heads(heads, kv_heads):
    q, k, v = one_axis(29, heads=heads, kv_heads=kv_heads)
    mask = reference.neighborhood_mask((29,), (6,), (2,), (1,), (True,))
    compare(q, k, v, attn.Neighborhood(window=6, stride=2, causal=True), mask)


def test_slices_of_a_packed_projection():
    # q, k and v as views of one array (B, N, 3, H, D), as a linear layer gives.
    packed = np.random.default_rng(3).standard_normal((2, 31, 3, 2, 32)).astype(np.float32)
    q, k, v = (packed[:, :, i] for i in range(3))
    compare(q, k, v, attn.SlidingWindow(5, 2), reference.band_mask((31,), (31,), -5, 2))


def test_reversed_and_broadcast_views():
    q, k, v = one_axis(24, heads=2, kv_heads=2)
    k = np.broadcast_to(k[:, :, :1], k.shape)  # stride 0, read-only
    q = q[:, ::-1]  # negative stride
    compare(q, k, v, attn.Causal(), reference.band_mask((24,), (24,), None, 0))


@pytest.mark.parametrize("seed", range(2000, 2012))
def test_layouts_agree(seed):
    config = configs.random_config(seed, configs.SMALL)
    config = dataclasses.replace(config, return_lse=False)
    results = []
    for layout in ("heads_last", "heads_first"):
        same = dataclasses.replace(config, layout=layout)
        data = same.data(np.float32)
        out = attn.attention(
            *check.arrange(same, data), same.pattern, scale=same.scale, layout=layout
        )
        results.append(check.split(same, out)[0])
    np.testing.assert_allclose(results[0], results[1], rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", range(2100, 2106))
def test_threads_agree(seed):
    config = configs.random_config(seed, configs.SMALL)
    data = config.data(np.float32)
    kernel = attn.compile(
        config.pattern, rank=len(config.grid), head_dim=config.head_dim,
        value_dim=config.value_dim, layout=config.layout, scale=config.scale,
    )  # fmt: skip
    arrays = check.arrange(config, data)
    np.testing.assert_array_equal(kernel(*arrays, threads=1), kernel(*arrays, threads=3))
