"""CPU kernels of each vector instruction set against float64: element types, tails
of rows, conversions bit by bit, large scores, and what hidden keys may hold."""

import attn
import check
import configs
import library
import numpy as np
import pytest
import reference

CPUS = ("avx512", "avx2", "plain")
TOLERANCE = {"f32": 2e-5, "f16": 4e-3, "bf16": 3e-2}  # absolute, on N(0, 1) data
LSE_TOLERANCE = 2e-3

every_cpu = pytest.mark.parametrize("cpu", CPUS)
every_dtype = pytest.mark.parametrize("dtype", TOLERANCE)


def numpy_type(dtype):
    if dtype == "bf16":
        return pytest.importorskip("ml_dtypes").bfloat16
    return {"f32": np.float32, "f16": np.float16}[dtype]


def compiled(pattern, cpu, **shape):
    """The kernel, or a skipped test on a machine without these vectors."""
    try:
        return attn.compile(pattern, cpu=cpu, **shape)
    except attn.AttnError as error:
        if "runs on this machine" not in str(error):
            raise
        pytest.skip(str(error))


def one_axis(n, dtype, dim=64, value_dim=None, seed=0, heads=1):
    rng = np.random.default_rng(seed)
    dims = (dim, dim, value_dim or dim)
    return [rng.standard_normal((1, n, heads, d)).astype(numpy_type(dtype)) for d in dims]


def expected(q, k, v, mask):
    return reference.attention(q, k, v, mask, q.shape[-1] ** -0.5)


@every_cpu
@every_dtype
@pytest.mark.parametrize("seed", range(3000, 3005))
def test_random(cpu, dtype, seed):
    config = configs.random_config(seed, configs.SMALL)
    data = config.data(numpy_type(dtype))
    kernel = compiled(
        config.pattern, cpu, rank=len(config.grid), head_dim=config.head_dim,
        value_dim=config.value_dim, dtype=dtype, layout=config.layout, scale=config.scale,
        return_lse=config.return_lse,
    )  # fmt: skip
    result = kernel(*check.arrange(config, data))
    check.assert_close(config, result, data, TOLERANCE[dtype], LSE_TOLERANCE)


@every_cpu
@every_dtype
@pytest.mark.parametrize("dim, value_dim", [(1, 3), (8, 8), (20, 5), (40, 24), (72, 100)])
def test_tails_of_rows(cpu, dtype, dim, value_dim):
    q, k, v = one_axis(75, dtype, dim, value_dim, heads=2)
    kernel = compiled(attn.Causal(), cpu, head_dim=dim, value_dim=value_dim, dtype=dtype)
    out, _ = expected(q, k, v, reference.band_mask((75,), (75,), None, 0))
    np.testing.assert_allclose(kernel(q, k, v).astype(np.float64), out, rtol=0,
                               atol=TOLERANCE[dtype])  # fmt: skip


@every_cpu
@pytest.mark.parametrize("dtype", ["f16", "bf16"])
@pytest.mark.parametrize("tail", [0, 3])
def test_elements_survive(cpu, dtype, tail):
    # A query that sees one key gets its value: each of the 65536 there are.
    words = np.arange(65536, dtype=np.uint16)
    dim = 64 + tail
    rows = np.resize(words, (-(-65536 // dim), dim))
    v = rows.view(numpy_type(dtype))[None, :, None, :]
    kernel = compiled(attn.Blocked(1), cpu, head_dim=dim, dtype=dtype)
    out = kernel(np.zeros_like(v), np.zeros_like(v), v)
    # As f32, since NaN warns in 16-bit types. The sum of 0 and -0 is 0.
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(out.astype(np.float32), v.astype(np.float32))


@every_cpu
@pytest.mark.parametrize("dtype", ["f16", "bf16"])
def test_results_are_rounded_to_nearest_even(cpu, dtype):
    # The mean of two values, exact in f32 but for its last bit.
    rng = np.random.default_rng(1)
    words = rng.integers(0, 65536, (1, 2048, 1, 64)).astype(np.uint16)
    exponent = {"f16": 0x7C00, "bf16": 0x7F80}[dtype]
    words[(words & exponent) == exponent] = 0  # NaN and Inf
    v = words.view(numpy_type(dtype))
    kernel = compiled(attn.Blocked(2), cpu, dtype=dtype)
    out = kernel(np.zeros_like(v), np.zeros_like(v), v)
    wide = v.astype(np.float32)
    with np.errstate(over="ignore"):
        mean = (wide[:, 0::2] + wide[:, 1::2]) * np.float32(0.5)
        rounded = np.repeat(mean, 2, axis=1).astype(v.dtype)
    np.testing.assert_array_equal(out.astype(np.float32), rounded.astype(np.float32))


@every_cpu
@every_dtype
@pytest.mark.parametrize("size", [10, 100, 1000])
def test_large_scores(cpu, dtype, size):
    q, k, v = one_axis(130, dtype, seed=2)
    scores = np.einsum("bihd,bjhd->hij", q.astype(np.float64), k.astype(np.float64)) / 8
    q = (q.astype(np.float64) * (size / np.abs(scores).max())).astype(q.dtype)
    kernel = compiled(attn.Full(), cpu, dtype=dtype, return_lse=True)
    out, lse = kernel(q, k, v)
    wanted, wanted_lse = expected(q, k, v, np.ones((130, 130), bool))
    growth = 1 + size / 100
    np.testing.assert_allclose(out.astype(np.float64), wanted, rtol=0,
                               atol=TOLERANCE[dtype] * growth)  # fmt: skip
    np.testing.assert_allclose(lse, wanted_lse, rtol=0, atol=LSE_TOLERANCE * growth)


@every_cpu
@pytest.mark.parametrize("size", [1e4, 1e6, 1e8])
def test_huge_scores_are_normalised(cpu, size):
    q, k, v = one_axis(130, "f32", seed=3)
    q *= np.float32(size)
    v[:] = 1
    kernel = compiled(attn.Causal(), cpu, return_lse=True)
    out, lse = kernel(q, k, v)
    np.testing.assert_allclose(out, 1, rtol=0, atol=1e-5)
    assert np.isfinite(lse).all()


HIDDEN = {
    "causal": (attn.Causal(), lambda q, k: k <= q, slice(100, None)),
    "neighborhood": (
        attn.Neighborhood(5, dilation=2), None, slice(1, None, 2),
    ),
    "predicate": (
        attn.Predicate(lambda b, h, q, k: k % 3 != 1), lambda q, k: k % 3 != 1, slice(1, None, 3),
    ),
    "relation": (
        attn.Causal() & ~attn.Blocked(16), lambda q, k: k < q // 16 * 16, slice(112, None),
    ),
}  # fmt: skip


@every_cpu
@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_keys_and_values_may_hold_anything(cpu, name, poison):
    pattern, allow, where = HIDDEN[name]
    n = 130
    if allow:
        mask = library.dense(allow, (n,))
    else:
        mask = reference.neighborhood_mask((n,), (5,), (1,), (2,), (False,))
    q, k, v = one_axis(n, "f32", seed=4)
    unaware = ~mask[:, where].any(axis=1)
    out, lse = expected(q, k, v, mask)
    k[:, where] = poison
    v[:, where] = poison
    kernel = compiled(pattern, cpu, return_lse=True)
    result, result_lse = kernel(q, k, v)
    assert unaware.sum() > n // 3
    np.testing.assert_allclose(result[:, unaware], out[:, unaware], rtol=0,
                               atol=TOLERANCE["f32"])  # fmt: skip
    np.testing.assert_allclose(result_lse[:, unaware], lse[:, unaware], rtol=1e-5, atol=1e-5)


@every_cpu
def test_visible_values_may_be_infinite(cpu):
    q, k, v = one_axis(40, "f32", seed=5)
    v[:, 20, :, 3] = np.inf
    out = compiled(attn.Causal(), cpu)(q, k, v)
    assert np.isfinite(out[:, :20]).all() and np.isfinite(np.delete(out, 3, axis=-1)).all()
    assert np.isposinf(out[:, 20:, :, 3]).all()


@every_cpu
@pytest.mark.parametrize("name", ["exp", "exp2", "tanh", "log", "sqrt"])
def test_functions_of_scores(cpu, name):
    functions = {"log": lambda x: np.log(1 + x * x), "sqrt": lambda x: np.sqrt(1 + x * x)}

    def score(s, b, h, q, k):
        x = s if name not in functions else 1 + s * s
        return getattr(attn, name)(x)

    q, k, v = one_axis(50, "f32", seed=6)
    out = compiled(attn.Full(), cpu, score=score)(q, k, v)
    s = np.einsum("bihd,bjhd->bhij", q.astype(np.float64), k.astype(np.float64)) / 8
    s = functions.get(name, getattr(np, name))(s)
    weights = np.exp(s - s.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    wanted = np.einsum("bhij,bjhd->bihd", weights, v.astype(np.float64))
    np.testing.assert_allclose(out, wanted, rtol=0, atol=1e-4)


def values_of(cpu, function, x):
    """``function`` of each x: the score, so also the lse, of a query's only key."""
    q = np.asarray(x, np.float32).reshape(1, -1, 1, 1)
    kernel = compiled(
        attn.Blocked(1), cpu, head_dim=1, scale=1.0, return_lse=True,
        score=lambda s, b, h, q, k: function(s),
    )  # fmt: skip
    return kernel(q, np.ones_like(q), np.ones_like(q))[1].ravel().astype(np.float64)


@every_cpu
def test_log2_of_any_number(cpu):
    rng = np.random.default_rng(7)
    x = np.concatenate([np.exp2(rng.uniform(-148, 127.9, 20000)), 1 + rng.uniform(-0.4, 0.6, 5000)])
    x = x.astype(np.float32)
    wanted = np.log2(x.astype(np.float64))
    error = np.abs(values_of(cpu, attn.log2, x) - wanted) / np.maximum(1, np.abs(wanted))
    assert error.max() < 3e-7
    assert np.isneginf(values_of(cpu, attn.log2, [0.0, -0.0])).all()
    assert np.isnan(values_of(cpu, attn.log2, [-1.0, -1e-40, -np.inf, np.nan])).all()


@every_cpu
def test_exp2_of_negative_numbers(cpu):
    # Results up to 1: of larger scores the lse has an error of its own.
    x = np.random.default_rng(8).uniform(-126, 0, 20000).astype(np.float32)
    wanted = np.exp2(x.astype(np.float64))
    error = np.abs(values_of(cpu, attn.exp2, x) / wanted - 1)
    assert error.max() < 2.5e-7
    assert (values_of(cpu, attn.exp2, [-127.0, -1e30, -np.inf]) == 0).all()
    assert np.isnan(values_of(cpu, attn.exp2, [np.nan])).all()
