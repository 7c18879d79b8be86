"""Every chip of the target table assembles, and every kernel fits it.

`emit="cubin"` fails on a spill, a stack frame or a serialization warning, so a
kernel that compiles here has none.
"""

import shutil
from pathlib import Path

import attn
import pytest

CHIPS = [name for name in attn.targets() if name != "cpu"]
needs_ptxas = pytest.mark.skipif(
    not (shutil.which("ptxas") or Path("/usr/local/cuda/bin/ptxas").exists()),
    reason="ptxas is not installed",
)


def test_the_table_has_every_chip():
    assert CHIPS == [
        "sm_80", "sm_86", "sm_87", "sm_89", "sm_90", "sm_90a", "sm_100a", "sm_103a",
        "sm_110a", "sm_120a", "sm_121a",
    ]  # fmt: skip


@needs_ptxas
@pytest.mark.parametrize("chip", CHIPS)
def test_a_kernel_of_each_pattern_assembles(chip):
    for pattern, rank, dtype in (
        (attn.SlidingWindow(1023), 1, "bf16"),
        (attn.Neighborhood((18, 24, 24), (1, 4, 8), (1, 2, 2), (True, False, False)), 3, "f16"),
    ):
        kernel = attn.compile(
            pattern, target=chip, rank=rank, head_dim=128, dtype=dtype, emit="cubin"
        )
        assert kernel.code[:4] == b"\x7fELF"


@pytest.mark.parametrize("chip", CHIPS)
def test_ptx_names_its_chip_and_its_instructions(chip):
    kernel = attn.compile(
        attn.Neighborhood((7, 7)), target=chip, rank=2, head_dim=64, dtype="bf16", emit="ptx"
    )
    ptx = kernel.code if isinstance(kernel.code, str) else kernel.code.decode()
    assert f".target {chip}" in ptx
    families = {
        "mma.sync": ("mma.sync.aligned.m16n8k16", "ldmatrix", "cp.async.cg"),
        "wgmma": ("wgmma.mma_async.sync.aligned.m64", "cp.async.bulk.tensor", "mbarrier.try_wait"),
    }
    roles = any("SpecializeWarps" in remark for remark in kernel.info["remarks"])
    assert roles == (chip == "sm_90a")
    for instruction in (*families["wgmma" if roles else "mma.sync"], "ex2.approx"):
        assert instruction in ptx
    assert "attn.rt." not in ptx


@needs_ptxas
@pytest.mark.parametrize("dims", [(8, 16), (48, 80), (96, 96), (192, 128), (256, 256)])
def test_head_dims_between_8_and_256_fit(dims):
    attn.compile(
        attn.Neighborhood((18, 24, 24), (1, 4, 8), (1, 2, 2), (True, False, False)),
        target="sm_80", rank=3, head_dim=dims[0], value_dim=dims[1], dtype="bf16", emit="cubin",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dtype", "dim", "message"),
    [
        ("f32", 44, "multiples of 8 up to 256 on sm_80, but got 44"),
        ("bf16", 12, "multiples of 8 up to 256 on sm_80, but got 12"),
        ("bf16", 272, "multiples of 8 up to 256 on sm_80, but got 272"),
    ],
)
def test_what_a_chip_cannot_do_is_an_error(dtype, dim, message):
    with pytest.raises(attn.AttnError, match=message):
        attn.compile(attn.Full(), target="sm_80", rank=1, head_dim=dim, dtype=dtype)


@needs_ptxas
def test_a_kernel_short_of_registers_gets_fewer_keys():
    """A 3-D union at D = 128 spills with 64 keys a tile on sm_90a (ptxas 13.0)."""
    pattern = attn.Neighborhood((18, 24, 24), causal=(True, False, False)) | attn.Blocked((4, 4, 4))
    kernel = attn.compile(
        pattern, target="sm_90a", rank=3, head_dim=128, dtype="bf16", emit="cubin"
    )
    assert kernel.code[:4] == b"\x7fELF"


def test_the_ptxas_of_a_wheel(tmp_path, monkeypatch):
    from attn._library import wheel_ptxas

    folder = tmp_path / "triton" / "backends" / "nvidia" / "bin"
    folder.mkdir(parents=True)
    (tmp_path / "triton" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "triton", raising=False)
    known = wheel_ptxas()
    (folder / "ptxas").write_text("#!/bin/sh\n")
    assert wheel_ptxas() == known
    (folder / "ptxas").chmod(0o755)
    assert wheel_ptxas() in (known, str(folder / "ptxas")) and wheel_ptxas() is not None
