"""Patterns as values: text, rank, comparison, and their error messages."""

import attn
import pytest


@pytest.mark.parametrize(
    "pattern, rank, text",
    [
        (attn.Full(), 2, "#attn.band<>"),
        (attn.Causal(), 1, "#attn.band<upper = 0>"),
        (
            attn.Causal(align="bottom_right", axis=1),
            2,
            "#attn.band<upper = 0, align = bottom_right, axis = 1>",
        ),
        (attn.SlidingWindow(1023), 1, "#attn.band<lower = -1023, upper = 0>"),
        (attn.SlidingWindow(3, 4, axis=2), 3, "#attn.band<lower = -3, upper = 4, axis = 2>"),
        (attn.Band(lower=-5), 1, "#attn.band<lower = -5>"),
        (
            attn.Neighborhood(7, dilation=(2, 1), causal=(True, False)),
            2,
            "#attn.neighborhood<window = [7, 7], stride = [1, 1], dilation = [2, 1], "
            "causal = [true, false]>",
        ),
        (
            attn.Full() & attn.Causal() & attn.SlidingWindow(2),
            1,
            "#attn.all_of<[#attn.band<>, #attn.band<upper = 0>, "
            "#attn.band<lower = -2, upper = 0>]>",
        ),
    ],
)
def test_text(pattern, rank, text):
    assert pattern.text(rank) == text


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_numbers_fit_every_rank(rank):
    pattern = attn.Neighborhood(window=5)
    assert pattern.rank is None
    assert f"window = [{', '.join(['5'] * rank)}]" in pattern.text(rank)


def test_tuples_fix_the_rank():
    pattern = attn.Neighborhood(window=(3, 5), stride=1)
    assert pattern.rank == 2
    assert (pattern & attn.Causal()).rank == 2
    with pytest.raises(attn.AttnError, match=r"expected 'window' to be of 3 entries.*but got 2"):
        pattern.text(3)


def test_tuples_must_agree():
    pattern = attn.Neighborhood(window=(3, 5), stride=(1, 1, 1))
    with pytest.raises(attn.AttnError, match=r"expected 'stride' to be of 2 entries.*but got 3"):
        pattern.text(2)


def test_equality_and_hash():
    assert attn.Causal() == attn.Band(upper=0)
    assert attn.Full() != attn.Causal()
    assert attn.Neighborhood([3, 5]) == attn.Neighborhood((3, 5))
    assert attn.Neighborhood(3) != attn.Neighborhood((3, 3))
    assert len({attn.Causal(), attn.Band(upper=0), attn.Full()}) == 2
    assert attn.Full() & attn.Causal() == attn.Full() & attn.Causal()
    full, causal = attn.Full(), attn.Causal()
    assert (full & causal) & full == full & (causal & full)


@pytest.mark.parametrize(
    "pattern",
    [
        attn.Neighborhood((3, 5), stride=2, causal=True),
        attn.Band(lower=-3, align="bottom_right"),
        attn.Full() & attn.Neighborhood(3),
    ],
)
def test_repr_is_the_expression(pattern):
    names = {"Neighborhood": attn.Neighborhood, "Band": attn.Band}
    assert eval(repr(pattern), names) == pattern


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: attn.Neighborhood("7"), "expected 'window' to be an integer, but got '7'"),
        (lambda: attn.Neighborhood(True), "expected 'window' to be an integer, but got True"),
        (lambda: attn.Neighborhood(2.5), "expected 'window' to be an integer, but got 2.5"),
        (lambda: attn.Neighborhood(()), "expected 'window' to be of 1 to 3 entries.*but got 0"),
        (lambda: attn.Neighborhood((3,) * 4), "expected 'window' to be of 1 to 3.*but got 4"),
        (
            lambda: attn.Neighborhood(3, causal=1),
            "expected 'causal' to be True or False, but got 1",
        ),
        (
            lambda: attn.Neighborhood(3, boundary="wrap"),
            "expected 'boundary' to be 'clamp', but got 'wrap'",
        ),
        (lambda: attn.Band(upper=0.5), "expected 'upper' to be an integer, but got 0.5"),
        (lambda: attn.Band(align="left"), "expected 'align' to be .*, but got 'left'"),
        (lambda: attn.SlidingWindow(-1), "expected 'left' to be a number of keys >= 0, but got -1"),
        (lambda: attn.SlidingWindow(1, -2), "expected 'right' to be .*, but got -2"),
    ],
)
def test_malformed_parameters(make, message):
    with pytest.raises(attn.AttnError, match=message):
        make()


def test_and_needs_a_pattern():
    with pytest.raises(TypeError):
        attn.Full() & 3
