"""attn.compile and Kernel: texts, launch data, running, emulation."""

import threading

import attn
import numpy as np
import pytest

ROWS = "tensor<?x?x?x64xf32>"
MODULE = f"""
func.func @attention(%q: {ROWS}, %k: {ROWS}, %v: {ROWS}) -> {ROWS} {{
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>)
      layout(heads_last) : ({ROWS}, {ROWS}, {ROWS}) -> {ROWS}
  return %o : {ROWS}
}}
"""


def arrays(shape=(1, 9, 1, 64), dtype=np.float32):
    rng = np.random.default_rng(1)
    return [rng.standard_normal(shape).astype(dtype) for _ in range(3)]


def test_module_text():
    text = attn.module(
        attn.Neighborhood((7, 7), dilation=2), value_dim=32, return_lse=True, scale=0.125
    )
    rows, values = "tensor<?x?x?x?x64xf32>", "tensor<?x?x?x?x32xf32>"
    results = f"{values}, tensor<?x?x?x?xf32>"
    assert text == (
        f"func.func @attention(%q: {rows}, %k: {rows}, %v: {values}) -> ({results}) {{\n"
        "  %o, %lse = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<"
        "window = [7, 7], stride = [1, 1], dilation = [2, 2], causal = [false, false]>) "
        f"scale(0.125) layout(heads_last) : ({rows}, {rows}, {values}) -> ({results})\n"
        f"  return %o, %lse : {results}\n}}\n"
    )


@pytest.mark.parametrize("return_lse", [False, True])
@pytest.mark.parametrize("layout", ["heads_last", "heads_first"])
@pytest.mark.parametrize("scale", [None, 0.1])
def test_module_parses(return_lse, layout, scale):
    pattern = attn.Neighborhood(3) & attn.Causal()
    text = attn.module(pattern, rank=3, return_lse=return_lse, layout=layout, scale=scale)
    canonical = attn.canonical(text)
    assert "attn.attention" in canonical
    assert attn.canonical(canonical) == canonical


def test_text_and_pattern_compute_the_same():
    data = arrays()
    from_text = attn.compile(MODULE)(*data)
    from_pattern = attn.compile(attn.Causal())(*data)
    np.testing.assert_array_equal(from_text, from_pattern)
    np.testing.assert_array_equal(from_text, attn.attention(*data, attn.Causal()))


def test_info():
    kernel = attn.compile(attn.Neighborhood((3, 5)), head_dim=32, value_dim=64, return_lse=True)
    info = kernel.info
    expected = {
        "target": "cpu", "rank": 2, "dtype": "f32", "head_dim": 32, "value_dim": 64,
        "layout": "heads_last", "has_lse": True,
    }  # fmt: skip
    assert {key: info[key] for key in expected} == expected
    assert info["default_scale"] == pytest.approx(32**-0.5)
    assert [axis["min_extent"] for axis in info["axes"]] == [3, 5]
    assert all(axis["equal_extents"] and axis["query_tile"] >= 1 for axis in info["axes"])


def test_explain():
    text = attn.compile(attn.Causal(), head_dim=64).explain()
    assert "for cpu, f32" in text and "head dim 64" in text and "queries by" in text
    assert "SelectTiles: query tile 64, key tile 64 on cpu" in text


def test_lse_follows_the_kernel():
    out, lse = attn.compile(attn.Causal(), return_lse=True)(*arrays())
    assert out.shape == (1, 9, 1, 64) and lse.shape == (1, 9, 1)


def test_scale_attribute_and_argument():
    data = arrays()
    kernel = attn.compile(attn.Full(), scale=0.5)
    assert kernel.info["default_scale"] == 0.5
    np.testing.assert_array_equal(kernel(*data), attn.attention(*data, attn.Full(), scale=0.5))
    np.testing.assert_array_equal(kernel(*data, scale=0.125), attn.attention(*data, attn.Full()))


def test_ptx():
    code = attn.compile(attn.Causal(), "sm_80", head_dim=64, emit="ptx").code
    assert isinstance(code, str) and ".target sm_80" in code


def test_emulate():
    data = arrays(dtype=np.float16)
    kernel = attn.compile(attn.Causal(), "sm_80", dtype="f16", return_lse=True)
    out, lse = kernel.emulate(*data, seed=3)
    expected = attn.attention(*(x.astype(np.float32) for x in data), attn.Causal())
    assert out.dtype == np.float16 and lse.dtype == np.float32
    np.testing.assert_allclose(out.astype(np.float32), expected, atol=4e-3)


def test_objects_for_other_cpus():
    objects = {attn.compile(attn.Full(), emit="object", cpu=cpu).code for cpu in ("avx2", "plain")}
    assert len(objects) == 2 and all(code.startswith(b"\x7fELF") for code in objects)


def test_targets():
    names = attn.targets()
    assert names[0] == "cpu" and "sm_80" in names


def test_threads_compile_once():
    kernels = []

    def work():
        kernels.append(attn.compile(attn.Band(lower=-17), head_dim=64))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({kernel._number for kernel in kernels}) == 1 and len(kernels) == 8


def refuse(message, call):
    with pytest.raises(attn.AttnError, match=message):
        call()


def test_refusals_of_compile():
    refuse("sm_1", lambda: attn.compile(attn.Full(), "sm_1"))
    refuse(
        "expected cpu to be one of native, avx512, avx2, plain, but got 'avx3'",
        lambda: attn.compile(attn.Full(), cpu="avx3"),
    )
    refuse("expected 'emit' to be .*but got 'elf'", lambda: attn.compile(attn.Full(), emit="elf"))
    refuse(
        "expected 'dtype' to be f32, f16 or bf16, but got 'f64'",
        lambda: attn.compile(attn.Full(), dtype="f64"),
    )
    refuse("expected 'rank' to be 1 to 3, but got 4", lambda: attn.compile(attn.Full(), rank=4))
    refuse("expected 'source' to be .*but got 3", lambda: attn.compile(3))
    refuse(
        "expected no arguments .*but got head_dim, dtype",
        lambda: attn.compile(MODULE, head_dim=64, dtype="f32"),
    )
    refuse("expected 'pattern' to be .*but got 1", lambda: attn.module(1))


def test_precision():
    """Of f32 on a GPU; elsewhere it changes nothing."""
    high = attn.compile(attn.Full(), "sm_80", dtype="f32", emit="llvm").code
    tf32 = attn.compile(attn.Full(), "sm_80", dtype="f32", emit="llvm", precision="tf32").code
    assert high.count("@attn.rt.mma_1688_tf32") > 2 * tf32.count("@attn.rt.mma_1688_tf32") > 2
    q, k, v = (np.ones((1, 4, 1, 8), np.float32) for _ in range(3))
    for out in (
        attn.attention(q, k, v, attn.Full(), precision="tf32"),
        attn.compile(attn.Full(), head_dim=8, precision="tf32")(q, k, v),
    ):
        np.testing.assert_array_equal(out, v)
    refuse(
        "expected 'precision' to be high or tf32, but got 'low'",
        lambda: attn.attention(q, k, v, attn.Full(), precision="low"),
    )
    refuse("but got 'low'", lambda: attn.module(attn.Full(), precision="low"))


def test_diagnostic_of_broken_text():
    refuse(".", lambda: attn.compile("func.func @f( {"))
    refuse(".", lambda: attn.canonical("not a module"))


def test_refusals_of_a_kernel():
    kernel = attn.compile(attn.Full(), head_dim=64)
    q, k, v = arrays()
    refuse("the head dimension to be 64.*but got 32", lambda: kernel(q[..., :32], k[..., :32], v))
    refuse("the value dimension to be 64.*but got 16", lambda: kernel(q, k, v[..., :16]))
    refuse("grid axes to be 1.*but got 2", lambda: kernel(*(x[:, None] for x in (q, k, v))))
    refuse("emulated kernel to be a GPU, but got cpu", lambda: kernel.emulate(q, k, v))
    gpu = attn.compile(attn.Full(), "sm_80", head_dim=64, dtype="f16")
    half = arrays(dtype=np.float16)
    refuse("expected the tensors to be on a GPU.*but got", lambda: gpu(*half))
    refuse("to be of f16 as the kernel was compiled, but got f32", lambda: gpu.emulate(q, k, v))
    text = attn.compile(attn.Full(), emit="llvm")
    refuse("emit='run', but got emit='llvm'", lambda: text(q, k, v))


def test_shares():
    kernel = attn.compile(attn.Band(upper=0), "sm_80", head_dim=8, dtype="f16")
    q, k, v = (np.ones((1, n, 4, 8), np.float16) for n in (2, 70, 70))
    assert kernel.variants == []
    kernel.emulate(q, k[:, :, :1], v[:, :, :1])
    assert kernel.variants == []  # without a word on shares, the kernel as it is
    kernel.emulate(q, k[:, :, :1], v[:, :, :1], shares=3)
    (variant,) = kernel.variants
    assert variant["shares"] == 3 and variant["info"]["split"]["packs_heads"]
    assert kernel.info["split"] is None
    text = "variant: keys in 3 shares at the last launch, a tile of 4 heads by 4 queries"
    assert text in kernel.explain()
    for shares in (-1, 65536):
        with pytest.raises(attn.AttnError, match=f"from 0 to 65535, but got {shares}"):
            kernel.emulate(q, k, v, shares=shares)


def test_shares_on_the_cpu():
    kernel = attn.compile(attn.Full(), "cpu", head_dim=8)
    q = np.ones((1, 4, 1, 8), np.float32)
    np.testing.assert_array_equal(kernel(q, q, q, shares=1), q)
    with pytest.raises(attn.AttnError, match="target cpu to be 0 or 1, but got 2"):
        kernel(q, q, q, shares=2)
