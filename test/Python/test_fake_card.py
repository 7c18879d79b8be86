"""The binding's way to a card, on a CUDA driver that only counts (test/FakeDriver)."""

import os
import subprocess
import sys
from pathlib import Path

import attn
import pytest

DRIVER = Path(attn.__file__).resolve().parents[2] / "test" / "FakeDriver"

# Run in a process of its own, which finds that driver before any other.
PRELUDE = """
import ctypes
import numpy as np
import tvm_ffi
from attn._library import library

pointer = ctypes.pythonapi.PyCapsule_GetPointer
pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]

class OnCard:
    # An array that says it were on CUDA device `device`.
    def __init__(self, array, device):
        self.array, self.device = array, device
    def __dlpack_device__(self):
        return 2, self.device
    def __dlpack__(self, **_):
        capsule = self.array.__dlpack__()
        # DLTensor: the address, then type and number of the device.
        place = ctypes.cast(pointer(capsule, b"dltensor") + 8, ctypes.POINTER(ctypes.c_int32))
        place[0], place[1] = 2, self.device
        return capsule

def on_card(device=0, shape=(1, 256, 8, 64)):
    return tvm_ffi.from_dlpack(OnCard(np.zeros(shape, np.float16), device))

def call(request, *tensors):
    library().attention(request, *tensors, None, None, None, False)

causal = library().declare("#attn.band<upper = 0>", "heads_last", "sm_90a", "", "", -1, "high")
"""


def run(code: str) -> str:
    if not (DRIVER / "libcuda.so.1").exists():
        pytest.skip("no driver of the build's tests beside the package")
    environment = os.environ | {
        "LD_LIBRARY_PATH": f"{DRIVER}:{os.environ.get('LD_LIBRARY_PATH', '')}",
        "PYTHONPATH": str(Path(attn.__file__).resolve().parents[1]),
    }
    result = subprocess.run(
        [sys.executable, "-c", PRELUDE + code], env=environment, capture_output=True, text=True
    )
    return result.stdout + result.stderr


@pytest.mark.parametrize("device", [0, 1])
def test_launches(device):
    """The device of the tensors is made current, whichever was."""
    text = run(f"call(causal, *(on_card({device}) for _ in range(4)))\nprint('launched')")
    assert text == "launched\n"


def test_other_devices():
    text = run("call(causal, on_card(0), on_card(1), on_card(0), on_card(0))")
    assert "expected 'key' to be on CUDA device 0 like 'query', but got CUDA device 1" in text
    text = run("call(causal, *(on_card(7) for _ in range(4)))")
    assert "expected CUDA device 7, but got only 2" in text


def test_requests():
    text = run("call(5, *(on_card() for _ in range(4)))")
    assert "expected a request's number, but got 5" in text
