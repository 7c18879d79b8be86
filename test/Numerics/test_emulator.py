"""GPU kernels, executed by the emulator, against the float64 reference.

Each runs twice: warps in step, and warps running ahead in a seeded order,
where a missing barrier shows. The bits of both must agree.
"""

import attn
import check
import configs
import numpy as np
import pytest

TOLERANCE = {"f16": 4e-3, "bf16": 3e-2}
LSE_TOLERANCE = 2e-3
TARGET = "sm_80"
TARGETS = ("sm_80", "sm_90a")  # mma.sync; wgmma with tensor copies


def grid_config(grid, neighbors=None, band=None, key_grid=None, dim=64, heads=1, kv_heads=1,
                layout="heads_last", value_dim=None):  # fmt: skip
    return configs.Config(
        grid=grid, key_grid=key_grid or grid,
        neighbors=configs.Neighbors(*neighbors) if neighbors else None,
        range=configs.Range(*band) if band else None,
        batch=1, heads=heads, kv_heads=kv_heads, head_dim=dim, value_dim=value_dim or dim,
        layout=layout, return_lse=True, scale=None, seed=sum(grid) + dim,
    )  # fmt: skip


def cases():
    no, yes = False, True
    full = (None, None, "top_left", 0)
    causal = (None, 0, "top_left", 0)
    return {
        "dense": grid_config((128,), band=full),
        "dense_ragged": grid_config((75,), band=full, dim=128),
        "causal": grid_config((150,), band=causal, heads=2, kv_heads=1),
        "causal_end": grid_config((40,), band=(None, 0, "bottom_right", 0), key_grid=(130,)),
        "sliding": grid_config((200,), band=(-31, 0, "top_left", 0), dim=128),
        "no_keys": grid_config((70,), band=(None, -3, "top_left", 0)),
        "line": grid_config((190,), ((33,), (1,), (1,), (no,))),
        "line_stride": grid_config((130,), ((32,), (16,), (1,), (no,)), dim=128),
        "line_causal": grid_config((130,), ((20,), (4,), (1,), (yes,)), layout="heads_first"),
        "line_dilated": grid_config((135,), ((11,), (3,), (4,), (no,)), dim=128),
        "plane": grid_config((13, 18), ((5, 7), (1, 1), (1, 1), (no, no))),
        "plane_stride": grid_config((16, 16), ((8, 8), (4, 8), (1, 1), (no, no)), dim=128),
        "plane_causal": grid_config((12, 15), ((7, 3), (2, 1), (1, 2), (yes, no))),
        "plane_and_band": grid_config(
            (14, 14), ((7, 9), (1, 1), (1, 1), (no, no)), (None, 2, "top_left", 1)
        ),
        "space": grid_config((5, 6, 8), ((3, 4, 5), (1, 1, 1), (1, 1, 1), (no, no, no))),
        "space_mixed": grid_config(
            (4, 7, 9), ((4, 3, 4), (1, 3, 2), (1, 2, 1), (yes, no, no)), dim=128, heads=2
        ),
    }


CASES = cases()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", CASES)
def test_case(name, target):
    config = CASES[name]
    # Alternating, so that each kind of pattern meets both types.
    dtype = ("f16", "bf16")[list(CASES).index(name) % 2]
    number_type = np.float16 if dtype == "f16" else pytest.importorskip("ml_dtypes").bfloat16
    data = config.data(number_type)
    kernel = attn.compile(
        config.pattern, target, rank=len(config.grid), head_dim=config.head_dim,
        value_dim=config.value_dim, dtype=dtype, layout=config.layout, return_lse=True,
    )  # fmt: skip
    arrays = check.arrange(config, data)
    in_step = kernel.emulate(*arrays, seed=0)
    ahead = kernel.emulate(*arrays, seed=1 + config.seed)
    check.assert_close(config, in_step, data, TOLERANCE[dtype], LSE_TOLERANCE)
    for one, other in zip(in_step, ahead):
        np.testing.assert_array_equal(np.asarray(one, np.float32), np.asarray(other, np.float32))


@pytest.mark.parametrize("tile", ["128", "32"])
def test_other_row_blocks(tile):
    """Two blocks of rows a warp, and two warps, by an override in the IR."""
    text = attn.module(attn.SlidingWindow(40), dtype="f16", rank=1, head_dim=64)
    clause = f"layout(heads_last) {{fmha.query_tile = array<i64: {tile}>}}"
    kernel = attn.compile(text.replace("layout(heads_last)", clause), target=TARGET)
    assert kernel.info["axes"][0]["query_tile"] == int(tile)
    rng = np.random.default_rng(5)
    q, k, v = (rng.standard_normal((1, 150, 1, 64)).astype(np.float16) for _ in range(3))
    out = kernel.emulate(q, k, v, seed=3)
    scores = np.einsum("bihd,bjhd->ij", q.astype(float), k.astype(float)) / 8
    i, j = np.indices(scores.shape)
    weights = np.where((j <= i) & (i - j <= 40), np.exp(scores), 0)
    expected = np.einsum("ij,bjhd->bihd", weights / weights.sum(1, keepdims=True), v.astype(float))
    assert np.abs(out - expected).max() < TOLERANCE["f16"]
