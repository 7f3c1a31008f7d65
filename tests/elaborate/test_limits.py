"""What is counted before it is made. `tests/hostile/test_limits.py` tries every limit at its edge."""

import pytest
import torch

import archspec
from archspec.errors import LimitError
from archspec.limits import Limits

HEAD = "archspec: 1\ninput: [N, 4]\n"
MODEL = HEAD + "model: [{Linear: 100}]\n"


def test_parameter_bytes_bound_what_is_allocated() -> None:
    """A model that is too large to allocate can still be described on meta."""
    compilation = archspec.compile(MODEL, limits=Limits(parameter_bytes=1_999))
    with pytest.raises(LimitError, match="parameter_bytes"):
        compilation.build()
    compilation.build(device="meta")
    archspec.compile(MODEL, limits=Limits(parameter_bytes=2_000)).build()


@pytest.mark.parametrize(("dtype", "size"), [(torch.float16, 1_000), (None, 2_000), (torch.float64, 4_000)])
def test_parameter_bytes_are_those_of_the_dtype(dtype: torch.dtype | None, size: int) -> None:
    """Another dtype takes another amount, and never less than the limit sees."""
    limits = Limits(parameter_bytes=max(size, 2_000))
    assert archspec.compile(MODEL, limits=limits).build(dtype=dtype).get_parameter("0.weight").shape == (100, 4)
    with pytest.raises(LimitError, match="parameter_bytes"):
        archspec.compile(MODEL, limits=Limits(parameter_bytes=size - 1)).build(dtype=dtype)


def test_buffers_are_counted_too() -> None:
    """They are allocated as parameters are; one of a formula is bounded by what it grows to."""
    text = HEAD + "model: {b: {Buffer: {value: [[1.0]], compute: 'expand(value, [100, 10])'}}, r: ReLU}\n"
    with pytest.raises(LimitError, match="parameter_bytes"):
        archspec.compile(text, limits=Limits(parameter_bytes=4_003)).build()
    assert archspec.compile(text, limits=Limits(parameter_bytes=4_004)).build().get_buffer("b").shape == (100, 10)


def test_two_to_the_forty_modules_are_refused_without_expanding() -> None:
    """Blocks that call the next one twice are elaborated once each, and counted as what they would be."""
    doubling = "".join(f"  B{i}: {{model: [{{B{i + 1}: }}, {{B{i + 1}: }}]}}\n" for i in range(30))
    text = f"{HEAD}model: [B0]\nblocks:\n{doubling}  B30: {{model: [ReLU]}}\n"
    with pytest.raises(LimitError) as caught:
        archspec.compile(text, limits=Limits(expansion_steps=10**12))
    assert "(`modules`)" in caught.value.diagnostics[0].message


def test_loops_are_counted_before_they_are_expanded() -> None:
    """Nested loops of a hundred million steps are refused by multiplying, not by walking."""
    text = HEAD + "model: [{repeat: 10000, do: [{repeat: 10000, do: [ReLU]}]}]\n"
    with pytest.raises(LimitError) as caught:
        archspec.compile(text)
    assert "100,000,000 is over the limit of 400,000" in caught.value.diagnostics[0].message
