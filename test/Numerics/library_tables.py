"""NumPy definitions of the patterns of examples/patterns that read tables.

As in library.py, from the formulas of the papers; ``allow`` takes the tables after q
and k (and the head, where a row has heads).
"""

from __future__ import annotations

import numpy as np

TOKENS = 150
STARTS = np.array([0, 31, 32, 90, 120])  # of five documents
IDS = np.searchsorted(STARTS, np.arange(TOKENS), side="right") - 1


def of_batch(ids):
    """One row for the one batch entry."""
    return np.stack([ids])


def valid_tokens():
    """Segments of 25 tokens, padded on the left."""
    padding = np.array([3, 0, 9, 24, 1, 7])
    return (np.arange(TOKENS) % 25 >= padding[np.arange(TOKENS) // 25]).astype(int)


def blockrank(q, k, valid):
    a, b, last = q // 25, k // 25, 5
    document = (a > 0) & (a < last)
    seen = ((a == b) & (k <= q)) | (document & (b == 0)) | ((a == last) & (b < last))
    return seen & (valid[q] == 1) & (valid[k] == 1)


PARENTS = np.array([-1, 0, 0, 1, 1, 2, 5, 5, 3, 8, 9, 9, 2, 12, 13, 10])


def ancestors():
    """Whether node k is node q or an ancestor of it."""
    result = np.zeros((len(PARENTS), len(PARENTS)), int)
    for node in range(len(PARENTS)):
        at = node
        while at >= 0:
            result[node, at] = 1
            at = PARENTS[at]
    return result


def tree(q, k, table, context=24):
    inside = k >= context
    return ~inside | (table[q, np.maximum(k - context, 0)] == 1)


def members(seed: int, share: float, count: int = TOKENS):
    return (np.random.default_rng(seed).random(count) < share).astype(int)


def vertical_slash(q, k, columns, offsets):
    return (k <= q) & ((columns[k] == 1) | (offsets[np.maximum(q - k, 0)] == 1))


def bigbird(q, k, random):
    i, j = q // 16, k // 16
    return (abs(i - j) <= 1) | (i < 1) | (j < 1) | (random[i, j] == 1)


def window_of_head(q, k, h, windows, n=TOKENS):
    w = windows[h, 0]
    start = np.clip(q - w // 2, 0, n - w)
    return (start <= k) & (k < start + w)


FIRST, END = np.array([0, 40, 40, 90]), np.array([40, 60, 150, 150])
PREFIX = np.array([0, 0, 0, 3, 3])
PLACE = np.random.default_rng(2).permutation(TOKENS)

# Name: definition, tables, and what differs of the grids.
ROWS = {
    "document-full": (lambda q, k, d: d[q] == d[k], [IDS], {}),
    "document-causal": (
        lambda q, k, d: (d[0, q] == d[0, k]) & (k <= q), [of_batch(IDS)], {}
    ),
    "prefix-lm-document": (
        lambda q, k, d, s: (d[q] == d[k]) & ((k <= q) | (k - s[d[k]] < 5)), [IDS, STARTS], {}
    ),
    "share-question": (
        lambda q, k, d: ((d[q] == d[k]) & (k <= q)) | ((d[q] != 0) & (d[k] == 0)), [IDS], {}
    ),
    "causal-blockwise": (
        lambda q, k, d, last: ((d[q] == d[k]) & (k <= q))
        | ((d[q] == last[0]) & (d[k] != last[0])),
        [IDS, IDS[-1:]], {},
    ),
    "block-causal-document": (
        lambda q, k, d, s: (d[q] == d[k]) & ((k - s[d[k]]) // 8 <= (q - s[d[q]]) // 8),
        [IDS, STARTS], {},
    ),
    "shared-prefix": (
        lambda q, k, d, p: ((d[q] == d[k]) & (k <= q))
        | ((p[d[q]] != d[q]) & (d[k] == p[d[q]])),
        [IDS, PREFIX], {},
    ),
    "blockrank": (blockrank, [valid_tokens()], {}),
    "tree": (tree, [ancestors()], {"grid": (16,), "key_grid": (40,)}),
    "flamingo": (
        lambda q, k, first, end: (first[k // 8] <= q) & (q < end[k // 8]),
        [FIRST, END], {"key_grid": (32,)},
    ),
    "perm-causal": (lambda q, k, place: place[k] <= q, [PLACE], {}),
    "vertical-slash-sets": (vertical_slash, [members(3, 0.05), members(4, 0.1)], {}),
    "bigbird-random": (bigbird, [members(5, 0.1, 100).reshape(10, 10)], {}),
    "nbhd-heads": (window_of_head, [np.array([[3], [12], [31]])], {"heads": 3}),
}  # fmt: skip
