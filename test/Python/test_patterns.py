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
        (attn.Blocked(7), 2, "#attn.blocked<block = [7, 7]>"),
        (
            attn.ShiftedWindow((8, 7), 3),
            2,
            "#attn.shifted_window<window = [8, 7], shift = [3, 3]>",
        ),
        (attn.Halo(8, (3, 1)), 2, "#attn.halo<block = [8, 8], halo = [3, 1]>"),
        (
            attn.Causal() | ~attn.Blocked(4) | attn.Full(),
            1,
            "#attn.any_of<[#attn.band<upper = 0>, #attn.not<#attn.blocked<block = [4]>>, "
            "#attn.band<>]>",
        ),
        (attn.Range("key"), 1, "#attn.range<side = key>"),
        (
            attn.Range("query", -3, 9, 1),
            2,
            "#attn.range<side = query, begin = -3, end = 9, axis = 1>",
        ),
        (
            attn.PrefixLM(9, axis=1),
            2,
            "#attn.any_of<[#attn.band<upper = 0, axis = 1>, "
            "#attn.range<side = key, end = 9, axis = 1>]>",
        ),
        (
            attn.GlobalTokens(4),
            1,
            "#attn.any_of<[#attn.range<side = query, end = 4>, #attn.range<side = key, end = 4>]>",
        ),
        (attn.GlobalTokens(0), 1, "#attn.not<#attn.band<>>"),
        (attn.PrefixLM(0), 1, "#attn.band<upper = 0>"),
        (attn.Dilated(3, 1), 1, "#attn.band<lower = -3, upper = 3>"),
        (attn.Strided(1), 1, "#attn.band<>"),
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


def test_operators_are_flat():
    a, b, c = attn.Full(), attn.Causal(), attn.Blocked(4)
    assert (a | b) | c == a | (b | c) != (a | b) & c
    assert ~~a == a and ~(a & b) != ~a & ~b
    assert len({a | b, a & b, ~a, a}) == 4 and len({a | b | c, a | (b | c)}) == 1


def test_equality_of_functions():
    same = attn.Predicate(lambda b, h, q, k: q % 3 == k)
    assert same == attn.Predicate(lambda batch, head, x, y: x % 3 == y)
    assert same != attn.Predicate(lambda b, h, q, k: q % 4 == k)
    assert hash(same) == hash(attn.Predicate(lambda b, h, q, k: q % 3 == k))
    assert same.rank == 1 and (attn.Full() | same).rank == 1


EVERY_KIND = [
    (attn.Neighborhood((3, 5), stride=2, causal=True), 2),
    (attn.Band(lower=-3, align="bottom_right"), 1),
    (attn.Full() & attn.Neighborhood(3), 3),
    (attn.Band(upper=2, axis=1), 2),
    (attn.Range("key", end=4), 1),
    (attn.Range("query", 3, axis=1), 2),
    (attn.GlobalTokens(0), 1),
    (attn.Blocked(7), 2),
    (attn.ShiftedWindow(7, (3, 2)), 2),
    (attn.Halo((4, 5, 6), 1), 3),
    (attn.Dilated(3, (1, 2)), 2),
    (attn.Strided(4), 1),
    (attn.PrefixLM(9, axis=1), 3),
    (attn.GlobalTokens(2), 2),
    (attn.Power(4, 2, 1), 1),
    (attn.Predicate(lambda b, h, q, k: q * 0.1 < k), 1),
    ((attn.Causal() | ~attn.Blocked(4)) & ~(attn.Full() & attn.Strided(2)), 1),
    (attn.Strided(2) | attn.Strided(3) & attn.Strided(2), 1),
]


@pytest.mark.parametrize("pattern, rank", EVERY_KIND)
def test_repr_is_the_expression(pattern, rank):
    assert eval(repr(pattern), vars(attn)) == pattern
    assert eval(repr(pattern.bind(rank)), vars(attn)) == pattern.bind(rank)


@pytest.mark.parametrize("pattern, rank", EVERY_KIND)
def test_text_and_back(pattern, rank):
    text = pattern.to_mlir(rank)
    assert text.endswith(pattern.text(rank))
    assert attn.parse(text) == pattern.bind(rank)
    assert attn.parse(attn.module(pattern, rank=rank)) == pattern.bind(rank)
    assert pattern.bind(rank).to_mlir(rank) == text  # the same pattern, the same kernel


def test_equal_code_is_one_symbol():
    two, three = (attn.Predicate(lambda b, h, q, k, n=n: (q - k) % n == 0) for n in (2, 3))
    again = attn.Predicate(lambda b, h, q, k: (q - k) % 2 == 0)
    assert (two | three & again).to_mlir(1).count("attn.predicate @") == 2


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "expected 'text' to end with a pattern .*but got 'nothing'"),
        ("func.func @f()", "expected 'text' to end with a pattern .*but got 'func.func @f"),
        ("#attn.band<lower = 3, upper = 1>", "lower"),
        ("#attn.bands<>", "bands"),
        ("#attn.predicate<@missing>", "expected an attn.predicate of this name"),
        ("#attn.range<side = key, begin = 4, end = 4>", "'begin' to be less than 'end'.* got 4"),
        ("#attn.blocked<block = [0]>", "expected .*but got 0"),
        ("#attn.band<> #attn.band<>", "expected"),
        (3, "expected 'text' to be a str, but got int"),
    ],
)
def test_malformed_text(text, message):
    with pytest.raises(attn.AttnError, match=message):
        attn.parse(text)


def test_parse_ignores_comments():
    text = "// attn.attention of #attn.band<>\n#attn.blocked< block=[ 3,4 ] > // blocks\n"
    assert attn.parse(text) == attn.Blocked((3, 4))


def test_materialize():
    assert attn.Causal().materialize(3).tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    mask = attn.Band(0, 0, axis=1).materialize((2, 2), (1, 3))
    assert mask.dtype == bool and mask.tolist() == [[1, 0, 0], [0, 1, 0]] * 2
    assert attn.Full().materialize(0).shape == (0, 0)
    assert not (~attn.Full()).materialize(70).any()


def test_materialize_beyond_one_pass():
    mask = attn.SlidingWindow(5, 700).materialize(60, 2100)
    expected = [[q - 5 <= k <= q + 700 for k in range(2100)] for q in range(60)]
    assert (mask == expected).all()


def test_materialize_asks_for_batch_and_head():
    pattern = attn.Predicate(lambda b, h, q, k: k < 10 * b + h)
    assert (pattern.materialize(40, batch=2, head=3).sum(1) == 23).all()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"grid": 16385}, "at most 268435456 entries, but got 16385 queries of 16385 keys"),
        ({"grid": (4, 4), "key_grid": 3}, "expected 'key_grid' to be of 2 extents.*but got 1"),
        ({"grid": -1}, "expected 'grid' to be of extents >= 0, but got"),
        ({"grid": 2.5}, "expected 'grid' to be an integer, but got 2.5"),
        ({"grid": 4, "head": -1}, "expected 'head' to be >= 0, but got -1"),
    ],
)
def test_refusals_of_materialize(arguments, message):
    with pytest.raises(attn.AttnError, match=message):
        attn.Full().materialize(**arguments)


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
            lambda: attn.Neighborhood(3, boundary="reflect"),
            "expected 'boundary' to be 'clamp', 'mask' or 'wrap', but got 'reflect'",
        ),
        (lambda: attn.Band(upper=0.5), "expected 'upper' to be an integer, but got 0.5"),
        (lambda: attn.Band(align="left"), "expected 'align' to be .*, but got 'left'"),
        (lambda: attn.SlidingWindow(-1), "expected 'left' to be a number of keys >= 0, but got -1"),
        (lambda: attn.SlidingWindow(1, -2), "expected 'right' to be .*, but got -2"),
        (lambda: attn.Range("keys"), "expected 'side' to be 'query' or 'key', but got 'keys'"),
        (lambda: attn.Range("key", 0.5), "expected 'begin' to be an integer, but got 0.5"),
        (lambda: attn.Blocked(1.5), "expected 'block' to be an integer, but got 1.5"),
        (
            lambda: attn.Halo(8, 1, boundary="clamp"),
            "expected 'boundary' to be 'mask' or 'zero_pad', but got 'clamp'",
        ),
        (lambda: attn.Halo(8, 1, "wrap"), "'mask' or 'zero_pad', but got 'wrap'"),
        (lambda: attn.Dilated(-1, 2), "expected 'window' to be >= 0, but got -1"),
        (lambda: attn.Dilated(3, (2, 0)), r"expected 'dilation' to be >= 1, but got \(2, 0\)"),
        (lambda: attn.Strided(0), "expected 'stride' to be >= 1, but got 0"),
        (lambda: attn.PrefixLM(-1), "expected 'n' to be >= 0, but got -1"),
        (lambda: attn.GlobalTokens(1, axis=3), "expected 'axis' to be 0, 1 or 2, but got 3"),
        (lambda: attn.GlobalTokens(1, axis=1).text(1), "grid of 2 axes or more, but got 1"),
        (lambda: attn.Power(0, 1, 1), "expected 'block' to be >= 1, but got 0"),
        (lambda: attn.Power(4, 1, 1).text(2), "grid of Power to be of 1 axis, but got 2"),
        (lambda: attn.Predicate(3), "expected the predicate to be a function or .*, but got 3"),
        (lambda: bool(attn.Full()), "expected patterns to be combined by &, . and ~, but got a"),
    ],
)
def test_malformed_parameters(make, message):
    with pytest.raises(attn.AttnError, match=message):
        make()


def test_and_needs_a_pattern():
    with pytest.raises(TypeError):
        attn.Full() & 3
