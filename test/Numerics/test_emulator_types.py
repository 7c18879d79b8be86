"""Element types, head dimensions, alignments and extents of GPU kernels, on the emulator
against the float64 reference: each source of boxes with each type and layout."""

import itertools

import attn
import numpy as np
import pytest
import reference

TARGETS = ("sm_80", "sm_90a")
TYPES = ("f16", "bf16", "f32", "tf32")
TOLERANCE = {"f16": 4e-3, "bf16": 3e-2, "f32": 2e-5, "tf32": 2e-3}
LSE_TOLERANCE = {"f16": 2e-3, "bf16": 2e-3, "f32": 2e-5, "tf32": 4e-3}
# Half steps of depth, odd numbers of value columns, and what differs from key to value.
DIMS = ((8, 8), (24, 24), (40, 40), (72, 72), (64, 64), (8, 72), (56, 8), (192, 128), (16, 24))
QUERIES, KEYS = 75, 100


def number_type(name):
    if name == "bf16":
        return pytest.importorskip("ml_dtypes").bfloat16
    return np.float16 if name == "f16" else np.float32


def compile_kernel(pattern, target, name, dims, layout="heads_last", **more):
    return attn.compile(
        pattern, target, head_dim=dims[0], value_dim=dims[1], layout=layout, return_lse=True,
        dtype="f32" if name == "tf32" else name,
        precision="tf32" if name == "tf32" else "high", **more,
    )  # fmt: skip


def draw(name, dims, queries=QUERIES, keys=KEYS, batch=1, heads=2, kv_heads=1, seed=0):
    """query, key and value, heads_last, N(0, 1)."""
    rng = np.random.default_rng(seed)
    shapes = [(batch, queries, heads, dims[0]), *((batch, keys, kv_heads, d) for d in dims)]
    return [rng.standard_normal(shape).astype(number_type(name)) for shape in shapes]


def close(name, result, expected, what=""):
    out, lse = (np.asarray(x, np.float64) for x in result)
    np.testing.assert_allclose(out, expected[0], rtol=0, atol=TOLERANCE[name], err_msg=what)
    np.testing.assert_allclose(
        lse, expected[1], rtol=1e-5, atol=LSE_TOLERANCE[name], err_msg=what
    )


def expected_of(arrays, mask):
    return reference.attention(*arrays, mask, arrays[0].shape[-1] ** -0.5)


def sources():
    """Name -> (pattern, mask) of each way in which a kernel finds its boxes."""
    i, j = np.ogrid[:QUERIES, :KEYS]
    valid = (np.arange(KEYS) * 7 % 5 != 0).astype(np.int32)
    table = attn.Table(valid)
    causal = (j <= i) & (i - j < 50)
    by_table = attn.Predicate(lambda b, h, q, k: table[k] == 1)
    return {
        "odometer": (attn.Band(lower=-49, upper=0), causal),
        "list": (
            attn.Band(lower=-49, upper=0) & attn.Predicate(lambda b, h, q, k: k % 3 != 1),
            causal & (j % 3 != 1),
        ),
        "list_of_table": (
            attn.Band(lower=-49, upper=0) & by_table,
            causal & (valid == 1)[None, :],
        ),
    }


CASES = list(itertools.product(TARGETS, sources(), TYPES, ("heads_last", "heads_first")))


@pytest.mark.parametrize("target, source, name, layout", CASES)
def test_matrix(target, source, name, layout):
    pattern, mask = sources()[source]
    number = CASES.index((target, source, name, layout))
    dims = DIMS[number % len(DIMS)]
    arrays = draw(name, dims, seed=number)
    expected = expected_of(arrays, mask)
    # Keys that no query sees, inside of boxes that are visited.
    hidden = ~mask.any(axis=0)
    assert hidden.any()
    for offset, hostile in enumerate((np.nan, np.inf, -np.inf)):
        arrays[1][:, np.flatnonzero(hidden)[offset::3]] = hostile
    kernel = compile_kernel(pattern, target, name, dims, layout)
    first = layout == "heads_first"
    given = [reference.to_heads_first(x) for x in arrays] if first else arrays
    results = []
    for seed in (0, 1 + number, 1000 + number):
        out, lse = kernel.emulate(*given, seed=seed)
        if first:
            out = reference.to_heads_last(out)
            lse = reference.to_heads_last(lse[..., None])[..., 0]
        close(name, (out, lse), expected, f"dims {dims}, seed {seed}")
        results.append(np.asarray(out, np.float32))
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)


@pytest.mark.parametrize("dim", range(8, 257, 8))
def test_every_head_dim(dim):
    """Each once as key's and once as value's, of each number of bits."""
    other = 8 + (dim * 5) % 256
    name = TYPES[dim // 8 % 4]
    for dims in ((dim, other), (other, dim)):
        arrays = draw(name, dims, queries=33, keys=33, heads=1, seed=dim)
        kernel = compile_kernel(attn.Causal(), "sm_86", name, dims)
        i, j = np.ogrid[:33, :33]
        close(name, kernel.emulate(*arrays, seed=dim), expected_of(arrays, j <= i), str(dims))


@pytest.mark.parametrize("precision", ("high", "tf32"))
def test_large_f32_heads(precision):
    """The tiles that fit the smallest shared memory, and a score that is scaled up."""
    name = "f32" if precision == "high" else "tf32"
    arrays = draw(name, (256, 256), queries=50, keys=70)
    i, j = np.ogrid[:50, :70]
    for target in ("sm_86", "sm_90a"):
        kernel = compile_kernel(attn.Band(upper=20), target, name, (256, 256))
        close(name, kernel.emulate(*arrays, seed=2), expected_of(arrays, j - i <= 20))


# --- Alignment ---------------------------------------------------------------


def misaligned(array, how):
    """A view of equal values whose pointer or strides are of whole elements only."""
    if how == "pointer":
        memory = np.zeros(array.size + 1, array.dtype)
        view = memory[1:].reshape(array.shape)
    elif how == "heads":
        memory = np.zeros((*array.shape[:-1], array.shape[-1] + 3), array.dtype)
        view = memory[..., : array.shape[-1]]
    else:
        batch, tokens, heads, dim = array.shape
        memory = np.zeros(batch * tokens * (heads * dim + 1), array.dtype)
        size = array.dtype.itemsize
        strides = (tokens * (heads * dim + 1), heads * dim + 1, dim, 1)
        view = np.lib.stride_tricks.as_strided(
            memory, array.shape, [size * stride for stride in strides]
        )
    view[...] = array
    return view


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("how", ("pointer", "heads", "tokens"))
def test_misaligned_views(how, name):
    dims = (40, 24)
    arrays = draw(name, dims, seed=len(how))
    pattern, mask = sources()["list" if how == "tokens" else "odometer"]
    kernel = compile_kernel(pattern, "sm_80", name, dims)
    assert not kernel.info["element_aligned"]
    expected = expected_of(arrays, mask)
    aligned = [np.asarray(x, np.float32) for x in kernel.emulate(*arrays, seed=1)]
    # All three, then each alone.
    for chosen in ((0, 1, 2), (0,), (1,), (2,)):
        views = [misaligned(x, how) if i in chosen else x for i, x in enumerate(arrays)]
        got = kernel.emulate(*views, seed=3)
        close(name, got, expected, str(chosen))
        for one, other in zip(got, aligned):  # the same sums in the same order
            np.testing.assert_array_equal(np.asarray(one, np.float32), other)


def test_misaligned_tensors():
    torch = pytest.importorskip("torch")
    arrays = draw("f16", (24, 24))
    pattern, mask = sources()["odometer"]
    kernel = compile_kernel(pattern, "sm_80", "f16", (24, 24))
    views = []
    for array in arrays:
        memory = torch.zeros(array.size + 1, dtype=torch.float16)
        views.append(memory[1:].view(array.shape).copy_(torch.from_numpy(array)))
        assert views[-1].data_ptr() % 16 == 2
    out, lse = kernel.emulate(*views, seed=5)
    close("f16", (out.numpy(), lse.numpy()), expected_of(arrays, mask))


def test_element_aligned_by_request():
    arrays = draw("bf16", (24, 40))
    pattern, mask = sources()["odometer"]
    kernel = compile_kernel(pattern, "sm_80", "bf16", (24, 40), element_aligned=True)
    assert kernel.info["element_aligned"]
    assert any("element by element" in remark for remark in kernel.info["remarks"])
    close("bf16", kernel.emulate(*arrays, seed=4), expected_of(arrays, mask))


# --- Extents -----------------------------------------------------------------


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("grid, keys", [((1,), (1,)), ((1,), (70,)), ((70,), (1,))])
def test_extents_of_one(name, grid, keys):
    arrays = draw(name, (24, 8), grid[0], keys[0], heads=1)
    kernel = compile_kernel(attn.Full(), "sm_80", name, (24, 8))
    mask = np.ones((grid[0], keys[0]), bool)
    close(name, kernel.emulate(*arrays, seed=7), expected_of(arrays, mask))


def test_grids_of_one_token():
    """Extents and windows of one, on three axes."""
    rng = np.random.default_rng(3)
    q, k, v = (rng.standard_normal((2, 1, 1, 1, 3, 8)).astype(np.float16) for _ in range(3))
    kernel = attn.compile(
        attn.Neighborhood((1, 1, 1)), "sm_80", head_dim=8, dtype="f16", return_lse=True
    )
    out, _ = kernel.emulate(q, k, v)
    np.testing.assert_allclose(np.float32(out), np.float32(v), rtol=0, atol=4e-3)


@pytest.mark.parametrize("source", sources())
@pytest.mark.parametrize("empty", ("batch", "queries", "heads"))
def test_nothing_to_do(source, empty):
    """No tiles, no launch: neither the kernel nor its classifier runs."""
    sizes = {"batch": 1, "heads": 2, "kv_heads": 1, "queries": QUERIES, empty: 0}
    arrays = draw("f32", (8, 16), keys=KEYS, **sizes)
    kernel = compile_kernel(sources()[source][0], "sm_80", "f32", (8, 16))
    out, lse = kernel.emulate(*arrays, seed=1)
    assert out.shape == (*arrays[0].shape[:-1], 16) and out.size == 0 and lse.size == 0


@pytest.mark.parametrize("source", ("odometer", "list"))
def test_no_keys(source):
    """Every query is alone: out is 0 and lse -inf."""
    arrays = draw("f16", (8, 16), keys=0)
    kernel = compile_kernel(sources()[source][0], "sm_80", "f16", (8, 16))
    out, lse = kernel.emulate(*arrays, seed=1)
    assert not np.any(out) and np.all(np.isneginf(lse))


def test_empty_tables():
    """Documents of no tokens; a table that is read must have an entry."""
    kernel = attn.compile(
        attn.Document(np.zeros(0, np.int32)) & attn.Causal(), "sm_80", head_dim=8, dtype="f16"
    )
    nothing = draw("f16", (8, 8), 0, 0)
    assert kernel.emulate(*nothing).shape == (1, 0, 2, 8)
    with pytest.raises(attn.AttnError, match="at least the 5 tokens of axis 0, but got 0"):
        kernel.emulate(*draw("f16", (8, 8), 5, 5))
    read = compile_kernel(sources()["list_of_table"][0], "sm_80", "f16", (8, 8))
    with pytest.raises(attn.AttnError, match="to be at least 1, but got 0"):
        read.emulate(*draw("f16", (8, 8)), tables=[np.zeros(0, np.int32)])
