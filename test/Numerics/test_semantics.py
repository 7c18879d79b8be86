"""Corner cases of patterns that are no product of intervals: rows without keys,
scores of -inf, and NaN and Inf in hidden keys, on the CPU and on the emulator."""

import attn
import library
import numpy as np
import pytest
import reference

N = 90
TOLERANCE = {"cpu": 2e-5, "sm_80": 3e-2}
LSE_TOLERANCE = {"cpu": 2e-5, "sm_80": 2e-3}

every_target = pytest.mark.parametrize("target", ["cpu", "sm_80"])


def data_for(target, n=N, keys=None, seed=0):
    """query, key and value of one grid axis; heads 2, dimension 64."""
    dtype = np.float32
    if target != "cpu":
        dtype = pytest.importorskip("ml_dtypes").bfloat16
    rng = np.random.default_rng(seed)
    lengths = (n, n if keys is None else keys, n if keys is None else keys)
    return [rng.standard_normal((1, length, 2, 64)).astype(dtype) for length in lengths]


def run(target, q, k, v, pattern, score=None):
    """(out, lse) as float64."""
    kernel = attn.compile(pattern, target, return_lse=True, score=score)
    result = kernel(q, k, v) if target == "cpu" else kernel.emulate(q, k, v, seed=5)
    return [np.asarray(array, np.float64) for array in result]


def compare(target, q, k, v, pattern, mask, score=None, expected_mask=None):
    """Checks against the mask; returns (out, lse)."""
    out, lse = run(target, q, k, v, pattern, score)
    seen = mask if expected_mask is None else expected_mask
    expected, expected_lse = reference.attention(q, k, v, seen, 64**-0.5)
    np.testing.assert_allclose(out, expected, rtol=0, atol=TOLERANCE[target])
    np.testing.assert_allclose(lse, expected_lse, rtol=1e-5, atol=LSE_TOLERANCE[target])
    return out, lse


WITHOUT_KEYS = {
    "not_full": (~attn.Full(), lambda q, k: False),
    "contradiction": (attn.Band(lower=1) & attn.Band(upper=0), lambda q, k: False),
    "hidden_by_not": (attn.Causal() & ~attn.Blocked(16), lambda q, k: k < q // 16 * 16),
    "odd_rows": (
        attn.Halo(8, 4) & attn.Predicate(lambda b, h, q, k: q % 2 == 0),
        lambda q, k: (q // 8 * 8 - 4 <= k) & (k < q // 8 * 8 + 12) & (q % 2 == 0),
    ),
    "some_part_is_empty": (
        attn.Band(lower=1000) | (attn.Causal() & attn.Predicate(lambda b, h, q, k: k >= 70)),
        lambda q, k: (k <= q) & (k >= 70),
    ),
}


@every_target
@pytest.mark.parametrize("name", WITHOUT_KEYS)
def test_rows_without_keys(name, target):
    pattern, allow = WITHOUT_KEYS[name]
    mask = library.dense(allow, (N,))
    out, lse = compare(target, *data_for(target), pattern, mask)
    empty = ~mask.any(axis=1)
    assert empty.any()
    assert (out[:, empty] == 0).all() and (lse[:, empty] == -np.inf).all()


@every_target
def test_no_keys_at_all(target):
    pattern = attn.Strided(2) | attn.Blocked(4)
    out, lse = run(target, *data_for(target, keys=0), pattern)
    assert (out == 0).all() and (lse == -np.inf).all()


@every_target
def test_visible_scores_of_minus_infinity(target):
    # Every third key scores -inf for all queries: rows that see only such keys
    # are like rows without keys, and others are as if those keys were hidden.
    q, k, v = data_for(target)
    q[..., 0] = 1
    k[:, ::3] = 0
    k[:, ::3, :, 0] = -np.inf
    pattern = attn.Predicate(lambda b, h, q, k: (q - k) % 3 == 0)
    mask = library.dense(lambda q, k: (q - k) % 3 == 0, (N,))
    out, lse = compare(target, q, k, v, pattern, mask)
    assert (out[:, ::3] == 0).all() and (lse[:, ::3] == -np.inf).all()


@every_target
def test_a_score_function_may_hide(target):
    def hide(score, b, h, q, k):
        return attn.where((q + k) % 4 == 0, score, float("-inf"))

    mask = library.dense(lambda q, k: q // 2 == k // 2, (N,))
    seen = mask & library.dense(lambda q, k: (q + k) % 4 == 0, (N,))
    out, lse = compare(target, *data_for(target), attn.Blocked(2), mask, hide, seen)
    empty = ~seen.any(axis=1)
    assert empty.any() and (out[:, empty] == 0).all() and (lse[:, empty] == -np.inf).all()


HIDDEN = {
    # Hides the keys with k % 3 == 1, in the middle of every tile.
    "predicate": (attn.Predicate(lambda b, h, q, k: k % 3 != 1), lambda q, k: k % 3 != 1),
    "band_and_predicate": (
        attn.Band(-40, 20) & attn.Predicate(lambda b, h, q, k: k % 3 != 1),
        lambda q, k: (-40 <= k - q) & (k - q <= 20) & (k % 3 != 1),
    ),
    "not": (
        ~(attn.Blocked(8) | attn.Predicate(lambda b, h, q, k: k % 3 == 1)),
        lambda q, k: (q // 8 != k // 8) & (k % 3 != 1),
    ),
    "any": (
        (attn.Causal() & attn.Predicate(lambda b, h, q, k: k % 3 == 2))
        | (attn.Halo(16, 8) & attn.Predicate(lambda b, h, q, k: k % 3 == 0)),
        lambda q, k: ((k <= q) & (k % 3 == 2))
        | ((q // 16 * 16 - 8 <= k) & (k < q // 16 * 16 + 24) & (k % 3 == 0)),
    ),
}


@every_target
@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_keys_may_hold_anything(name, poison, target):
    pattern, allow = HIDDEN[name]
    mask = library.dense(allow, (N,))
    assert not mask[:, 1::3].any() and mask.any(axis=1).all()
    q, k, v = data_for(target)
    k[:, 1::3] = poison
    compare(target, q, k, v, pattern, mask)


@every_target
@pytest.mark.parametrize("n", [65, 90])
def test_scores_of_hidden_keys_may_be_anything(n, target):
    # NaN for hidden keys, and for the places of a tile beyond the last key.
    def broken(score, b, h, q, k):
        return attn.where(k < n, score, float("nan")) + attn.where(k > q, float("nan"), 0.0)

    mask = library.dense(lambda q, k: k <= q, (n,))
    compare(target, *data_for(target, n), attn.Causal(), mask, broken)


@every_target
def test_a_key_counts_once(target):
    # Seen by all three parts.
    pattern = attn.Causal() | attn.Blocked(16) | attn.Predicate(lambda b, h, q, k: k <= q)
    mask = library.dense(lambda q, k: (k <= q) | (q // 16 == k // 16), (N,))
    compare(target, *data_for(target), pattern, mask)


@every_target
def test_queries_that_are_nan_stay_alone(target):
    # A row of NaN is NaN where it sees keys; its neighbors in the tile are not.
    q, k, v = data_for(target)
    q[:, 10] = np.nan
    pattern = attn.Causal() & attn.Predicate(lambda b, h, q, k: (q ^ k) & 1 == 0)
    out, lse = run(target, q, k, v, pattern)
    q[:, 10] = 0
    others = np.arange(N) != 10
    expected, _ = run(target, q, k, v, pattern)
    np.testing.assert_array_equal(out[:, others], expected[:, others])
    assert np.isnan(out[:, 10]).all() and np.isnan(lse[:, 10]).all()
