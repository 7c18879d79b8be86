"""How each rival of `bench/speed.py` is called; each computes the row in its own way.

A rival is a function (case, q, k, v) -> (run, view): run is what is timed, and view turns
its result into (B, tokens, H, D). q, k, v are (B, *grid, H, D). Whatever one raises drops
it from the row.
"""

from __future__ import annotations

import functools
import operator

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from cases import Case, document_ids, offsets_of

TILE = (8, 16)  # of the tokens that are tiled beforehand, 128 in each
COPY_BYTES = 2**30
BLOCK = 128  # queries and keys of a block of the block-sparse kernels


def heads_first(tensors) -> list[torch.Tensor]:
    return [x.flatten(1, -3).transpose(1, 2) for x in tensors]


def heads_last(out) -> torch.Tensor:
    return out.transpose(1, 2)


def same(out) -> torch.Tensor:
    return out


# --- PyTorch's own ---------------------------------------------------------------


def sdpa(backend: SDPBackend):
    def build(case: Case, q, k, v):
        if len(case.axes) > 1 or case.left is not None or case.lengths:
            raise ValueError("computes no windows")
        inputs = heads_first((q, k, v))
        grouped = {"enable_gqa": True} if case.kv_heads else {}
        causal, tf32 = case.causal, case.dtype == "tf32"

        def run():
            torch.backends.cuda.matmul.allow_tf32 = tf32
            with sdpa_kernel(backend):
                return torch.nn.functional.scaled_dot_product_attention(
                    *inputs, is_causal=causal, **grouped
                )

        return run, heads_last

    return build


def flash2(case: Case, q, k, v):
    if case.left is None:
        return sdpa(SDPBackend.FLASH_ATTENTION)(case, q, k, v)
    attend, n = torch.ops.aten._flash_attention_forward, case.tokens
    side = {"window_size_left": case.left, "window_size_right": 0}
    return lambda: attend(q, k, v, None, None, n, n, 0.0, False, False, **side)[0], same


def packed(backend: SDPBackend):
    """One query a key head: the query heads of a group as rows of its tile."""

    def build(case: Case, q, k, v):
        shape = (case.batch, case.kv_heads, case.heads // case.kv_heads, case.dim)
        query, keys, values = q.reshape(shape), *heads_first((k, v))

        def run():
            with sdpa_kernel(backend):
                return torch.nn.functional.scaled_dot_product_attention(query, keys, values)

        return run, lambda out: out.reshape(q.shape)

    return build


def copy(case: Case, q, k, v):
    source = torch.empty(COPY_BYTES, dtype=torch.uint8, device=q.device)
    target = torch.empty_like(source)
    return lambda: target.copy_(source), None


# --- FlashAttention-4 ---------------------------------------------------------------


def flash4(case: Case, q, k, v):
    import flash_attn.cute as cute

    if case.lengths:
        offsets, longest = offsets_of(case.lengths, q.device), max(case.lengths)
        inputs = [x.flatten(0, 1) for x in (q, k, v)]
        lengths = {
            "cu_seqlens_q": offsets, "cu_seqlens_k": offsets,
            "max_seqlen_q": longest, "max_seqlen_k": longest,
        }  # fmt: skip
        run = functools.partial(cute.flash_attn_varlen_func, *inputs, causal=True, **lengths)
        return lambda: run()[0], lambda out: out.unflatten(0, (1, -1))
    window = (None, None) if case.left is None else (case.left, 0)
    run = functools.partial(cute.flash_attn_func, q, k, v, causal=case.causal, window_size=window)
    return lambda: run()[0], same


def flash4_sparse(tiled: bool):
    """Blocks of BLOCK by BLOCK, with the mask by formula in those that need one."""

    def build(case: Case, q, k, v):
        import flash_attn.cute as cute
        from flash_attn.cute.block_sparsity import BlockSparseTensorsTorch

        import fa4_masks

        if case.grid != fa4_masks.GRID or case.axes[0].window != fa4_masks.WINDOW:
            raise ValueError(f"its mask is written for {fa4_masks.GRID}, w {fa4_masks.WINDOW}")
        order = tile_order(case.grid, q.device) if tiled else None
        part, part_index, full, full_index = block_lists(
            mask_function(case, order), case.tokens, q.device
        )
        blocks = BlockSparseTensorsTorch(
            mask_block_cnt=part, mask_block_idx=trimmed(part, part_index),
            full_block_cnt=full, full_block_idx=trimmed(full, full_index),
            block_size=(BLOCK, BLOCK),
        )  # fmt: skip
        inputs = [x.flatten(1, -3) for x in (q, k, v)]
        inputs = [x[:, order].contiguous() for x in inputs] if tiled else inputs
        mask = fa4_masks.in_tiles if tiled else fa4_masks.in_rows
        run = functools.partial(
            cute.flash_attn_func, *inputs, mask_mod=mask, block_sparse_tensors=blocks
        )
        return lambda: run()[0], (lambda out: out[:, order.argsort()]) if tiled else same

    return build


# --- Masks as functions, and their blocks ---------------------------------------------


def tile_order(grid, device) -> torch.Tensor:
    """The row-major token at each place, of tokens stored tile by tile."""
    (height, width), (y, x) = grid, TILE
    tokens = torch.arange(height * width, device=device)
    return tokens.view(height // y, y, width // x, x).transpose(1, 2).flatten()


def along(axis, i, j):
    """Whether coordinate i sees j along an axis without strides. Comparisons alone: the
    FLASH backend of FlexAttention lacks minima."""
    d, w, n = axis.dilation, axis.window, axis.extent
    terms = []
    if d > 1:
        terms.append(i % d == j % d)
        n, i, j = n // d, i // d, j // d
    if axis.causal:
        terms.append(j <= i)
        terms += [i - j < w] if w < n else []
    elif w < n:  # else a window of all tokens of its group
        left = w // 2
        terms += [(j >= i - left) | (j >= n - w), (j < i - left + w) | (j < w)]
    return functools.reduce(operator.and_, terms)


def mask_function(case: Case, order=None):
    """(i, j) -> whether token i sees j; ``order``: tokens are stored tile by tile."""
    strided = any(axis.stride > 1 or axis.extent % axis.dilation for axis in case.axes)
    if strided or len(case.axes) > 2:
        raise ValueError("its mask is written for windows without strides on two axes at most")

    def place(i):
        if len(case.axes) == 1:
            return (i,)
        width, (y, x) = case.grid[1], TILE
        if order is None:
            return i // width, i % width
        tile, inside = i // (y * x), i % (y * x)
        across = width // x
        return tile // across * y + inside // x, tile % across * x + inside % x

    def mask(i, j):
        parts = [along(*entry) for entry in zip(case.axes, place(i), place(j))]
        return functools.reduce(operator.and_, parts)

    return mask


def block_lists(mask, tokens: int, device) -> tuple[torch.Tensor, ...]:
    """For each block of queries: number and list of the blocks of keys that need the
    mask, then of those seen by all; (1, 1, blocks) and (1, 1, blocks, blocks)."""
    keys, blocks = torch.arange(tokens, device=device), tokens // BLOCK
    some, every = [], []
    for first in range(0, tokens, BLOCK):
        seen = mask(keys[first : first + BLOCK, None], keys[None]).view(BLOCK, blocks, BLOCK)
        some.append(seen.any(dim=2).any(dim=0))
        every.append(seen.all(dim=2).all(dim=0))
    some, every = torch.stack(some), torch.stack(every)
    lists = []
    for chosen in (some & ~every, every):
        index = torch.argsort(chosen.int(), dim=1, descending=True, stable=True)
        lists += [chosen.sum(1, dtype=torch.int32)[None, None], index.int()[None, None]]
    return tuple(x.contiguous() for x in lists)


def trimmed(counts, index) -> torch.Tensor:
    return index[..., : max(1, int(counts.max()))].contiguous()


# --- FlexAttention ----------------------------------------------------------------------


@functools.lru_cache(maxsize=None)
def compiled_flex():
    from torch.nn.attention.flex_attention import flex_attention

    # Each row is a compilation of its own; past the limit it would fall back in silence.
    for limit in ("recompile_limit", "accumulated_recompile_limit"):
        if hasattr(torch._dynamo.config, limit):
            setattr(torch._dynamo.config, limit, 256)
    return torch.compile(flex_attention, dynamic=False)


def flex(backend: str | None = None, tiled: bool = False):
    """The mask of blocks is made beforehand."""

    def build(case: Case, q, k, v):
        from torch.nn.attention.flex_attention import BlockMask

        order = tile_order(case.grid, q.device) if tiled else None
        mask = mask_function(case, order)
        if case.lengths:
            ids, past = document_ids(offsets_of(case.lengths, q.device), case.tokens), mask
            mask = lambda i, j: past(i, j) & (ids[i] == ids[j])  # noqa: E731
        padded = -case.tokens % BLOCK
        made = {"BLOCK_SIZE": BLOCK, "mask_mod": lambda b, h, i, j: mask(i, j)}
        if padded:  # blocks that end in no token
            blocks = created(made["mask_mod"], case.tokens, q.device)
        else:
            lists = block_lists(mask, case.tokens, q.device)
            blocks = BlockMask.from_kv_blocks(*lists, **made, seq_lengths=(case.tokens,) * 2)
        inputs = [x.flatten(1, -3) for x in (q, k, v)]
        inputs = [x[:, order].contiguous() for x in inputs] if tiled else inputs
        inputs = [x.transpose(1, 2) for x in inputs]
        options = {"kernel_options": {"BACKEND": backend}} if backend else {}
        attend = compiled_flex()

        def view(out):
            return heads_last(out)[:, order.argsort()] if tiled else heads_last(out)

        return lambda: attend(*inputs, block_mask=blocks, **options), view

    return build


def created(mask_mod, tokens: int, device, create=None):
    from torch.nn.attention.flex_attention import create_block_mask

    return (create or create_block_mask)(mask_mod, None, None, tokens, tokens, device=device)


def flex_making(compiled: bool):
    """Documents, with the numbers and the mask of blocks made anew at each call."""

    def build(case: Case, q, k, v):
        from torch.nn.attention.flex_attention import create_block_mask

        create = torch.compile(create_block_mask) if compiled else create_block_mask
        attend, inputs = compiled_flex(), heads_first((q, k, v))
        offsets = offsets_of(case.lengths, q.device)
        ids = document_ids(offsets, case.tokens)

        def mask_mod(b, h, i, j):
            return (i >= j) & (ids[i] == ids[j])

        def run():
            # Into the tensor that the mask holds: another would be guarded anew.
            ids.copy_(document_ids(offsets, case.tokens))
            blocks = created(mask_mod, case.tokens, q.device, create)
            return attend(*inputs, block_mask=blocks)

        return run, heads_last

    return build


RIVALS = {
    "FA4": flash4,
    "FA2": flash2,
    "cuDNN": sdpa(SDPBackend.CUDNN_ATTENTION),
    "EFFICIENT": sdpa(SDPBackend.EFFICIENT_ATTENTION),
    "FA4 sparse": flash4_sparse(tiled=False),
    "FA4 tiled": flash4_sparse(tiled=True),
    "Flex": flex(),
    "Flex FLASH": flex("FLASH"),
    "Flex tiled": flex(tiled=True),
    "Flex making": flex_making(compiled=False),
    "Flex making (jit)": flex_making(compiled=True),
    "FA2 packed": packed(SDPBackend.FLASH_ATTENTION),
    "cuDNN packed": packed(SDPBackend.CUDNN_ATTENTION),
    "copy": copy,
}
