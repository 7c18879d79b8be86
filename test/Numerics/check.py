"""Runs a Config through a function and compares with the reference."""

from __future__ import annotations

import numpy as np
import reference


def arrange(config, arrays):
    """heads_last arrays in the layout of ``config``; heads_first ones are
    transposed views, which also exercises strides."""
    if config.layout == "heads_last":
        return arrays
    return [reference.to_heads_first(array) for array in arrays]


def split(config, result):
    """(out, lse) of a call in heads_last order; lse is None if not returned."""
    out, lse = result if config.return_lse else (result, None)
    if config.layout == "heads_first":
        out = reference.to_heads_last(out)
        lse = None if lse is None else reference.to_heads_last(lse[..., None])[..., 0]
    return out, lse


def assert_close(config, result, data, tolerance, lse_tolerance):
    """Absolute tolerances: data is N(0, 1), so outputs are of order one."""
    expected, expected_lse = config.expected(*data)
    out, lse = split(config, result)
    assert out.shape == expected.shape
    np.testing.assert_allclose(
        np.asarray(out, np.float64), expected, rtol=0, atol=tolerance, err_msg=str(config)
    )
    if config.return_lse:
        assert lse.dtype == np.float32
        # -inf of empty rows must be equal: allclose treats equal infinities so.
        np.testing.assert_allclose(
            lse.astype(np.float64), expected_lse, rtol=1e-5, atol=lse_tolerance, err_msg=str(config)
        )
