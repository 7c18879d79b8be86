"""Packed documents against NumPy: masks, attention on the CPU and on the emulator."""

import attn
import library
import numpy as np
import pytest
import reference

TOKENS = 200
SORTED = np.repeat([0, 1, 4, 9, 9], [20, 110, 1, 30, 39])
MIXED = np.arange(TOKENS) ** 2 % 3
ROWS = np.stack([SORTED, MIXED])
LONG = np.arange(300) // 90  # more numbers than tokens
TOLERANCE = {"f32": 2e-5, "f16": 4e-3, "bf16": 3e-2}

# pattern of ids, and its mask of query, key and whether both are of one document
FORMS = {
    "alone": (attn.Document, lambda q, k, same: same),
    "causal": (lambda ids: attn.Document(ids) & attn.Causal(), lambda q, k, same: same & (k <= q)),
    "prefix": (
        lambda ids: attn.Document(ids) & attn.PrefixLM(30),
        lambda q, k, same: same & ((k <= q) | (k < 30)),
    ),
    "window_or": (
        lambda ids: attn.SlidingWindow(3, 3) | attn.Document(ids),
        lambda q, k, same: same | (abs(q - k) <= 3),
    ),
    "others": (
        lambda ids: ~attn.Document(ids) & attn.Causal(),
        lambda q, k, same: ~same & (k <= q),
    ),
    "two": (
        lambda ids: (
            attn.Document(ids) & attn.Document(np.arange(TOKENS) // 50) | attn.Band(0, 0)
        ),
        lambda q, k, same: same & (q // 50 == k // 50) | (q == k),
    ),
}
IDS = {"sorted": SORTED, "mixed": MIXED, "rows": ROWS, "long": LONG}


def masks_of(form, ids, batch):
    """(batch, queries, keys)."""
    rows = np.broadcast_to(np.atleast_2d(ids)[:, :TOKENS], (batch, TOKENS))
    q, k = np.ogrid[:TOKENS, :TOKENS]
    return np.stack([FORMS[form][1](q, k, row[:, None] == row) for row in rows])


def data_of(dtype, batch=2, dim=64):
    rng = np.random.default_rng(11)
    return [rng.standard_normal((batch, TOKENS, 1, dim)).astype(dtype) for _ in range(3)]


def assert_close(out, q, k, v, masks, tolerance):
    for b, mask in enumerate(masks):
        rows = (x[b : b + 1] for x in (q, k, v))
        expected, _ = reference.attention(*rows, mask, q.shape[-1] ** -0.5)
        got = np.asarray(out[b : b + 1], np.float64)
        np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("form", FORMS)
def test_on_the_cpu(form, ids):
    pattern, masks = FORMS[form][0](IDS[ids]), masks_of(form, IDS[ids], 2)
    for b, mask in enumerate(masks):
        np.testing.assert_array_equal(pattern.materialize(TOKENS, batch=b), mask)
    q, k, v = data_of(np.float32)
    assert_close(attn.attention(q, k, v, pattern), q, k, v, masks, TOLERANCE["f32"])


@pytest.mark.parametrize("ids", ["sorted", "rows"])
@pytest.mark.parametrize("form", FORMS)
def test_on_the_emulator(form, ids):
    dtype = ("f16", "bf16")[ids == "rows"]
    number_type = np.float16 if dtype == "f16" else pytest.importorskip("ml_dtypes").bfloat16
    q, k, v = data_of(number_type)
    kernel = attn.compile(FORMS[form][0](IDS[ids]), "sm_80", dtype=dtype)
    out = kernel.emulate(q, k, v, seed=5)
    assert_close(out, q, k, v, masks_of(form, IDS[ids], 2), TOLERANCE[dtype])


def test_promise_and_mask_agree():
    """The same numbers, with boxes skipped and without."""
    q, k, v = data_of(np.float32)
    outs = [
        attn.attention(q, k, v, attn.Document(SORTED, sorted=flag) & attn.Causal())
        for flag in (True, False)
    ]
    np.testing.assert_allclose(*outs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("axis", [0, 1])
def test_axes_of_a_plane(axis):
    grid = (12, 17)
    ids = np.arange(grid[axis]) // 5
    mask = library.dense(lambda q, k: ids[q[axis]] == ids[k[axis]], grid)
    np.testing.assert_array_equal(attn.Document(ids, axis=axis).materialize(grid), mask)
    both = attn.Document(ids, axis=axis) & attn.Neighborhood((5, 7))
    near = reference.neighborhood_mask(grid, (5, 7), (1, 1), (1, 1), (False, False))
    np.testing.assert_array_equal(both.materialize(grid), mask & near)
