"""The operations that move and make tensors do what their torch and einops functions do."""

from collections.abc import Callable

import einops
import pytest
import torch
from torch import Tensor

from archspec.catalog.operation_table import TABLE


def numbers(*shape: int) -> Tensor:
    """Numbers from -1 to 1, all different."""
    return torch.arange(1, 1 + torch.Size(shape).numel()).sin().reshape(shape)


X = numbers(2, 3, 4)
ROW = numbers(1, 4)
MASK = numbers(2, 3, 4) > 0
INDEX = torch.tensor([[0, 2, 1], [1, 0, 0]])
PICK = torch.tensor([2, 0])

CASES: dict[str, tuple[tuple[Tensor, ...], dict[str, object], Callable[..., object]]] = {
    # Shape
    "broadcast_to": ((ROW,), {"size": [3, 4]}, lambda x: torch.broadcast_to(x, (3, 4))),
    "chunk": ((X,), {"chunks": 2, "dim": 2}, lambda x: x.chunk(2, 2)),
    "contiguous": ((X.transpose(0, 1),), {}, lambda x: x.contiguous()),
    "diagonal": ((X,), {"offset": 1, "dim1": 1, "dim2": 2}, lambda x: x.diagonal(1, 1, 2)),
    "expand": ((ROW,), {"sizes": [2, 3, -1]}, lambda x: x.expand(2, 3, -1)),
    "expand_as": ((ROW, X), {}, lambda x, y: x.expand_as(y)),
    "flatten": ((X,), {"start_dim": 1}, lambda x: torch.flatten(x, 1)),
    "flip": ((X,), {"dims": [0, 2]}, lambda x: x.flip(0, 2)),
    "movedim": ((X,), {"source": [0, 1], "destination": [2, 0]}, lambda x: x.movedim((0, 1), (2, 0))),
    "narrow": ((X,), {"dim": 2, "start": 1, "length": 2}, lambda x: x[:, :, 1:3]),
    "permute": ((X,), {"dims": [0, -1, 1]}, lambda x: x.permute(0, 2, 1)),
    "repeat_interleave": ((X,), {"repeats": 2, "dim": 1}, lambda x: x.repeat_interleave(2, 1)),
    "reshape": ((X,), {"shape": [2, -1]}, lambda x: x.reshape(2, 12)),
    "roll": ((X,), {"shifts": [1, -1], "dims": [1, 2]}, lambda x: x.roll((1, -1), (1, 2))),
    "rot90": ((X,), {"dims": [1, 2]}, lambda x: x.rot90(1, (1, 2))),
    "select": ((X,), {"dim": 1, "index": -1}, lambda x: x[:, -1]),
    "slice": ((X,), {"dim": -1, "start": 1, "step": 2}, lambda x: x[..., 1::2]),
    "split": ((X,), {"split_size_or_sections": [1, 3], "dim": 2}, lambda x: x.split([1, 3], 2)),
    "squeeze": ((ROW[None],), {"dim": [0, 1]}, lambda x: x[0, 0]),
    "swapaxes": ((X,), {"axis0": 0, "axis1": 2}, lambda x: x.transpose(0, 2)),
    "tile": ((ROW,), {"dims": [2, 1, 2]}, lambda x: x.tile(2, 1, 2)),
    "transpose": ((X,), {"dim0": 1, "dim1": 2}, lambda x: x.transpose(1, 2)),
    "unbind": ((X,), {"dim": 1}, lambda x: (x[:, 0], x[:, 1], x[:, 2])),
    "unflatten": ((X,), {"dim": 2, "sizes": [2, -1]}, lambda x: x.reshape(2, 3, 2, 2)),
    "unsqueeze": ((X,), {"dim": 1}, lambda x: x[:, None]),
    "view": ((X,), {"shape": [6, 4]}, lambda x: x.view(6, 4)),
    "view_as": ((X, numbers(6, 4)), {}, lambda x, y: x.view_as(y)),
    # Joining and picking
    "broadcast_tensors": ((X, ROW), {}, lambda x, y: (x, y.expand(2, 3, 4))),
    "cat": ((X, X, X), {"dim": 1}, lambda *tensors: torch.cat(tensors, 1)),
    "gather": ((numbers(2, 3), INDEX), {"dim": 1}, lambda x, i: x.gather(1, i)),
    "index_add": (
        (numbers(3, 2), PICK, numbers(2, 2)),
        {"dim": 0, "alpha": 2},
        lambda x, i, y: x.index_add(0, i, y * 2),
    ),
    "index_select": ((X, PICK), {"dim": 1}, lambda x, i: x[:, i]),
    "masked_fill": ((X, MASK), {"value": float("-inf")}, lambda x, m: x.masked_fill(m, float("-inf"))),
    "meshgrid": ((ROW[0], PICK.float()), {"indexing": "ij"}, lambda x, y: (x[:, None].expand(4, 2), y.expand(4, 2))),
    "scatter": ((numbers(2, 3), INDEX[:, :1], numbers(2, 1)), {"dim": 1}, lambda x, i, y: x.scatter(1, i, y)),
    "scatter_add": ((numbers(2, 3), INDEX, numbers(2, 3)), {"dim": 1}, lambda x, i, y: x.scatter_add(1, i, y)),
    "stack": ((X, X), {"dim": -1}, lambda *tensors: torch.stack(tensors, -1)),
    "take_along_dim": ((numbers(2, 3), INDEX), {"dim": 1}, lambda x, i: x.take_along_dim(i, 1)),
    "tril": ((X,), {"diagonal": -1}, lambda x: x.tril(-1)),
    "triu": ((X,), {"diagonal": 1}, lambda x: x.triu(1)),
    "where": ((MASK, X, X * 2), {}, torch.where),
    # einops
    "rearrange": (
        (X,),
        {"pattern": "n (h d) c -> n h (d c)", "h": 3},
        lambda x: einops.rearrange(x, "n (h d) c -> n h (d c)", h=3),
    ),
    "reduce": (
        (X,),
        {"pattern": "n h (w p) -> n w", "reduction": "max", "p": 2},
        lambda x: einops.reduce(x, "n h (w p) -> n w", "max", p=2),
    ),
    "repeat": (
        (ROW,),
        {"pattern": "1 d -> b 1 d", "b": 3},
        lambda x: einops.repeat(x, "1 d -> b 1 d", b=3),
    ),
    # New tensors
    "arange": ((X,), {"end": 5}, lambda _: torch.arange(5)),
    "eye": ((X,), {"n": 3, "m": 2, "dtype": "float64"}, lambda _: torch.eye(3, 2, dtype=torch.float64)),
    "full": ((X,), {"size": [2, 3], "fill_value": 7}, lambda _: torch.full((2, 3), 7)),
    "linspace": ((X,), {"start": 0, "end": 1.0, "steps": 5}, lambda _: torch.linspace(0, 1, 5)),
    "ones": ((X,), {"size": [2], "dtype": "bool"}, lambda _: torch.ones(2, dtype=torch.bool)),
    "rand": ((X,), {"size": [2, 3]}, lambda _: torch.rand(2, 3)),
    "randn": ((X,), {"size": [2, 3]}, lambda _: torch.randn(2, 3)),
    "zeros": ((X,), {"size": [], "dtype": "int64"}, lambda _: torch.zeros((), dtype=torch.int64)),
    "bernoulli": ((X.abs(),), {}, torch.bernoulli),
    "full_like": ((X,), {"fill_value": float("inf")}, lambda x: torch.full_like(x, float("inf"))),
    "new_full": ((X.half(),), {"size": [2], "fill_value": 0.5}, lambda x: x.new_full((2,), 0.5)),
    "new_ones": ((X.half(),), {"size": [2]}, lambda x: x.new_ones(2)),
    "new_zeros": ((X.half(),), {"size": [2, 1]}, lambda x: x.new_zeros(2, 1)),
    "ones_like": ((X.half(),), {}, torch.ones_like),
    "rand_like": ((X,), {}, torch.rand_like),
    "randn_like": ((X,), {"dtype": "float64"}, lambda x: torch.randn_like(x, dtype=torch.float64)),
    "zeros_like": ((X,), {"dtype": "int32"}, lambda x: torch.zeros_like(x, dtype=torch.int32)),
    # Kinds of tensor
    "bfloat16": ((X,), {}, lambda x: x.to(torch.bfloat16)),
    "bool": ((X,), {}, lambda x: x.to(torch.bool)),
    "clone": ((X,), {}, lambda x: x.clone()),
    "detach": ((X,), {}, lambda x: x.detach()),
    "double": ((X,), {}, lambda x: x.to(torch.float64)),
    "float": ((MASK,), {}, lambda x: x.to(torch.float32)),
    "half": ((X,), {}, lambda x: x.to(torch.float16)),
    "int": ((X,), {}, lambda x: x.to(torch.int32)),
    "long": ((X,), {}, lambda x: x.to(torch.int64)),
    "to": ((X,), {"dtype": "bfloat16"}, lambda x: x.to(torch.bfloat16)),
    "type_as": ((X, INDEX), {}, lambda x, y: x.to(y.dtype)),
}


@pytest.mark.parametrize("name", CASES)
def test_does_what_torch_does(name: str, check_operation: Callable[..., None]) -> None:
    """An operation gives what plain torch code gives, and on meta the same shapes and dtypes."""
    check_operation(name, *CASES[name])


def test_every_operation_is_tried(names_of_table: Callable[[str], list[str]]) -> None:
    """No line of the table goes without a case."""
    assert sorted(CASES) == sorted(names_of_table(TABLE))


@pytest.mark.parametrize(
    ("name", "tensors", "arguments", "expected"),
    [
        ("arange", (X,), {"start": 1, "end": 2, "step": 0.25, "dtype": "float16"}, [1.0, 1.25, 1.5, 1.75]),
        ("slice", (ROW[0],), {"end": -1}, ROW[0, :3].tolist()),
        ("slice", (X,), {"start": 1, "dim": 2}, X[:, :, 1:].tolist()),
        ("where", (MASK[0, 0], X[0, 0]), {"other": 0}, [max(value, 0.0) for value in X[0, 0].tolist()]),
        ("split", (ROW[0],), {"split_size_or_sections": 3}, [ROW[0, :3].tolist(), ROW[0, 3:].tolist()]),
        ("squeeze", (ROW[None],), {}, ROW[0].tolist()),
    ],
)
def test_other_forms(
    name: str,
    tensors: tuple[Tensor, ...],
    arguments: dict[str, object],
    expected: list[object],
    run_operation: Callable[..., object],
) -> None:
    """Arguments that may be left out, and tensors that may be numbers, give what their torch function gives."""
    result = run_operation(name, tensors, arguments)
    parts = [part.tolist() for part in result] if isinstance(result, tuple) else result.tolist()  # type: ignore[attr-defined]
    assert parts == expected


def test_new_tensors_are_made_where_another_is(run_operation: Callable[..., Tensor]) -> None:
    """A tensor that an operation makes lives on the device of the tensor it is given, and not on the default one."""
    assert run_operation("zeros", (X.to("meta"),), {"size": [2]}).is_meta


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("chunk", {"chunks": 2**31}, "chunk would give 1,073,741,824 tensors, more than 10,000"),
        ("split", {"split_size_or_sections": 1}, "split would give 1,073,741,824 tensors, more than 10,000"),
        ("unbind", {}, "unbind would give 1,073,741,824 tensors, more than 10,000"),
    ],
)
def test_a_tensor_is_not_cut_into_countless_pieces(
    name: str, arguments: dict[str, object], message: str, run_operation: Callable[..., object]
) -> None:
    """A spec cannot make the check build a billion tensors out of one that takes no memory."""
    with pytest.raises(ValueError, match=f"^{message}$"):
        run_operation(name, (torch.empty(2**30, device="meta"),), arguments)


@pytest.mark.parametrize("dim", [3, -4, 2**40])
def test_a_slice_of_no_dimension_is_refused(dim: int, run_operation: Callable[..., object]) -> None:
    """A dimension out of range is an error in torch's words, and costs nothing however large it is."""
    with pytest.raises(IndexError, match=rf"^Dimension out of range \(of 3 dimensions, but got {dim}\)$"):
        run_operation("slice", (X,), {"dim": dim})
