"""attn.attention on NumPy arrays: results, shapes, and every refusal."""

import subprocess
import sys

import attn
import numpy as np
import pytest


def arrays(shape=(1, 6, 2, 32), key_shape=None, dtype=np.float32):
    rng = np.random.default_rng(0)
    key_shape = key_shape or shape
    return [rng.standard_normal(s).astype(dtype) for s in (shape, key_shape, key_shape)]


def dense(q, k, v):
    """Attention of every query to every key, heads_last, one grid axis."""
    scores = np.einsum("bqhd,bkhd->bhqk", q, k) / np.sqrt(q.shape[-1])
    weights = np.exp(scores)
    out = np.einsum("bhqk,bkhd->bqhd", weights / weights.sum(-1, keepdims=True), v)
    return out, np.log(weights.sum(-1)).transpose(0, 2, 1)


def test_dense_values():
    q, k, v = arrays()
    out, lse = attn.attention(q, k, v, attn.Full(), return_lse=True)
    expected, expected_lse = dense(q, k, v)
    np.testing.assert_allclose(out, expected, atol=1e-5)
    np.testing.assert_allclose(lse, expected_lse, atol=1e-5)
    assert out.dtype == np.float32 and lse.dtype == np.float32


def test_window_of_one_returns_value():
    q, k, v = arrays((2, 4, 5, 3, 32))
    np.testing.assert_allclose(attn.attention(q, k, v, attn.Neighborhood(1)), v, atol=1e-6)


def test_scale_is_used():
    q, k, v = arrays()
    out = attn.attention(q, k, v, attn.Full(), scale=0.5)
    expected = attn.attention(q * np.float32(0.5 * 32**0.5), k, v, attn.Full())
    np.testing.assert_allclose(out, expected, atol=1e-5)


def test_heads_first():
    q, k, v = arrays((2, 7, 3, 32))
    out, lse = attn.attention(q, k, v, attn.Causal(), return_lse=True)
    first = [x.transpose(0, 2, 1, 3) for x in (q, k, v)]
    out_first, lse_first = attn.attention(
        *first, attn.Causal(), return_lse=True, layout="heads_first"
    )
    np.testing.assert_allclose(out_first.transpose(0, 2, 1, 3), out, atol=1e-6)
    np.testing.assert_allclose(lse_first.transpose(0, 2, 1), lse, atol=1e-6)


def test_value_dimension_differs():
    q, k, _ = arrays()
    v = np.ones((1, 6, 2, 64), np.float32)
    out = attn.attention(q, k, v, attn.Full())
    assert out.shape == (1, 6, 2, 64)
    np.testing.assert_allclose(out, 1, atol=1e-6)


def test_inputs_are_not_written():
    q, k, v = arrays()
    before = [x.copy() for x in (q, k, v)]
    attn.attention(q, k, v, attn.Full())
    for now, then in zip((q, k, v), before):
        np.testing.assert_array_equal(now, then)


def test_read_only_inputs():
    q, k, v = arrays()
    expected = attn.attention(q, k, v, attn.Full())
    for x in (q, k, v):
        x.flags.writeable = False
    np.testing.assert_array_equal(attn.attention(q, k, v, attn.Full()), expected)


def test_bf16():
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    q, k, v = arrays(dtype=bfloat16)
    out, lse = attn.attention(q, k, v, attn.Full(), return_lse=True)
    expected, _ = dense(*(x.astype(np.float32) for x in (q, k, v)))
    assert out.dtype == bfloat16 and lse.dtype == np.float32
    np.testing.assert_allclose(out.astype(np.float32), expected, atol=2e-2)


def refuse(message, q, k, v, pattern=attn.Full(), **options):
    with pytest.raises(attn.AttnError, match=message):
        attn.attention(q, k, v, pattern, **options)


@pytest.mark.parametrize("shape", [(4, 4, 32), (1, 2, 2, 2, 2, 2, 32), (32,), ()])
def test_bad_number_of_dimensions(shape):
    x = np.ones(shape, np.float32)
    refuse(f"expected 'query' to be an array of 4 to 6 dimensions.*but got {len(shape)}", x, x, x)


def test_numbers_of_dimensions_differ():
    q, k, v = arrays()
    refuse("expected 'key' to be of 4 dimensions, but got 5", q, k[:, :, None], v)


def test_not_arrays():
    q, k, v = arrays()
    refuse("expected 'query' to be a NumPy array or a PyTorch tensor, but got list", [1], k, v)
    refuse("expected 'value' to be a NumPy array like 'query', but got float", q, k, 1.0)


@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.complex64, ">f4", bool])
def test_unknown_dtype(dtype):
    x = np.ones((1, 4, 1, 32), dtype)
    refuse("expected 'query' to be of float32, float16 or bfloat16, but got", x, x, x)


def test_dtypes_differ():
    q, k, v = arrays()
    refuse("expected 'key' to be of f32 like 'query', but got f16", q, k.astype(np.float16), v)


def test_f16_on_the_cpu():
    """Computed in f32; what is lost is the rounding of the result."""
    q, k, v = arrays((2, 70, 2, 64), dtype=np.float16)
    out, lse = attn.attention(q, k, v, attn.Full(), return_lse=True)
    expected, expected_lse = dense(*(x.astype(np.float64) for x in (q, k, v)))
    assert out.dtype == np.float16 and lse.dtype == np.float32
    np.testing.assert_allclose(out.astype(np.float64), expected, atol=4e-3)
    np.testing.assert_allclose(lse, expected_lse, atol=1e-4)


def test_head_dimensions_differ():
    q, k, v = arrays()
    refuse(
        "expected the head dimension of 'key' to be 32 like 'query', but got 16", q, k[..., :16], v
    )


def test_last_stride():
    q, k, v = arrays()
    refuse(
        "expected the last dimension of 'query' to be of stride 1, but got 2",
        np.repeat(q, 2, axis=-1)[..., ::2], k, v,
    )  # fmt: skip


def test_batches_differ():
    q, k, v = arrays((2, 6, 2, 32), (3, 6, 2, 32))
    refuse("expected .*2.*but got 3", q, k, v)


def test_groups_do_not_divide():
    q, k, v = arrays((1, 6, 4, 32), (1, 6, 3, 32))
    refuse("expected .*but got", q, k, v)


def test_key_and_value_grids_differ():
    q, k, v = arrays()
    refuse("expected .*but got", q, k, v[:, :5])


def test_window_exceeds_extent():
    refuse("expected .*7.*but got 6", *arrays(), attn.Neighborhood(7))
    refuse("expected .*9.*but got 6", *arrays(), attn.Neighborhood(3, dilation=3))


def test_neighborhood_needs_equal_grids():
    q, k, v = arrays((1, 6, 2, 32), (1, 8, 2, 32))
    refuse("expected .*but got", q, k, v, attn.Neighborhood(3))
    assert attn.attention(q, k, v, attn.Causal(align="bottom_right")).shape == q.shape


@pytest.mark.parametrize(
    "pattern",
    [
        attn.Neighborhood(0),
        attn.Neighborhood(-3),
        attn.Neighborhood(3, stride=0),
        attn.Neighborhood(3, stride=4),
        attn.Neighborhood(3, dilation=0),
        attn.Band(lower=2, upper=1),
        attn.Causal(axis=1),
        attn.Causal(axis=-1),
        attn.Full() & attn.Neighborhood(3, stride=4),
    ],
    ids=str,
)
def test_parameters_that_the_compiler_refuses(pattern):
    # Twice: a failure must not be taken for a compiled kernel.
    for _ in range(2):
        refuse("expected .*but got", *arrays(), pattern)


def test_rank_of_pattern():
    refuse("expected 'window' to be of 1 entries.*but got 2", *arrays(), attn.Neighborhood((3, 3)))


def test_pattern_is_a_pattern():
    refuse("expected 'pattern' to be an attn pattern.*but got 'causal'", *arrays(), "causal")


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_bad_scale(scale):
    refuse("expected .*scale.*but got", *arrays(), scale=scale)


def test_bad_layout():
    message = "expected 'layout' to be heads_last or heads_first, but got 'bhnd'"
    refuse(message, *arrays(), layout="bhnd")


def test_import_is_light():
    # NumPy, PyTorch and the FFI come with the first call, if at all.
    code = (
        "import sys, attn\n"
        "assert attn.Neighborhood((3, 3)).rank == 2\n"
        "assert not {'numpy', 'torch', 'tvm_ffi'} & set(sys.modules), sorted(sys.modules)\n"
    )
    path = [str(p) for p in sys.path]
    subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import sys; sys.path[:0] = {path!r}\n{code}"],
        check=True,
    )
