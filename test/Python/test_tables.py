"""Tables that patterns and scores read, sinks, boundaries and relations, against NumPy."""

import attn
import numpy as np
import pytest

N, HEADS, DIM = 130, 3, 32
I, J = np.ogrid[:N, :N]
RNG = np.random.default_rng(0)


def arrays(n=N, dim=DIM, dtype=np.float32):
    return [RNG.standard_normal((2, n, HEADS, dim)).astype(dtype) for _ in range(3)]


def expected(q, k, v, mask, bias=0.0, sink=None):
    """out and lse in float64; ``bias`` broadcasts to (batch, heads, queries, keys)."""
    q, k, v = (np.asarray(x, np.float64) for x in (q, k, v))
    scores = np.einsum("bqhd,bkhd->bhqk", q, k) / np.sqrt(q.shape[-1]) + bias
    scores = np.where(mask, scores, -np.inf)
    if sink is not None:
        column = np.broadcast_to(np.float64(sink)[:, None, None], scores.shape[1:3] + (1,))
        scores = np.concatenate([scores, np.broadcast_to(column, (2, *column.shape))], -1)
        v = np.concatenate([v, np.zeros_like(v[:, :1])], 1)
    largest = scores.max(-1, keepdims=True)
    weights = np.exp(scores - np.where(np.isinf(largest), 0, largest))
    total = weights.sum(-1, keepdims=True)
    out = np.einsum("bhqk,bkhd->bqhd", weights / np.maximum(total, 1e-300), v)
    with np.errstate(divide="ignore"):
        return out, (largest + np.log(total))[..., 0].transpose(0, 2, 1)


def check(got, wanted, tolerance=2e-5):
    for a, b in zip(got, wanted):
        np.testing.assert_allclose(np.asarray(a, np.float64), b, rtol=0, atol=tolerance)


@pytest.mark.parametrize("sink", [[0.5, -1.0, 2.0], [50.0, -50.0, 0.0]])
def test_sinks(sink):
    q, k, v = arrays()
    sink = np.float32(sink)
    # The first 120 queries see nothing but the sink.
    for pattern, mask in (
        (attn.Causal(), J <= I),
        (attn.Causal() & attn.Range("key", begin=120), (J <= I) & (J >= 120)),
    ):
        got = attn.attention(q, k, v, pattern, sink=sink, return_lse=True)
        check(got, expected(q, k, v, mask, sink=sink))


def test_a_score_reads_tables():
    q, k, v = arrays()
    weights = RNG.standard_normal((HEADS, 2 * N)).astype(np.float32)
    keys = RNG.standard_normal(N).astype(np.float16)
    bias, key_bias = attn.Table(weights), attn.Table(keys)

    def score(s, b, h, x, y):
        return s + bias[h, y - x + N] + key_bias[y]

    wanted = weights[:, J - I + N] + np.float64(keys)[None, None]
    got = attn.attention(q, k, v, attn.Causal(), score=score, sink=np.ones(3, np.float32))
    check([got], expected(q, k, v, J <= I, wanted[None], sink=np.ones(3)))


def test_tables_of_three_dimensions_and_of_the_batch():
    q, k, v = arrays()
    cube = attn.Table(RNG.standard_normal((2, 4, 5)).astype(np.float32))
    got = attn.attention(
        q, k, v, attn.Full(), score=lambda s, b, h, x, y: s + cube[b, x % 4, y % 5]
    )
    check([got], expected(q, k, v, True, cube.source[:, I % 4, J % 5][:, None]))


def test_a_predicate_reads_tables_and_lists_follow_them():
    q, k, v = arrays()
    columns = (RNG.random(N) < 0.1).astype(np.int32)
    offsets = (RNG.random(N) < 0.1).astype(np.int32)
    column, offset = attn.Table(columns), attn.Table(offsets)
    pattern = attn.Causal() & attn.Predicate(
        lambda b, h, x, y: (column[y] == 1) | (offset[x - y] == 1)
    )
    for _ in range(2):
        mask = (J <= I) & ((columns[J] == 1) | (offsets[np.maximum(I - J, 0)] == 1))
        np.testing.assert_array_equal(pattern.materialize(N), mask)
        check([attn.attention(q, k, v, pattern)], expected(q, k, v, mask)[:1])
        columns[:] = columns[::-1].copy()  # read in place at each call


@pytest.mark.parametrize("boundary", ["clamp", "mask", "wrap"])
@pytest.mark.parametrize("window, stride, dilation", [(7, 1, 1), (6, 3, 1), (5, 2, 3), (4, 1, 2)])
def test_boundaries(boundary, window, stride, dilation):
    group, i, j = I % dilation, I // dilation, J // dilation
    length = -((group - N) // dilation)
    start = np.minimum(i // stride * stride + stride // 2, length - 1) - window // 2
    if boundary == "clamp":
        start = np.clip(start, 0, length - window)
    ahead = (j - start) % length if boundary == "wrap" else j - start
    mask = (J % dilation == group) & (0 <= ahead) & (ahead < window)
    pattern = attn.Neighborhood(window, stride, dilation, boundary=boundary)
    np.testing.assert_array_equal(pattern.materialize(N), mask)
    assert attn.parse(pattern.to_mlir(1)) == pattern.bind(1)


def test_windows_of_heads():
    windows = np.int32([[3], [9], [31]])
    pattern = attn.Neighborhood(31, head_windows=windows)
    for head, window in enumerate(windows[:, 0]):
        own = attn.Neighborhood(int(window)).materialize(N)
        np.testing.assert_array_equal(pattern.materialize(N, head=head), own)
    both = attn.Neighborhood((9, 7), head_windows=np.int32([3, 7]))
    own = attn.Neighborhood(3).materialize((12, 11))
    np.testing.assert_array_equal(both.materialize((12, 11), head=0), own)
    with pytest.raises(attn.AttnError, match="'head_windows' to be of 2 columns.*got 3"):
        attn.Neighborhood((9, 7), head_windows=np.ones((2, 3), int)).to_mlir(2)


def test_a_halo_of_zeros():
    q, k, v = arrays(37)
    padded = [np.pad(x, ((0, 0), (20, 20), (0, 0), (0, 0))) for x in (k, v)]
    x, y = np.ogrid[:37, -20:57]
    mask = (x // 8 * 8 - 3 <= y) & (y < x // 8 * 8 + 8 + 3)
    got = attn.attention(q, k, v, attn.Halo(8, 3, "zero_pad"), return_lse=True)
    check(got, expected(q, *padded, mask))
    with pytest.raises(attn.AttnError, match="a halo of zeros to be the whole pattern"):
        attn.attention(q, k, v, ~attn.Halo(8, 3, "zero_pad"))


def test_relations():
    ids = np.arange(N) // 7
    same = attn.Relation(
        "(b, h, q, k)[x, y] -> (x - y)",
        "(b, h, q, k)[x, y] -> (q - k)",
        [
            attn.Read(ids, "(b, h, q, k) -> (q)", sorted=True),
            attn.Read(ids, "(b, h, q, k)[x] -> (k)", sorted=True),
        ],
    )
    np.testing.assert_array_equal(same.materialize(N), (J <= I) & (I // 7 == J // 7))
    assert hash(same) == hash(attn.Relation(*same._fields)) and "Relation(zero=" in repr(same)
    plain = attn.Relation("(b, h, q, k) -> ((q + 2 * k) mod 5)")
    np.testing.assert_array_equal(plain.materialize(N), (I + 2 * J) % 5 == 0)
    assert attn.parse(plain.to_mlir(1)) == plain.bind(1) and plain.rank == 1
    by_head = attn.Relation(nonnegative="(b, h, q, k) -> (8 * h + 8 - q + k, q - k)")
    for head in range(HEADS):
        wanted = (I - J <= 8 * head + 8) & (J <= I)
        np.testing.assert_array_equal(by_head.materialize(N, head=head), wanted)


def test_any_rank():
    pattern = attn.Predicate(lambda b, h, *x: (x[0] + x[-1]) % 3 == 0)
    assert pattern.rank is None
    np.testing.assert_array_equal(pattern.materialize(N), (I + J) % 3 == 0)
    q, k = np.indices((5, 6)).reshape(2, -1)
    np.testing.assert_array_equal(pattern.materialize((5, 6)), (q[:, None] + k[None]) % 3 == 0)
    q, k, v = arrays()
    doubled = attn.attention(q, k, v, attn.Full(), score=lambda s, b, h, *x: 2 * s)
    np.testing.assert_allclose(doubled, attn.attention(2 * q, k, v, attn.Full()), atol=1e-5)


def test_lists_of_static_patterns_are_kept_by_extents():
    kernel = attn.compile(attn.Strided(5) & attn.Causal(), head_dim=DIM)
    assert kernel.info["lists"] == {
        "classifier": "attention_kernel_classify", "per_batch": False, "per_head": False,
        "static": True,
    }  # fmt: skip
    for n in (N, 40, N, 257):
        x, y = np.ogrid[:n, :n]
        q, k, v = arrays(n)
        check([kernel(q, k, v)], expected(q, k, v, (y <= x) & ((x - y) % 5 == 0))[:1])


@pytest.mark.parametrize("seed", [0, 3])
def test_on_the_emulator(seed):
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    q, k, v = arrays(70, 64, bfloat16)
    weights = RNG.standard_normal((HEADS, 200)).astype(np.float32)
    bias, sink = attn.Table(weights), np.float32([0.5, -1.0, 2.0])
    pattern = attn.Neighborhood(9, boundary="wrap") | attn.PowerOfTwo(8)
    kernel = attn.compile(
        pattern, "sm_80", score=lambda s, b, h, x, y: s + bias[h, x - y + 99], sink=sink,
        return_lse=True,
    )  # fmt: skip
    x, y = np.ogrid[:70, :70]
    d = x // 8 - y // 8
    mask = ((y - x + 4) % 70 < 9) | ((d >= 0) & (d & (d - 1) == 0))
    got = kernel.emulate(q, k, v, seed=seed)
    wanted = expected(q, k, v, mask, weights[:, x - y + 99][None], sink)
    check(got[:1], wanted[:1], 3e-2)
    check(got[1:], wanted[1:], 2e-3)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: attn.Table([1]), "NumPy array or a PyTorch tensor, but got list"),
        (lambda: attn.Table(np.ones(3, bool)), "integers or floats, but got bool"),
        (lambda: attn.Table(np.ones((1,) * 5)), "of 1 to 4 dimensions, but got 5"),
        (lambda: attn.Table(np.ones(3))[1], "an entry of a table at constant indices"),
        (lambda: attn.Table(np.ones(3))[1, 2], "expected 1 indices of a table .*but got 2"),
        (lambda: attn.Relation(), "'zero' or 'nonnegative' to be given, but got neither"),
        (lambda: attn.Relation(3), "'zero' to be the text of an affine map, but got 3"),
        (lambda: attn.Relation("(b, h, q, k) -> (q * k)").materialize(9), "non-affine"),
        (lambda: attn.PowerOfTwo(0).materialize(9), "'block' to be in .*got 0"),
        (lambda: attn.module(attn.Full(), sink=np.ones(3, int)), "'sink' to be of floats"),
        (lambda: attn.parse("#attn.neighborhood<window = [3], window_table = 0>"), "without tables"),
    ],
)
def test_mistakes(make, message):
    with pytest.raises(attn.AttnError, match=message):
        make()


def test_a_negative_number_of_threads_with_lists():
    kernel = attn.compile(attn.Strided(5), head_dim=DIM)
    with pytest.raises(attn.AttnError, match="expected threads to be at least 0, but got -1"):
        kernel(*arrays(), threads=-1)
