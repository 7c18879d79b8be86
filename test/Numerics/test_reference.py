"""The reference itself, against tables worked out by hand.

Tables: one-dimensional examples of generalized neighborhood attention, the
keys that each query sees.
"""

import numpy as np
import pytest
import reference

EXAMPLES = {
    "plain": (
        dict(n=8, window=4, stride=1, dilation=1, causal=False),
        ["0123", "0123", "0123", "1234", "2345", "3456", "4567", "4567"],
    ),
    "stride": (
        dict(n=8, window=4, stride=2, dilation=1, causal=False),
        ["0123", "0123", "1234", "1234", "3456", "3456", "4567", "4567"],
    ),
    "stride_causal": (
        dict(n=8, window=4, stride=2, dilation=1, causal=True),
        ["0", "01", "012", "0123", "234", "2345", "456", "4567"],
    ),
    "dilation": (
        dict(n=10, window=3, stride=1, dilation=3, causal=False),
        ["036", "147", "258", "036", "147", "258", "369", "147", "258", "369"],
    ),
    "all": (
        dict(n=9, window=3, stride=2, dilation=2, causal=True),
        ["0", "1", "02", "13", "24", "35", "246", "357", "468"],
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_neighborhood_tables(name):
    parameters, rows = EXAMPLES[name]
    n = parameters["n"]
    for query, keys in enumerate(rows):
        seen = [k for k in range(n) if reference.neighborhood_attends(query, k, **parameters)]
        assert seen == [int(key) for key in keys], f"query {query}"


def test_every_query_sees_window_keys():
    for n in range(1, 12):
        for dilation in range(1, n + 1):
            for window in range(1, n // dilation + 1):
                for stride in range(1, window + 1):
                    mask = reference.neighborhood_mask(
                        (n,), (window,), (stride,), (dilation,), (False,)
                    )
                    assert (mask.sum(axis=1) == window).all()


def test_axes_multiply():
    mask = reference.neighborhood_mask((3, 4), (3, 2), (1, 1), (1, 1), (True, False))
    # Query (1, 2): rows 0..1 by causality, columns 1..2 by the window of 2.
    assert sorted(np.flatnonzero(mask[1 * 4 + 2])) == [1, 2, 5, 6]


def test_band_alignment():
    top_left = reference.band_mask((2,), (4,), None, 0)
    bottom_right = reference.band_mask((2,), (4,), None, 0, "bottom_right")
    assert top_left.tolist() == [[True, False, False, False], [True, True, False, False]]
    assert bottom_right.tolist() == [[True, True, True, False], [True, True, True, True]]


def test_softmax_of_two_keys():
    # Scores 0 and ln 3: weights 1/4 and 3/4, lse ln 4.
    query = np.ones((1, 1, 1, 1))
    key = np.array([0.0, np.log(3)]).reshape(1, 2, 1, 1)
    value = np.array([0.0, 8.0]).reshape(1, 2, 1, 1)
    out, lse = reference.attention(query, key, value, np.ones((1, 2), bool), 1.0)
    assert out.item() == pytest.approx(6.0)
    assert lse.item() == pytest.approx(np.log(4))


def test_hidden_nan_and_empty_row():
    query = np.ones((1, 2, 1, 1))
    key = np.array([np.nan, 1.0]).reshape(1, 2, 1, 1)
    value = np.array([5.0, 7.0]).reshape(1, 2, 1, 1)
    mask = np.array([[False, True], [False, False]])
    out, lse = reference.attention(query, key, value, mask, 1.0)
    assert out.ravel().tolist() == [7.0, 0.0]
    assert lse.ravel().tolist() == [1.0, -np.inf]


def test_scores_of_minus_infinity():
    query = np.ones((1, 1, 1, 1))
    key = np.full((1, 2, 1, 1), -np.inf)
    out, lse = reference.attention(query, key, np.ones((1, 2, 1, 1)), np.ones((1, 2), bool), 1.0)
    assert out.item() == 0.0 and lse.item() == -np.inf


def test_grouped_heads():
    rng = np.random.default_rng(0)
    query, key, value = (rng.standard_normal((1, 3, h, 4)) for h in (4, 2, 2))
    mask = np.ones((3, 3), bool)
    grouped, _ = reference.attention(query, key, value, mask, 0.5)
    repeated, _ = reference.attention(
        query, key.repeat(2, axis=2), value.repeat(2, axis=2), mask, 0.5
    )
    np.testing.assert_array_equal(grouped, repeated)
