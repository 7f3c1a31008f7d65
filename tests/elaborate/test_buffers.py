"""Buffers that a formula works out: their types when a spec is checked, their numbers when the model is built."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

import archspec
from archspec.catalog.registry import Registry
from archspec.errors import LimitError, SpecError
from archspec.limits import Limits

HEAD = "archspec: 1\nname: Net\ninput: [N, 4]\nmodel:\n"
VALUE = torch.arange(4)


def spec(compute: str, value: str = "$(range(4))", more: str = "") -> str:
    """A model whose buffer `grid` is worked out, and whose output is its input."""
    buffer = f"  grid: {{Buffer: {{value: {value!r}, compute: {compute!r}{more}}}}}\n"
    return f"{HEAD}{buffer}  out: {{ReLU: , from: input}}\noutput: [out, grid]\n"


@pytest.mark.parametrize(
    ("compute", "expected"),
    [
        ("value", VALUE),
        ("value * 0.5", VALUE * 0.5),
        ("value[:, None] - value", VALUE[:, None] - VALUE),
        ("cat(value, value + $(2 ** 3))", torch.cat([VALUE, VALUE + 8])),
        ("sin(value * 0.1)", torch.sin(VALUE * 0.1)),
        ("repeat(value, 'a -> b a', b=2)", VALUE.repeat(2, 1)),
        ("arange(value, end=3)", torch.arange(3)),
        ("chunk(value, 2)[1]", VALUE[2:]),
        ("expand(value[:, None], [-1, 3])", VALUE[:, None].expand(-1, 3)),
        ("value < 2", VALUE < 2),
    ],
)
def test_a_buffer_is_what_its_formula_gives(compute: str, expected: torch.Tensor) -> None:
    """The formula is run on the value as plain PyTorch would; shape and dtype are known before."""
    compilation = archspec.compile(spec(compute))
    states = dict(compilation.graph.state())
    grid = compilation.build().grid
    assert torch.equal(grid, expected)
    assert (grid.dtype, grid.is_contiguous()) == (expected.dtype, True)
    assert (states["grid"].shape, states["grid"].dtype) == (tuple(expected.shape), str(expected.dtype)[6:])


def test_a_dtype_is_that_of_the_result() -> None:
    """The formula starts from what PyTorch makes of the value; `dtype` and `persistent` are the buffer's."""
    model = archspec.build(spec("value / 3", more=", dtype: float64, persistent: false"))
    assert torch.equal(model.grid, (VALUE / 3).to(torch.float64))
    assert [*model.state_dict()] == []


def test_dtype_and_device_of_the_model() -> None:
    """`dtype=` rounds what was worked out in full; integers stay; on meta nothing is worked out."""
    model = archspec.build(spec("value / 3"), dtype=torch.bfloat16)
    assert torch.equal(model.grid, (VALUE / 3).to(torch.bfloat16))
    assert archspec.build(spec("value + 1"), dtype=torch.bfloat16).grid.dtype == torch.int64
    on_meta = archspec.build(spec("value // 0"), device="meta").grid
    assert (on_meta.is_meta, on_meta.shape, on_meta.dtype) == (True, (4,), torch.int64)
    with torch.device("meta"):
        assert archspec.build(spec("arange(value, end=3)")).grid.is_meta


def test_the_callers_random_state_is_of_no_matter() -> None:
    """A formula draws no random numbers unless it names an operation that does."""
    before = torch.random.get_rng_state()
    archspec.build(spec("value * 2"))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_operations_of_the_caller() -> None:
    """What is registered can be named in a formula, as in every other."""
    registry = Registry()
    registry.register(lambda x: x * 10, name="tenfold")
    model = archspec.compile(spec("tenfold(value) + 1"), registry=registry).build()
    assert torch.equal(model.grid, VALUE * 10 + 1)


def test_a_formula_of_a_block_reads_the_blocks_params() -> None:
    """`$` puts values of params in, so each call of a block has its own buffer."""
    text = (
        "archspec: 1\ninput: [N, 4]\nmodel: [{Shift: {by: 1}}, {Shift: {by: 2}}]\nblocks:\n  Shift:\n"
        "    params: {by: int}\n    model:\n      shift: {Buffer: {value: [0, 1, 2, 3], compute: value * $by}}\n"
        "      out: {add: , from: [input, shift]}\n"
    )
    model = archspec.build(text)
    assert [block.shift.tolist() for block in model] == [[0, 1, 2, 3], [0, 2, 4, 6]]


class LargestOnCpu(TorchDispatchMode):
    """Remembers the largest tensor with numbers in it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # torch gives it no types
        self.bytes = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run it."""
        made = func(*args, **(kwargs or {}))
        tensors = [item for item in tree_leaves(made) if isinstance(item, torch.Tensor) and not item.is_meta]
        self.bytes = max([self.bytes, *(item.nbytes for item in tensors)])
        return made


def test_checking_allocates_nothing() -> None:
    """A buffer of 2 GiB is checked without its memory: only the written value is made."""
    with LargestOnCpu() as largest:
        compilation = archspec.compile(spec("arange(value, end=268435456)"))
    assert dict(compilation.graph.state())["grid"].shape == (2**28,)
    assert largest.bytes <= VALUE.nbytes


@pytest.mark.parametrize(
    ("compute", "needed"),
    [
        ("value + 1", 32 + 32),  # the value is four numbers of eight bytes
        ("sum(value[:, None] * value)", 32 + 32 + 16 * 8 + 8),  # the column, which is a view, counts as well
    ],
)
def test_what_a_formula_makes_on_the_way_counts(compute: str, needed: int) -> None:
    """All tensors that a formula makes together keep `parameter_bytes`, however small its result is."""
    archspec.compile(spec(compute), limits=Limits(parameter_bytes=needed))
    with pytest.raises(LimitError, match="bytes of all tensors that this formula makes"):
        archspec.compile(spec(compute), limits=Limits(parameter_bytes=needed - 1))


def test_what_an_operation_makes_within_counts() -> None:
    """An operation that needs more memory than its result is seen through."""
    outer = "einsum(arange(value, end=100000), arange(value, end=100000), pattern='i, i -> ')"
    with pytest.raises(LimitError, match="bytes of all tensors that this formula makes"):
        archspec.compile(spec(outer), limits=Limits(parameter_bytes=32 + 2 * 800_000 + 8))


def test_a_formula_is_counted_by_its_parts() -> None:
    """Each part of a formula is a step like a node: ten thousand buffers of a long formula each are refused."""
    long = " + ".join(["value"] * 16)
    text = f"{HEAD}  grid$(i): {{Buffer: {{value: [0], compute: '{long} + $i'}}, for: i in range(10000)}}\n"
    with pytest.raises(LimitError, match="expansion_steps"):
        archspec.compile(text, limits=Limits(expansion_steps=20_000))
    node = f"{HEAD}  sum$(i): {{compute: '{long.replace('value', 'input')} + $i', for: i in range(10000)}}\n"
    with pytest.raises(LimitError, match="expansion_steps"):
        archspec.compile(node, limits=Limits(expansion_steps=20_000))


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        ("value // 0", "ZeroDivisionError"),
        ("index_select(value, value + 1, dim=0)", "index out of range in self"),
    ],
)
def test_numbers_that_do_not_fit_are_found_when_they_are_made(compute: str, reason: str) -> None:
    """What only the numbers show is an error of the spec when the model is built, with its line."""
    compilation = archspec.compile(spec(compute))
    with pytest.raises(SpecError) as caught:
        compilation.build()
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.path) == ("E0603", "grid")
    assert diagnostic.message == f"`{compute}` cannot be computed"
    assert diagnostic.span is not None
    assert diagnostic.span.line == 5
    assert [note.message for note in diagnostic.notes] == [f"PyTorch says: {reason}"]


def test_a_model_with_such_a_buffer_is_plain_pytorch() -> None:
    """The buffer is loaded, saved and moved like any other; nothing of the formula is left in the module."""
    model = archspec.build(spec("value * 0.5"))
    model.load_state_dict({"grid": torch.full((4,), 7.0)})
    assert model.to(torch.float16).grid.tolist() == [7.0] * 4
    assert dict(model.named_buffers()).keys() == {"grid"}
    assert isinstance(model, nn.Module)
