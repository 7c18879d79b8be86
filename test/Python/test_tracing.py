"""Functions of Predicate and score: what is traced, and what is refused where."""

import math

import attn
import numpy as np
import pytest

N = 13


def evaluated(function, n=N):
    """The mask by calling ``function`` on plain numbers."""
    return np.array([[bool(function(0, 0, q, k)) for k in range(n)] for q in range(n)])


PREDICATES = {
    "compare": lambda b, h, q, k: (q < k) | (q == 3) | (k != 5) & (q >= 7) & (k <= 9) | (q > 11),
    "arithmetic": lambda b, h, q, k: 3 * q - k * 2 + 5 - (7 - k) > -q + (+k),
    "floor_division": lambda b, h, q, k: (q - k) // 3 == (k - 7) // -4,
    "remainder": lambda b, h, q, k: (q - k) % 3 > (k - 6) % -4 + 2,
    "powers_of_two": lambda b, h, q, k: (q - 5) // 4 + (k - 9) % 8 < 3,
    "traced_divisor": lambda b, h, q, k: (q - 6) // (k + 1) < (k - 6) % (q + 2) - 2,
    "negative_divisor": lambda b, h, q, k: (q - 6) // (k - 20) == (k - 6) % (q - 20) + 2,
    "constant_dividend": lambda b, h, q, k: 100 // (q + 1) > 17 % (k + 1),
    "divmod": lambda b, h, q, k: divmod(q - k, 5)[0] + divmod(q, 3)[1] > 0,
    "float_division": lambda b, h, q, k: q / (k + 1) > 0.7,
    "float_floor": lambda b, h, q, k: (q - 4.5) // 2.5 < (k * 0.25 - 1) % 1.5,
    "bits": lambda b, h, q, k: ((q & 6) | (k ^ 3)) > (~q & 9) + (1 << (k & 3)) + (q >> 1),
    "booleans": lambda b, h, q, k: (q < k) ^ (k > 4) ^ True,
    "equal_booleans": lambda b, h, q, k: (q < 5) == (k < 7),
    "count_booleans": lambda b, h, q, k: (q < 5) + (k < 5) * 2 == 2,
    "abs": lambda b, h, q, k: (abs(q - k) < 3) | (attn.abs(q * 0.5 - 4.0) < 0.9),
    "extremes": lambda b, h, q, k: attn.minimum(q, k) + 1 > attn.maximum(q - 2.5, 4),
    "where": lambda b, h, q, k: attn.where(q > k, q - k, k * 0.5) < 3,
    "where_condition": lambda b, h, q, k: attn.where(q > 4, k < 3, k > q),
    "power": lambda b, h, q, k: (q - 3) ** 2 + k**1 + q**0 < 40,
    "root": lambda b, h, q, k: (q + 0.25) ** 0.5 < attn.sqrt(k),
    "exponential": lambda b, h, q, k: 2 ** (q / 4.0) + 1.5**k > 9,
    "constant": lambda b, h, q, k: True,
    "closure": lambda b, h, q, k: (k < np.int64(4)) | (np.float32(0.5) * q > 4.2),
    "functions": lambda b, h, q, k: attn.exp(-0.1 * q) + attn.tanh(k * 0.1) < attn.log(2.7),
    "more_functions": lambda b, h, q, k: attn.log2(q + 1) < attn.exp2(0.3 * k) - 1.1,
}


@pytest.mark.parametrize("name", PREDICATES)
def test_predicate_means_what_python_means(name):
    function = PREDICATES[name]
    mask = attn.Predicate(function).materialize(N)
    np.testing.assert_array_equal(mask, evaluated(function))


def test_a_divisor_of_zero_counts_as_one():
    mask = attn.Predicate(lambda b, h, q, k: q // k == q).materialize(9)
    assert mask[:, 0].all()


def test_text_is_deterministic_and_without_repetition():
    def twice(b, h, q, k):
        return ((q - k) % 3 == 0) | ((q - k) % 3 == 1)

    text = attn.Predicate(twice).to_mlir(1)
    assert text == attn.Predicate(twice).to_mlir(1)
    assert text.count("arith.subi %2, %3") == 1 and text.count("remsi") == 1


def test_coordinates_are_not_negative():
    # Division of coordinates by a constant needs no correction of the rounding.
    text = attn.Predicate(lambda b, h, q, k: q // 3 == (k + 2 * q) % 5).to_mlir(1)
    assert "divui" in text and "remui" in text and "select" not in text


def test_two_axes():
    pattern = attn.Predicate(lambda b, h, q0, q1, k0, k1: q0 * 10 + q1 > k0 + 3 * k1)
    mask = pattern.materialize((2, 5))
    expected = [
        [q0 * 10 + q1 > k0 + 3 * k1 for k0 in range(2) for k1 in range(5)]
        for q0 in range(2) for q1 in range(5)
    ]  # fmt: skip
    assert mask.tolist() == expected
    with pytest.raises(attn.AttnError, match=r"6 parameters \(b, h, q0, q1, k0, k1\) .*but got 4"):
        attn.Predicate(lambda b, h, q, k: q > k).text(2)


def refuse(message, function):
    with pytest.raises(attn.AttnError, match=message):
        attn.Predicate(function)


TABLE = [1, 2, 3]


@pytest.mark.parametrize(
    "message, function",
    [
        ("got a truth value .if, and, or, not", lambda b, h, q, k: q if q > k else k),
        ("got a truth value", lambda b, h, q, k: q > 3 and k > 3),
        ("got a truth value", lambda b, h, q, k: not q > 3),
        ("got a truth value .*a chained comparison", lambda b, h, q, k: 0 < q - k < 3),
        ("got a truth value", lambda b, h, q, k: min(q, k) > 3),
        ("got float..", lambda b, h, q, k: float(q) > 3),
        ("got float.. or a function of the math module", lambda b, h, q, k: math.exp(q) > 3),
        ("got int..", lambda b, h, q, k: int(q) > 3),
        ("got a rounding", lambda b, h, q, k: math.floor(q) > 3),
        ("got round..", lambda b, h, q, k: round(q) > 3),
        ("got an index .*through attn.Table", lambda b, h, q, k: TABLE[q] > 3),
        ("through attn.Table", lambda b, h, q, k: np.arange(9)[q] > 3),
        ("got .. of a traced value", lambda b, h, q, k: q[0] > 3),
        ("got an iteration", lambda b, h, q, k: list(q) == 3),
        ("got numpy.exp", lambda b, h, q, k: np.exp(q) > 3),
        ("got numpy.where", lambda b, h, q, k: np.where(q > k, 1, 2) > 1),
        ("got an operand of type ndarray", lambda b, h, q, k: q * np.arange(3) > 1),
        ("got an operand of type ndarray", lambda b, h, q, k: np.arange(3) * q > 1),
        ("got an operand of type str", lambda b, h, q, k: q == "3"),
        ("got a division by the constant 0", lambda b, h, q, k: q % 0 == 1),
        ("got the integer 4294967296", lambda b, h, q, k: q < 1 << 32),
        ("got .. with exponent", lambda b, h, q, k: q**-1 > 3),
        ("got .. with base", lambda b, h, q, k: (-2) ** q > 3),
        ("got & of an f32", lambda b, h, q, k: (q * 0.5) & 1 > 0),
        ("got attn.where with an i32", lambda b, h, q, k: attn.where(q, k, 1) > 0),
        ("got AttributeError .*foo", lambda b, h, q, k: q.foo),
        ("got NameError", lambda b, h, q, k: undefined_name > q),  # noqa: F821
        ("expected the predicate to return a condition, but got i32", lambda b, h, q, k: q - k),
        ("expected the predicate to return a condition, but got None", lambda b, h, q, k: None),
    ],
)
def test_what_leaves_no_trace(message, function):
    refuse(message, function)


def test_error_names_the_line():
    def branches(b, h, q, k):
        distance = q - k
        if distance > 3:
            return k > 3
        return q > 3

    line = branches.__code__.co_firstlineno + 2
    refuse(rf"at line {line} of test_tracing\.py \(use attn\.where", branches)

    def fails(b, h, q, k):
        return q.missing

    refuse(rf"at line {fails.__code__.co_firstlineno + 1} of test_tracing\.py", fails)


@pytest.mark.parametrize(
    "function",
    [lambda b, h, q: q > 0, lambda: True, lambda b, h, q, k, x: q > 0, max],
)
def test_parameters(function):
    refuse("expected the (parameters of the )?predicate to be", function)


def test_a_value_of_another_function():
    kept = []
    attn.Predicate(lambda b, h, q, k: kept.append(q) or q > 0)
    refuse("got a traced value of another function", lambda b, h, q, k: kept[0] > q)


def test_ir_text():
    text = """
    attn.predicate @p(%b: i32, %h: i32, %row: i32, %col: i32) {
      %near = arith.cmpi sle, %col, %row : i32  // causal
      attn.yield %near : i1
    }"""
    assert attn.Predicate(text) == attn.Predicate(lambda b, h, q, k: k <= q)
    refuse("'i32' vs 'i1'", text.replace("i1", "i32"))
    refuse("expected batch, head, query and key.*but got", text.replace("%h: i32, ", ""))
    refuse("expected the text to be one attn.predicate op, but got attn.predicate @p, "
           "attn.predicate @r", text + text.replace("@p", "@r"))  # fmt: skip
    refuse("expected the text to be one attn.predicate op, but got none", "module {}")


def arrays(n=20, heads=2):
    rng = np.random.default_rng(3)
    return [rng.standard_normal((1, n, heads, 32)).astype(np.float32) for _ in range(3)]


def test_score_in_all_its_forms():
    data = arrays()
    expected = attn.attention(*data, attn.Causal(), scale=0.5)
    half = 0.5 * math.sqrt(32)

    def rescaled(score, b, h, q, k):
        return score * half

    same = attn.Score(rescaled)
    assert eval(repr(same), vars(attn)) == same and hash(same) == hash(attn.Score(rescaled))
    for score in (rescaled, same, same.text(1)):
        out = attn.attention(*data, attn.Causal(), score=score)
        np.testing.assert_allclose(out, expected, atol=1e-5)
        kernel = attn.compile(attn.Causal(), head_dim=32, score=score)
        np.testing.assert_array_equal(kernel(*data), out)


def test_score_sees_the_function_of_each_call():
    # The closure changes: the kernel of the last call must not be used again.
    data = arrays()
    for slope in (0.0, 0.5, 2.0):
        out = attn.attention(*data, attn.Causal(), score=lambda s, b, h, q, k: s + slope * k)
        assert slope == 0 or np.abs(out - before).max() > 1e-3  # noqa: F821
        before = out  # noqa: F841


def test_score_and_predicate_share_a_module():
    pattern = attn.Predicate(lambda b, h, q, k: q % 3 == k) | attn.Predicate(
        lambda b, h, q, k: q % 2 == k
    )
    text = attn.module(pattern, score=lambda s, b, h, q, k: -s)
    assert text == attn.module(pattern, score=lambda s, b, h, q, k: -s)
    assert text.count("attn.predicate @") == 2 and " score(@score)" in text


@pytest.mark.parametrize(
    "message, score",
    [
        (r"5 parameters \(score, b, h, q, k\) .*but got 7", lambda s, b, h, q, r, k, m: s),
        (r"parameters of the score to be \(score, b, h, q, k\)", lambda s, b, h, q: s),
        ("expected the score to return a number, but got i1", lambda s, b, h, q, k: q > k),
        ("expected the score to be a function or .*, but got 3", 3),
        ("got a truth value", lambda s, b, h, q, k: s if s > 0 else 0),
        ("expected the text to be one attn.score op", "module {}"),
    ],
)
def test_refusals_of_score(message, score):
    with pytest.raises(attn.AttnError, match=message):
        attn.attention(*arrays(), attn.Full(), score=score)
