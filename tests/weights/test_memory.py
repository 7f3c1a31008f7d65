"""Copies of tensors: alone in their memory, aligned, and the same to whoever uses them."""

import copy
import gc
import io
import mmap
import sys

import pytest
import torch

from archspec.weights import memory
from archspec.weights.memory import copied

DTYPES = (torch.float32, torch.bfloat16, torch.float64, torch.complex64, torch.int64, torch.uint8, torch.bool)
SMALL, LARGE = (3, 5), (1024, 8193)


@pytest.mark.parametrize("shape", [SMALL, LARGE])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_copy_holds_the_same(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    """Of any dtype and size; nothing that is done to it reaches the first."""
    tensor = torch.randint(0, 2, shape).to(dtype)
    copy_ = copied(tensor)
    assert (copy_.dtype, copy_.shape) == (tensor.dtype, tensor.shape)
    assert torch.equal(copy_, tensor)
    copy_.zero_()
    assert tensor.any()


@pytest.mark.parametrize("shape", [SMALL, LARGE])
def test_a_copy_is_alone_and_aligned(shape: tuple[int, ...]) -> None:
    """What was a view, turned, or off the multiples of 64 bytes, is whole and where PyTorch would put it."""
    rows, columns = shape
    whole = torch.rand(rows * columns + 1)
    for tensor in (whole[1:].view(shape), whole[1:].view(columns, rows).T, torch.rand(rows, 1).expand(shape)):
        copy_ = copied(tensor)
        assert torch.equal(copy_, tensor)
        assert copy_.is_contiguous()
        assert copy_.data_ptr() % 64 == 0
        assert copy_.untyped_storage().nbytes() == 4 * rows * columns


def test_a_large_copy_is_a_tensor_like_any_other() -> None:
    """It learns, is copied and saved, and lives as long as anything uses it."""
    given = torch.rand(LARGE)
    parameter = torch.nn.Parameter(copied(given))
    gc.collect()
    file = io.BytesIO()
    torch.save(parameter, file)
    file.seek(0)
    for same in (copy.deepcopy(parameter), torch.load(file)):
        assert torch.equal(same, given)
    parameter.sum().backward()
    with torch.no_grad():
        assert parameter.grad is not None
        parameter -= parameter.grad
    assert torch.equal(parameter, given - 1)


def test_where_there_are_no_huge_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that has none refuses them, and other systems have no word for them: the copy is the same."""

    class Refusing(mmap.mmap):
        """What a kernel without huge pages gives."""

        def madvise(self, *_: int) -> None:
            """Refuse."""
            raise OSError(22, "Invalid argument")

    tensor = torch.rand(LARGE)
    if sys.platform == "linux":
        monkeypatch.setattr(memory.mmap, "mmap", Refusing)
        assert torch.equal(copied(tensor), tensor)
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    assert torch.equal(copied(tensor), tensor)


def test_large_tensors_ask_for_huge_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Linux, and only those that are large: in small ones there would be nothing to gain."""
    if sys.platform != "linux":
        pytest.skip("huge pages are asked for on Linux only")
    asked = []

    class Recording(mmap.mmap):
        """Says what it was asked."""

        def madvise(self, *advice: int) -> None:
            """Keep the advice."""
            asked.append((len(self), advice))

    monkeypatch.setattr(memory.mmap, "mmap", Recording)
    copied(torch.rand(SMALL))
    assert not asked
    copied(torch.rand(LARGE))
    assert asked == [(4 * LARGE[0] * LARGE[1], (mmap.MADV_HUGEPAGE,))]
