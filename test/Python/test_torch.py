"""attn.attention on PyTorch tensors (CPU; CUDA where there is a card)."""

import attn
import pytest

torch = pytest.importorskip("torch")


def tensors(shape=(1, 10, 2, 64), dtype=torch.float32, device="cpu"):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator).to(device, dtype) for _ in range(3)]


def dense(q, k, v, causal):
    heads_first = [x.transpose(1, 2).float() for x in (q, k, v)]
    out = torch.nn.functional.scaled_dot_product_attention(*heads_first, is_causal=causal)
    return out.transpose(1, 2)


@pytest.mark.parametrize("dtype, tolerance", [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
def test_matches_torch(dtype, tolerance):
    q, k, v = tensors(dtype=dtype)
    out, lse = attn.attention(q, k, v, attn.Causal(), return_lse=True)
    assert out.dtype == dtype and lse.dtype == torch.float32 and lse.shape == (1, 10, 2)
    torch.testing.assert_close(out.float(), dense(q, k, v, True), rtol=0, atol=tolerance)


def test_transposed_views():
    q, k, v = tensors((1, 2, 10, 64))
    out = attn.attention(*(x.transpose(1, 2) for x in (q, k, v)), attn.Full())
    same = attn.attention(q, k, v, attn.Full(), layout="heads_first")
    torch.testing.assert_close(out, same.transpose(1, 2))


def refuse(message, q, k, v):
    with pytest.raises(attn.AttnError, match=message):
        attn.attention(q, k, v, attn.Full())


def test_gradients():
    q, k, v = tensors()
    k.requires_grad_()
    refuse("expected 'key' to be a tensor that needs no gradient.*requires_grad=True", q, k, v)
    with torch.no_grad():
        out = attn.attention(q, k, v, attn.Full())
    torch.testing.assert_close(out, attn.attention(q, k.detach(), v, attn.Full()))
    assert not out.requires_grad


def test_lazy_views():
    q, k, v = tensors()
    refuse("expected 'value' to be a resolved tensor.*negated", q, k, torch._neg_view(v))
    imaginary = torch.randn(1, 10, 2, 64, dtype=torch.complex64).conj().imag
    assert imaginary.is_neg()
    refuse("expected 'query' to be a resolved tensor", imaginary, k, v)


def test_tensors_without_data():
    refuse("expected 'query' to be a tensor with data.*meta", *(x.to("meta") for x in tensors()))
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        fake = torch.empty(1, 10, 2, 64)
    refuse("expected 'query' to be a tensor with data.*FakeTensor", fake, fake, fake)


def test_sparse():
    q, k, v = tensors()
    refuse("expected 'query' to be a dense tensor.*torch.sparse", q.to_sparse(), k, v)


def test_kinds_differ():
    q, k, v = tensors()
    refuse("expected 'key' to be a PyTorch tensor like 'query', but got ndarray", q, k.numpy(), v)
    refuse("expected 'value' to be of f32 like 'query', but got bf16", q, k, v.bfloat16())
    refuse("but got f64", *(x.double() for x in (q, k, v)))


needs_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA card")


@needs_card
@pytest.mark.parametrize("dtype, tolerance", [(torch.float16, 4e-3), (torch.bfloat16, 3e-2)])
def test_cuda(dtype, tolerance):
    q, k, v = tensors((2, 300, 2, 64), dtype, "cuda")
    out = attn.attention(q, k, v, attn.Causal())
    torch.testing.assert_close(out.float(), dense(q, k, v, True), rtol=0, atol=tolerance)


@needs_card
def test_cuda_stream_order():
    # The inputs are filled on a side stream behind slow work; a kernel on any
    # other stream would read them before.
    q, k, v = tensors((1, 4096, 8, 128), torch.bfloat16, "cuda")
    expected = attn.attention(q, k, v, attn.Full())
    late = [torch.zeros_like(x) for x in (q, k, v)]
    torch.cuda.synchronize()
    with torch.cuda.stream(torch.cuda.Stream()):
        slow = torch.randn(8192, 8192, device="cuda")
        for _ in range(10):
            slow = slow @ slow * 1e-4
        for target, source in zip(late, (q, k, v)):
            target.copy_(source)
        out = attn.attention(*late, attn.Full())
    torch.cuda.synchronize()
    torch.testing.assert_close(out, expected)


@needs_card
def test_devices_differ():
    q, k, v = tensors(device="cuda", dtype=torch.bfloat16)
    refuse("expected 'key' to be on CUDA device 0 like 'query', but got the CPU", q, k.cpu(), v)
