"""Attention as a function: compiled at the first call of its kind, then kept."""

from __future__ import annotations

from ._library import library
from ._tensors import check_tensors, operands, rank_of, target_of
from .errors import AttnError
from .kernel import lowered
from .patterns import Pattern


def attention(
    query, key, value, pattern, *, scale=None, score=None, sink=None, return_lse=False,
    layout="heads_last", precision="high",
):  # fmt: skip
    """Softmax attention over the keys that ``pattern`` admits.

    query: (B, *grid, H, D); key: (B, *key_grid, Hk, D); value: (B, *key_grid, Hk, Dv);
        1 to 3 grid axes; H % Hk == 0: head h reads key head h // (H / Hk).
        NumPy arrays or PyTorch tensors of f32, f16 or bf16, on the CPU or a CUDA GPU (run
        on the current stream). Any strides, the last one 1; a GPU is fastest where
        pointers and strides are multiples of 16 bytes.
    pattern: a Pattern; Neighborhood needs equal grids.
    scale: multiplies q . k before the softmax; > 0; default 1 / sqrt(D).
    score: a function (score, b, h, q.., k..) of the scaled product and where it stands
        to the score that the softmax sees, traced to code of the kernel; or an
        ``attn.Score``, which is traced once; or the text of an ``attn.score`` op.
    sink: shape (H,), floats: one more key that every query of a head sees, of this score
        and of value 0; lse holds it, too. An ``attn.Table`` of them saves the conversion.
    layout: ``"heads_last"`` as above, or ``"heads_first"``: (B, H, *grid, D).
    precision: of f32 on a GPU: ``"high"``, errors of at most 2e-5 on N(0, 1) data, or
        ``"tf32"``, about 2e-3, with a third of the products.
    Returns out, (B, *grid, H, Dv) in the dtype of query; with ``return_lse`` the pair
        (out, lse), lse of shape (B, *grid, H) in f32: the natural logarithm of the sum of
        exp(score). Accumulates in f32. A query without keys yields 0 and lse -inf.
    Raises AttnError with the compiler's or the launcher's text.
    Source: online softmax, Milakov & Gimelshein 2018; tiling, Dao et al. 2022
        (FlashAttention); neighborhoods, Hassani et al. 2025.
    """
    if not isinstance(pattern, Pattern):
        raise AttnError(
            f"expected 'pattern' to be an attn pattern such as attn.Full(), but got {pattern!r}"
        )
    *tensors, words, result = operands(query, key, value, return_lse)
    request, tables = _request(pattern, query, score, sink, layout, precision)
    try:
        library().attention(request, *tensors, tables or None, scale, words)
    except RuntimeError:
        check_tensors(query, key, value)  # says what the exchange has no words for
        raise
    return (result, tensors[-1]) if return_lse else result


# What calls have in common besides their tensors, by number; the compiled part keeps the
# texts, so that a call need not hand them over.
_requests: dict[tuple, int] = {}


def _request(pattern, query, score, sink, layout, precision) -> tuple[int, tuple]:
    """The number of a call's request, and its tables."""
    text, symbols, name, tables, sink_table = lowered(pattern, rank_of(query), score, sink)
    key = (text, layout, target_of(query), symbols, name, sink_table, precision)
    number = _requests.get(key)
    if number is None:
        number = _requests[key] = library().declare(*key)
    return number, tables
