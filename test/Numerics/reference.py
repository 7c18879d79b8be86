"""Attention in float64, written from the definitions.

Independent of the compiler on purpose: no intervals, no tiles; each mask is a
function of one query coordinate and one key coordinate, evaluated for all
pairs. Slow and meant to be read beside the documents that define the patterns.
"""

from __future__ import annotations

import numpy as np


def neighborhood_attends(x_q, x_k, n, window, stride, dilation, causal):
    """Whether query x_q sees key x_k on one axis of extent n.

    The definition of generalized neighborhood attention for one axis: tokens
    form dilation groups; within a group, queries form stride groups whose
    leader places the window.
    """
    g_q, g_k = x_q % dilation, x_k % dilation
    if g_q != g_k:
        return False
    i, j = x_q // dilation, x_k // dilation
    length = (n - g_q + dilation - 1) // dilation  # tokens of the group
    if not causal:
        leader = min((i // stride) * stride + stride // 2, length - 1)
        start = min(max(leader - window // 2, 0), length - window)
        return start <= j < start + window
    leader = min((i // stride) * stride + stride - 1, length - 1)
    start = max(leader - (window - 1), 0)
    return start <= j <= i


def band_attends(i, j, n_q, n_k, lower, upper, align):
    """Whether query i sees key j: lower <= j - i - shift <= upper."""
    shift = n_k - n_q if align == "bottom_right" else 0
    distance = j - i - shift
    return (lower is None or lower <= distance) and (upper is None or distance <= upper)


def axis_mask(n_q, n_k, attends):
    """The boolean matrix (n_q, n_k) of ``attends(i, j)``."""
    return np.array([[attends(i, j) for j in range(n_k)] for i in range(n_q)], bool).reshape(
        n_q, n_k
    )


def combine(axis_masks):
    """Masks of single axes to (queries, keys) in row-major order: a query sees
    a key if it does so on every axis."""
    mask = np.ones((1, 1), bool)
    for axis in axis_masks:
        rows = mask.shape[0] * axis.shape[0]
        columns = mask.shape[1] * axis.shape[1]
        mask = (mask[:, None, :, None] & axis[None, :, None, :]).reshape(rows, columns)
    return mask


def neighborhood_mask(grid, window, stride, dilation, causal):
    """(queries, keys) for parameters with one entry per axis."""

    def axis(n, w, s, d, c):
        return axis_mask(n, n, lambda i, j: neighborhood_attends(i, j, n, w, s, d, c))

    return combine(axis(*entry) for entry in zip(grid, window, stride, dilation, causal))


def band_mask(grid_q, grid_k, lower, upper, align="top_left", axis=0):
    """(queries, keys): the band on ``axis``, every key on the other axes."""

    def one(position):
        n_q, n_k = grid_q[position], grid_k[position]
        if position != axis:
            return np.ones((n_q, n_k), bool)
        return axis_mask(n_q, n_k, lambda i, j: band_attends(i, j, n_q, n_k, lower, upper, align))

    return combine(one(position) for position in range(len(grid_q)))


def attention(query, key, value, mask, scale):
    """Dense masked softmax attention of heads_last arrays, in float64.

    query (B, *grid, H, D), key (B, *key_grid, Hk, D), value (..., Dv); mask
    (queries, keys). Returns out (B, *grid, H, Dv) and lse (B, *grid, H): the
    natural logarithm of the sum of exponentials; 0 and -inf for a query that
    sees no key, or only keys of score -inf.
    """
    batch, heads, kv_heads = query.shape[0], query.shape[-2], key.shape[-2]

    def flat(array):
        tokens = int(np.prod(array.shape[1:-2]))
        return np.asarray(array, np.float64).reshape(batch, tokens, *array.shape[-2:])

    q, k, v = flat(query), flat(key), flat(value)
    out = np.zeros(q.shape[:3] + v.shape[3:])
    lse = np.full(q.shape[:3], -np.inf)
    for b in range(batch):
        for h in range(heads):
            g = h // (heads // kv_heads)
            out[b, :, h], lse[b, :, h] = _head(q[b, :, h], k[b, :, g], v[b, :, g], mask, scale)
    return out.reshape(query.shape[:-1] + value.shape[-1:]), lse.reshape(query.shape[:-1])


def _head(q, k, v, mask, scale):
    """One head: q (M, D), k (N, D), v (N, Dv), mask (M, N)."""
    with np.errstate(invalid="ignore", over="ignore"):
        scores = scale * (q @ k.T)
    # Replaced before the maximum, so that NaN or Inf in a hidden key is nothing.
    scores = np.where(mask, scores, -np.inf)
    largest = scores.max(axis=1, initial=-np.inf)
    # A query whose keys all score -inf is like one without keys.
    seen = ~np.isneginf(largest)
    largest = np.where(seen, largest, 0.0)
    weights = np.where(mask, np.exp(scores - largest[:, None]), 0.0)
    total = weights.sum(axis=1)
    safe = np.where(seen, total, 1.0)
    with np.errstate(divide="ignore"):
        lse = np.where(seen, largest + np.log(safe), -np.inf)
    return (weights / safe[:, None]) @ v, lse


def to_heads_first(array):
    """[B, *grid, H, ...] to [B, H, *grid, ...]: a view, not a copy. For an
    array without the last dimension (lse) pass ``array[..., None]``."""
    return np.moveaxis(array, -2, 1)


def to_heads_last(array):
    """The inverse of ``to_heads_first``."""
    return np.moveaxis(array, 1, -2)
