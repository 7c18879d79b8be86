"""Tile counts and pictures from Python; test/Simulate has the whole table."""

from pathlib import Path

import attn
import numpy as np
import pytest


def values(report) -> list[float]:
    """All numbers of a report, however deep."""
    if isinstance(report, dict):
        return [n for value in report.values() for n in values(value)]
    if isinstance(report, list):
        return [n for value in report for n in values(value)]
    return [report] if isinstance(report, (int, float)) and not isinstance(report, bool) else []


def test_a_row_of_the_published_table():
    """256 x 256, window 80 x 80: 10.24 FLOP-wise, 6.65 worst, 7.51 and 8.33 mean."""
    report = attn.Neighborhood((80, 80)).simulate((256, 256), tile=(16, 8))
    numbers = [round(n, 2) for n in values(report)]
    for expected in (10.24, 6.65, 7.51, 8.33):
        assert expected in numbers


def test_the_model_chooses_tiles():
    assert values(attn.Causal().simulate(4096, target="sm_90a"))


def test_a_sweep_is_a_list():
    reports = attn.Neighborhood((8, 8)).simulate((64, 64), tile=(8, 8), sweep=True)
    assert isinstance(reports, list) and len(reports) > 1


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_a_picture(tmp_path, suffix):
    path = attn.Neighborhood((7, 7)).visualize((56, 56), path=tmp_path / f"m{suffix}", query=(3, 9))
    head = Path(path).read_bytes()
    assert head.startswith(b"<" if suffix == ".svg" else b"\x89PNG")


def test_errors(tmp_path):
    with pytest.raises(attn.AttnError, match="expected"):
        attn.Causal().simulate(100, tile=(8, 8))
    with pytest.raises(attn.AttnError, match="expected"):
        attn.Causal().visualize(100, path=tmp_path / "nowhere" / "m.svg")
    with pytest.raises(attn.AttnError, match="document numbers"):
        attn.Document(np.array([0, 0, 1])).simulate(3)
