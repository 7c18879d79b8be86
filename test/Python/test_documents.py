"""attn.Document as a value, and what is refused of its ids."""

import attn
import numpy as np
import pytest

IDS = np.array([0, 0, 1, 1, 1, 2], np.int32)


def arrays(tokens=6, batch=1, dtype=np.float32):
    rng = np.random.default_rng(tokens)
    return [rng.standard_normal((batch, tokens, 1, 64)).astype(dtype) for _ in range(3)]


@pytest.mark.parametrize(
    "pattern, rank, text",
    [
        (attn.Document(IDS), 1, "#attn.same<table = 0, sorted>"),
        (attn.Document(IDS[::-1]), 1, "#attn.same<table = 0>"),
        (attn.Document(IDS, axis=1), 2, "#attn.same<table = 0, axis = 1, sorted>"),
        (attn.Document(np.stack([IDS, IDS[::-1]])), 1, "#attn.same<table = 0>"),
        (attn.Document(IDS, sorted=False), 1, "#attn.same<table = 0>"),
        (
            attn.Document(IDS) & ~(attn.Document(IDS.copy()) | attn.Document(IDS, sorted=False)),
            1,
            "#attn.all_of<[#attn.same<table = 0, sorted>, #attn.not<#attn.any_of<["
            "#attn.same<table = 1, sorted>, #attn.same<table = 0>]>>]>",
        ),
        (
            attn.Document(IDS) | attn.Document(IDS, axis=1),  # a table serves one axis
            2,
            "#attn.any_of<[#attn.same<table = 0, sorted>, "
            "#attn.same<table = 1, axis = 1, sorted>]>",
        ),
    ],
)
def test_text(pattern, rank, text):
    assert pattern.text(rank) == text
    assert pattern.bind(rank) == pattern
    attn.canonical(attn.module(pattern, rank=rank))


def test_equality_is_identity_of_the_ids():
    one = attn.Document(IDS)
    assert one == attn.Document(IDS) and hash(one) == hash(attn.Document(IDS))
    assert one != attn.Document(IDS.copy()) and one != attn.Document(IDS, sorted=False)
    assert one != attn.Document(IDS, axis=1)
    assert len({one & attn.Causal(), attn.Document(IDS) & attn.Causal()}) == 1


def test_repr_shows_the_shape():
    assert repr(attn.Document(IDS)) == "Document(ids=<ndarray of shape (6,)>, axis=0, sorted=True)"
    assert "shape (2, 3)>" in repr(attn.Document(IDS.reshape(2, 3)))


def test_other_ids_same_module():
    module = attn.module(attn.Document(IDS) & attn.Causal())
    assert module == attn.module(attn.Document(IDS // 2) & attn.Causal())
    assert "%t0: tensor<?xi32>" in module and "tables(%t0) layout" in module
    assert "tensor<?x?xi32>" in attn.module(attn.Document(IDS.reshape(2, 3)))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64, ">i4"])
def test_integers(dtype):
    ids = np.repeat(IDS, 2).astype(dtype)[::2]
    ids.flags.writeable = False
    assert (attn.Document(ids).materialize(6) == (IDS[:, None] == IDS)).all()


def test_materialize_takes_the_row_of_the_batch():
    ids = np.stack([IDS, IDS[::-1] % 2])
    for batch, row in enumerate(ids):
        mask = attn.Document(ids).materialize(6, batch=batch)
        np.testing.assert_array_equal(mask, row[:, None] == row)
    assert attn.Document(ids[:1]).materialize(6, batch=3).any()
    with pytest.raises(attn.AttnError, match="'batch' to be less than the 2 rows.*but got 2"):
        attn.Document(ids).materialize(6, batch=2)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: attn.Document([0, 1]), "'ids' to be a NumPy array or a PyTorch .* got list"),
        (lambda: attn.Document(IDS * 1.0), "expected 'ids' to be of integers, but got float64"),
        (lambda: attn.Document(IDS == 1), "expected 'ids' to be of integers, but got bool"),
        (lambda: attn.Document(IDS.reshape(1, 2, 3)), "'ids' to be of 1 to 2 dimensions, but got 3"),
        (lambda: attn.Document(IDS[0] + IDS.sum(keepdims=True)[0]), "to be a NumPy array or"),
        (lambda: attn.Document(IDS.astype(np.int64) << 40), "of 32 bits, but got 2199023255552"),
        (lambda: attn.Document(IDS, axis=3), "expected 'axis' to be 0, 1 or 2, but got 3"),
        (lambda: attn.Document(IDS, axis="0"), "expected 'axis' to be an integer, but got '0'"),
        (lambda: attn.Document(IDS, sorted=1), "expected 'sorted' to be True or False, but got 1"),
        (lambda: attn.parse(attn.Document(IDS).to_mlir(1)), "without tables, but got #attn.same"),
    ],
)
def test_malformed_parameters(make, message):
    with pytest.raises(attn.AttnError, match=message):
        make()


@pytest.mark.parametrize(
    "ids, message",
    [
        (IDS[:5], "expected the columns of table 0 to be at least the 6 tokens of axis 0.* got 5"),
        (np.stack([IDS] * 3), "expected the rows of table 0 to be 1 or the batch 2, but got 3"),
    ],
)
def test_tables_that_do_not_fit(ids, message):
    with pytest.raises(attn.AttnError, match=message):
        attn.attention(*arrays(batch=2), attn.Document(ids))


def test_keys_must_be_as_many():
    q, k, v = arrays()
    with pytest.raises(attn.AttnError, match="expected .*but got"):
        attn.attention(q, k[:, :4], v[:, :4], attn.Document(IDS))


def test_at_most_eight_tables():
    pattern = attn.Full()
    for _ in range(9):
        pattern = pattern & attn.Document(IDS.copy())
    with pytest.raises(attn.AttnError, match="expected 'table' to be 0 to 7, but got 8"):
        attn.attention(*arrays(), pattern)


def test_kernels_and_their_tables():
    data, other = arrays(), IDS[::-1] % 2
    pattern = attn.Document(IDS, sorted=False)
    kernel = attn.compile(pattern)
    assert kernel.info["tables"] == [{"dtype": "i32", "axis": 0}]
    np.testing.assert_array_equal(kernel(*data), attn.attention(*data, pattern))
    expected = attn.attention(*data, attn.Document(other, sorted=False))
    np.testing.assert_array_equal(kernel(*data, tables=[other]), expected)

    from_text = attn.compile(attn.module(pattern))
    np.testing.assert_array_equal(from_text(*data, tables=[IDS.astype(np.int64)]), kernel(*data))
    for tables, got in ((None, 0), ([], 0), ([IDS, IDS], 2)):
        with pytest.raises(attn.AttnError, match=f"number of tables to be 1, but got {got}"):
            from_text(*data, tables=tables)
    with pytest.raises(attn.AttnError, match="table 0 to be of i32, but got f32"):
        from_text(*data, tables=[data[0][0, :, 0, 0]])
    with pytest.raises(attn.AttnError, match="number of tables to be 0, but got 1"):
        attn.compile(attn.Full())(*data, tables=[IDS])


def test_torch_ids():
    torch = pytest.importorskip("torch")
    ids = torch.from_numpy(IDS.copy())
    assert attn.Document(ids).text(1) == attn.Document(ids.long()).text(1)
    assert "sorted" in attn.Document(ids).text(1)
    assert "sorted" not in attn.Document(ids.flip(0)).text(1)
    np.testing.assert_array_equal(attn.Document(ids).materialize(6), IDS[:, None] == IDS)
    tensors = [torch.from_numpy(x) for x in arrays()]
    out = attn.attention(*tensors, attn.Document(ids.long()) & attn.Causal())
    expected = attn.attention(*arrays(), attn.Document(IDS) & attn.Causal())
    np.testing.assert_array_equal(out.numpy(), expected)
    for bad in (ids.float(), ids == 1, ids.to(torch.complex64)):
        with pytest.raises(attn.AttnError, match="expected 'ids' to be of integers, but got torch"):
            attn.Document(bad)
    with pytest.raises(attn.AttnError, match="expected 'ids' to be a tensor with data"):
        attn.Document(ids.to("meta"))


def test_ids_on_the_wrong_device():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    tensors = [torch.from_numpy(x).half().cuda() for x in arrays()]
    with pytest.raises(attn.AttnError, match="'table 0' to be on CUDA device 0 like 'query'"):
        attn.attention(*tensors, attn.Document(IDS))
    pattern = attn.Document(torch.from_numpy(IDS).cuda())
    assert "sorted" not in pattern.text(1)
    out = attn.attention(*tensors, pattern).float().cpu()
    expected = attn.attention(*arrays(), attn.Document(IDS))
    np.testing.assert_allclose(out, expected, rtol=0, atol=2e-2)
