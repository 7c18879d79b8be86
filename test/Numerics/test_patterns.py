"""The patterns of examples/patterns, score functions and random compositions,
against NumPy definitions: the mask itself, and attention in float64."""

import attn
import compositions
import library
import numpy as np
import pytest
import reference
from library import LIBRARY

TOLERANCE = 2e-5  # absolute, f32 on N(0, 1) data
BF16_TOLERANCE = 3e-2
ON_EMULATOR = (
    "bigbird-random", "blockrank", "document-causal", "flamingo", "nbhd-heads", "perm-causal",
    "prefix-lm-document", "shared-prefix", "tree", "vertical-slash-sets",
    "a-shape-block", "bigbird", "block-causal", "block-diffusion", "block-halo", "dilated-window",
    "fixed", "longformer", "power", "prefix-lm", "rat-inter", "s2-local-stride",
    "shifted-window", "streaming", "strided", "vertical-slash", "wrap-nbhd",
)  # fmt: skip


def masks_of(row):
    """(heads, queries, keys)."""
    more = [(h,) for h in range(row.heads)] if row.heads > 1 else [()]
    return np.stack(
        [library.dense(row.allow, row.grid, row.keys, *args, *row.tables) for args in more]
    )


def data_of(row, dtype=np.float32, dim=64):
    rng = np.random.default_rng(len(row.grid) + sum(row.grid))
    shapes = [(1, *grid, row.heads, dim) for grid in (row.grid, row.keys, row.keys)]
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def expected_of(row, q, k, v):
    """Attention head by head, in float64."""
    heads = [
        reference.attention(*(x[..., h : h + 1, :] for x in (q, k, v)), mask, q.shape[-1] ** -0.5)
        for h, mask in enumerate(masks_of(row))
    ]
    return np.concatenate([out for out, _ in heads], axis=-2)


def tables_of(row):
    return [np.ascontiguousarray(table, np.int32) for table in row.tables]


def test_every_file_has_a_definition():
    files = {path.stem for path in library.FOLDER.glob("*.mlir")}
    assert files == set(LIBRARY) and len(files) >= 54


def recovered(row, text):
    """The masks (heads, queries, keys): queries of 0, values of the identity."""
    q, k, v = (np.zeros_like(x) for x in data_of(row))
    kernel, keys, columns = attn.compile(text), np.prod(row.keys), q.shape[-1]
    parts = []
    for first in range(0, keys, columns):
        own = np.eye(keys, columns, -first, np.float32)
        v[...] = own.reshape(1, *row.keys, 1, columns)
        out = kernel(q, k, v, tables=tables_of(row))
        parts.append(out.reshape(-1, row.heads, columns).transpose(1, 0, 2) > 0)
    return np.concatenate(parts, -1)[..., :keys]


@pytest.mark.parametrize("name", LIBRARY)
def test_mask(name):
    row = LIBRARY[name]
    masks = masks_of(row)
    np.testing.assert_array_equal(recovered(row, library.text_of(name)), masks)
    assert masks.any() and (name == "full" or not masks.all())
    if row.tables:
        return
    pattern = attn.parse(library.text_of(name))
    for head, mask in enumerate(masks):
        np.testing.assert_array_equal(
            pattern.materialize(row.grid, row.key_grid, head=head), mask
        )


@pytest.mark.parametrize("name", LIBRARY)
def test_mask_by_small_tiles(name):
    row = LIBRARY[name]
    extents = {1: "16", 2: "4, 4"}[len(row.grid)]
    tiles = ", ".join(f"fmha.{side}_tile = array<i64: {extents}>" for side in ("query", "key"))
    layout = "layout(heads_last)"
    text = library.text_of(name).replace(layout, f"{layout} {{{tiles}}}")
    np.testing.assert_array_equal(recovered(row, text), masks_of(row))


@pytest.mark.parametrize("name", LIBRARY)
def test_machine_code(name):
    text = library.text_of(name).replace("xf32>", "xbf16>")
    try:
        code = attn.compile(text, "sm_80", emit="cubin").code
    except attn.AttnError as error:
        if "expected ptxas" in str(error):
            pytest.skip("no ptxas")
        raise
    assert code[:4] == b"\x7fELF"


@pytest.mark.parametrize("name", LIBRARY)
def test_attention(name):
    row = LIBRARY[name]
    q, k, v = data_of(row)
    out = attn.compile(library.text_of(name))(q, k, v, tables=tables_of(row))
    np.testing.assert_allclose(out, expected_of(row, q, k, v), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", ON_EMULATOR)
def test_on_the_emulator(name):
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    row = LIBRARY[name]
    q, k, v = data_of(row, bfloat16)
    kernel = attn.compile(library.text_of(name).replace("xf32>", "xbf16>"), "sm_80")
    out = kernel.emulate(q, k, v, tables=tables_of(row), seed=7)
    np.testing.assert_allclose(
        np.asarray(out, np.float64), expected_of(row, q, k, v), rtol=0, atol=BF16_TOLERANCE
    )


@pytest.mark.parametrize("n", [63, 64, 65, 127, 130])
@pytest.mark.parametrize("name", ["block-causal", "strided", "bigbird", "longnet"])
def test_mask_around_the_sizes_of_tiles(name, n):
    pattern = attn.parse(library.text_of(name))
    mask = library.dense(LIBRARY[name].allow, (n,), (n,))
    np.testing.assert_array_equal(pattern.materialize(n), mask)


HEADS = 4
SCORES = {
    "softcap": (
        lambda s, b, h, q, k: 2 * attn.tanh(s / 2),
        lambda s, b, h, q, k: 2 * np.tanh(s / 2),
    ),
    "alibi": (
        lambda s, b, h, q, k: s + 2 ** (-8 * (h + 1) / HEADS) * (k - q),
        lambda s, b, h, q, k: s + 2.0 ** (-8 * (h + 1) / HEADS) * (k - q),
    ),
    "relative_bias": (
        lambda s, b, h, q, k: s - attn.log(1 + abs(q - k)) * attn.where(k > q, 2.0, 0.5),
        lambda s, b, h, q, k: s - np.log(1 + abs(q - k)) * np.where(k > q, 2.0, 0.5),
    ),
    "by_batch": (
        lambda s, b, h, q, k: s * (b + 1) + attn.minimum(q // 7 - k // 5, h) / 3,
        lambda s, b, h, q, k: s * (b + 1) + np.minimum(q // 7 - k // 5, h) / 3,
    ),
}  # fmt: skip


def scored(q, k, v, mask, function):
    """Attention of heads_last arrays of one axis under a score function, float64."""
    q, k, v = (np.asarray(x, np.float64) for x in (q, k, v))
    scores = np.einsum("bqhd,bkhd->bhqk", q, k) / np.sqrt(q.shape[-1])
    scores = function(scores, *np.ogrid[tuple(slice(n) for n in scores.shape)])
    scores = np.where(mask, scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return np.einsum("bhqk,bkhd->bqhd", weights / weights.sum(-1, keepdims=True), v)


@pytest.mark.parametrize("name", SCORES)
def test_score_functions(name):
    traced, plain = SCORES[name]
    rng = np.random.default_rng(4)
    q, k, v = (rng.standard_normal((2, 90, HEADS, 32)).astype(np.float32) for _ in range(3))
    mask = library.dense(lambda i, j: (j <= i) | (j % 3 == 0), (90,))
    pattern = attn.Causal() | attn.Predicate(lambda b, h, q, k: k % 3 == 0)
    out = attn.attention(q, k, v, pattern, score=traced)
    np.testing.assert_allclose(out, scored(q, k, v, mask, plain), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", SCORES)
def test_score_functions_on_the_emulator(name):
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    traced, plain = SCORES[name]
    rng = np.random.default_rng(5)
    q, k, v = (rng.standard_normal((2, 75, HEADS, 64)).astype(bfloat16) for _ in range(3))
    kernel = attn.compile(attn.Causal(), "sm_80", score=traced)
    expected = scored(q, k, v, library.dense(lambda i, j: j <= i, (75,)), plain)
    np.testing.assert_allclose(
        np.asarray(kernel.emulate(q, k, v, seed=3), np.float64), expected, rtol=0,
        atol=BF16_TOLERANCE,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(120))
def test_random_compositions(seed):
    case = compositions.random_case(seed)
    got = case.pattern.materialize(case.grid, case.key_grid)
    np.testing.assert_array_equal(got, case.mask, err_msg=repr(case.pattern))


@pytest.mark.parametrize("seed", range(1000, 1006))
def test_random_compositions_on_the_emulator(seed):
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    case = compositions.random_case(seed)
    row = library.Row(None, case.grid, case.key_grid)
    q, k, v = data_of(row, bfloat16)
    kernel = attn.compile(case.pattern, "sm_80", rank=len(case.grid), return_lse=True)
    out, lse = kernel.emulate(q, k, v, seed=seed)
    expected, expected_lse = reference.attention(q, k, v, case.mask, q.shape[-1] ** -0.5)
    np.testing.assert_allclose(
        np.asarray(out, np.float64), expected, rtol=0, atol=BF16_TOLERANCE,
        err_msg=repr(case.pattern),
    )  # fmt: skip
    np.testing.assert_allclose(lse, expected_lse, rtol=1e-5, atol=2e-3)
