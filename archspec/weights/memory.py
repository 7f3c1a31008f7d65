"""Memory: in comes a tensor, out goes its copy, alone in its memory and where PyTorch would put it."""

import mmap
import sys
from contextlib import suppress

import torch

__all__ = ["copied"]

_LARGE = 8 * 2**20  # bytes; a huge page is mostly 2 MiB


def copied(tensor: torch.Tensor) -> torch.Tensor:
    """A contiguous copy with a storage of its own.

    To copy the weights of a large layer, the kernel mostly hands out memory, in pages of 4 KiB that each cost a fault.
    Where Linux has huge pages to give, the copy asks for them, which can take a third of the time.

    Args:
        tensor: of any shape and dtype; the copy has the same, and its device.
    """
    if sys.platform == "linux" and tensor.device.type == "cpu" and tensor.nbytes >= _LARGE:
        block = mmap.mmap(-1, tensor.nbytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        with suppress(OSError):  # a kernel without them
            block.madvise(mmap.MADV_HUGEPAGE)
        copy = torch.frombuffer(block, dtype=torch.uint8).view(tensor.dtype).view(tensor.shape)
        return copy.copy_(tensor)
    return tensor.clone(memory_format=torch.contiguous_format)
