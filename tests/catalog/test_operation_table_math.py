"""The operations of arithmetic do what their torch functions do."""

from collections.abc import Callable

import einops
import pytest
import torch
from torch import Tensor

from archspec.catalog.operation_table_math import TABLE


def numbers(*shape: int) -> Tensor:
    """Numbers from -1 to 1, all different."""
    return torch.arange(1, 1 + torch.Size(shape).numel()).sin().reshape(shape)


X = numbers(2, 3, 4)
Y = numbers(2, 3, 4).flip(0)
POSITIVE = X.abs() + 0.5
ROW = numbers(4)
MATRIX = numbers(3, 4)
SQUARE = numbers(4, 4)
TRUTH = X > 0
OTHER = Y > 0
ODD = torch.tensor([0.5, float("inf"), float("-inf"), float("nan")])
COMPLEX = torch.view_as_complex(numbers(3, 4, 2))

CASES: dict[str, tuple[tuple[Tensor, ...], dict[str, object], Callable[..., object]]] = {
    # Arithmetic
    "add": ((X, Y, ROW), {}, lambda x, y, z: x + y + z),
    "addcdiv": ((X, Y, POSITIVE), {"value": 2}, lambda x, y, z: torch.addcdiv(x, y, z, value=2)),
    "addcmul": ((X, Y, POSITIVE), {"value": 0.5}, lambda x, y, z: torch.addcmul(x, y, z, value=0.5)),
    "div": ((X, POSITIVE), {}, lambda x, y: x / y),
    "floor_divide": ((X, POSITIVE), {}, lambda x, y: x // y),
    "fmod": ((X, POSITIVE), {}, torch.fmod),
    "lerp": ((X, Y), {"weight": 0.25}, lambda x, y: torch.lerp(x, y, 0.25)),
    "maximum": ((X, Y), {}, torch.maximum),
    "minimum": ((X, Y), {}, torch.minimum),
    "mul": ((X, Y, ROW), {}, lambda x, y, z: x * y * z),
    "pow": ((POSITIVE, X), {}, lambda x, y: x**y),
    "remainder": ((X, POSITIVE), {}, lambda x, y: x % y),
    "rsub": ((X, Y), {}, lambda x, y: y - x),
    "sub": ((X, Y), {}, lambda x, y: x - y),
    # Elementwise functions
    "abs": ((X,), {}, lambda x: x.abs()),
    "atan2": ((X, Y), {}, torch.atan2),
    "ceil": ((X,), {}, lambda x: x.ceil()),
    "clamp": ((X,), {"min": -0.5, "max": 0}, lambda x: x.clamp(-0.5, 0)),
    "cos": ((X,), {}, lambda x: x.cos()),
    "erf": ((X,), {}, lambda x: x.erf()),
    "exp": ((X,), {}, lambda x: x.exp()),
    "expm1": ((X,), {}, lambda x: x.expm1()),
    "floor": ((X,), {}, lambda x: x.floor()),
    "log": ((POSITIVE,), {}, lambda x: x.log()),
    "log10": ((POSITIVE,), {}, lambda x: x.log10()),
    "log1p": ((POSITIVE,), {}, lambda x: x.log1p()),
    "log2": ((POSITIVE,), {}, lambda x: x.log2()),
    "logit": ((X.abs(),), {"eps": 1e-3}, lambda x: x.logit(1e-3)),
    "nan_to_num": ((ODD,), {"nan": 1, "posinf": 2.0}, lambda x: x.nan_to_num(1.0, 2.0)),
    "neg": ((X,), {}, lambda x: -x),
    "reciprocal": ((POSITIVE,), {}, lambda x: x.reciprocal()),
    "round": ((X,), {"decimals": 1}, lambda x: x.round(decimals=1)),
    "rsqrt": ((POSITIVE,), {}, lambda x: x.rsqrt()),
    "sigmoid": ((X,), {}, lambda x: x.sigmoid()),
    "sign": ((X,), {}, lambda x: x.sign()),
    "sin": ((X,), {}, lambda x: x.sin()),
    "sqrt": ((POSITIVE,), {}, lambda x: x.sqrt()),
    "square": ((X,), {}, lambda x: x.square()),
    "tan": ((X,), {}, lambda x: x.tan()),
    "tanh": ((X,), {}, lambda x: x.tanh()),
    "trunc": ((X * 3,), {}, lambda x: x.trunc()),
    # Comparison and logic
    "bucketize": ((X, torch.tensor([-0.5, 0.0, 0.5])), {"right": True}, lambda x, y: torch.bucketize(x, y, right=True)),
    "eq": ((X, Y), {}, lambda x, y: x == y),
    "ge": ((X, Y), {}, lambda x, y: x >= y),
    "gt": ((X, Y), {}, lambda x, y: x > y),
    "isfinite": ((ODD,), {}, lambda x: x.isfinite()),
    "isinf": ((ODD,), {}, lambda x: x.isinf()),
    "isnan": ((ODD,), {}, lambda x: x.isnan()),
    "le": ((X, Y), {}, lambda x, y: x <= y),
    "logical_and": ((TRUTH, OTHER), {}, lambda x, y: x & y),
    "logical_not": ((TRUTH,), {}, lambda x: ~x),
    "logical_or": ((TRUTH, OTHER), {}, lambda x, y: x | y),
    "logical_xor": ((TRUTH, OTHER), {}, lambda x, y: x ^ y),
    "lt": ((X, Y), {}, lambda x, y: x < y),
    "ne": ((X, Y), {}, lambda x, y: x != y),
    # Reductions
    "all": ((TRUTH,), {"dim": [0, 2]}, lambda x: x.all((0, 2))),
    "amax": ((X,), {"dim": [1, 2]}, lambda x: x.amax((1, 2))),
    "amin": ((X,), {"dim": 1, "keepdim": True}, lambda x: x.amin(1, keepdim=True)),
    "any": ((TRUTH,), {"dim": 1}, lambda x: x.any(1)),
    "argmax": ((X,), {"dim": -1}, lambda x: x.argmax(-1)),
    "argmin": ((X,), {"dim": 1, "keepdim": True}, lambda x: x.argmin(1, keepdim=True)),
    "argsort": ((X,), {"descending": True}, lambda x: x.argsort(descending=True)),
    "cumprod": ((X,), {"dim": 1, "dtype": "float64"}, lambda x: x.cumprod(1, dtype=torch.float64)),
    "cumsum": ((X,), {"dim": -1}, lambda x: x.cumsum(-1)),
    "logsumexp": ((X,), {"dim": [1, 2]}, lambda x: x.logsumexp((1, 2))),
    "max": ((X,), {"dim": 1}, lambda x: tuple(x.max(1))),
    "mean": ((X,), {"dim": [-2, -1], "keepdim": True}, lambda x: x.mean((-2, -1), keepdim=True)),
    "min": ((X,), {"dim": 1}, lambda x: tuple(x.min(1))),
    "norm": ((X,), {"p": 1, "dim": 2}, lambda x: x.abs().sum(2)),
    "prod": ((X,), {"dim": 2}, lambda x: x.prod(2)),
    "sort": ((X,), {"dim": 1}, lambda x: tuple(x.sort(1))),
    "std": ((X,), {"dim": 1, "correction": 0}, lambda x: x.std(1, correction=0)),
    "sum": ((X,), {"dim": 1}, lambda x: x.sum(1)),
    "topk": ((X,), {"k": 2}, lambda x: tuple(x.topk(2))),
    "var": ((X,), {"dim": [0, 1], "keepdim": True}, lambda x: x.var((0, 1), keepdim=True)),
    "var_mean": ((X,), {"dim": -1}, lambda x: torch.var_mean(x, -1)),
    "vector_norm": ((X,), {"ord": float("inf"), "dim": 1}, lambda x: x.abs().amax(1)),
    # Products
    "addmm": ((ROW, MATRIX, SQUARE), {"beta": 0.5}, lambda x, y, z: torch.addmm(x, y, z, beta=0.5)),
    "baddbmm": ((X[:, :1, :3], X, Y.mT), {"alpha": 2}, lambda x, y, z: torch.baddbmm(x, y, z, alpha=2)),
    "bmm": ((X, Y.mT), {}, torch.bmm),
    "cdist": ((X, Y), {"p": 1}, lambda x, y: torch.cdist(x, y, 1.0)),
    "cross": ((X[..., :3], Y[..., :3]), {}, torch.linalg.cross),
    "einsum": (
        (X, Y),
        {"pattern": "b row d, b column d -> b row column"},
        lambda x, y: einops.einsum(x, y, "b row d, b column d -> b row column"),
    ),
    "matmul": ((X, SQUARE), {}, lambda x, y: x @ y),
    "mm": ((MATRIX, SQUARE), {}, lambda x, y: x @ y),
    "outer": ((ROW, ROW), {}, lambda x, y: x[:, None] * y),
    "tensordot": ((X, SQUARE), {"dims": 1}, lambda x, y: torch.tensordot(x, y, 1)),
    # Complex numbers and spectra
    "angle": ((COMPLEX,), {}, lambda x: x.angle()),
    "complex": ((X, Y), {}, torch.complex),
    "conj": ((COMPLEX,), {}, lambda x: x.conj()),
    "fft": ((X,), {"n": 8}, lambda x: torch.fft.fft(x, 8)),
    "fft2": ((X,), {"norm": "ortho"}, lambda x: torch.fft.fft2(x, norm="ortho")),
    "ifft": ((COMPLEX,), {"dim": 0}, lambda x: torch.fft.ifft(x, dim=0)),
    "ifft2": ((COMPLEX,), {}, torch.fft.ifft2),
    "imag": ((COMPLEX,), {}, lambda x: x.imag),
    "irfft": ((COMPLEX,), {"n": 5}, lambda x: torch.fft.irfft(x, 5)),
    "irfft2": ((COMPLEX,), {"s": [3, 5]}, lambda x: torch.fft.irfft2(x, (3, 5))),
    "polar": ((POSITIVE, X), {}, torch.polar),
    "real": ((COMPLEX,), {}, lambda x: x.real),
    "rfft": ((X,), {}, torch.fft.rfft),
    "rfft2": ((X,), {"dim": [1, 2]}, lambda x: torch.fft.rfft2(x, dim=(1, 2))),
    "view_as_complex": ((X.reshape(2, 3, 2, 2),), {}, torch.view_as_complex),
    "view_as_real": ((COMPLEX,), {}, torch.view_as_real),
}


@pytest.mark.parametrize("name", CASES)
def test_does_what_torch_does(name: str, check_operation: Callable[..., None]) -> None:
    """An operation gives what plain torch code gives, and on meta the same shapes and dtypes."""
    check_operation(name, *CASES[name])


def test_every_operation_is_tried(names_of_table: Callable[[str], list[str]]) -> None:
    """No line of the table goes without a case."""
    assert sorted(CASES) == sorted(names_of_table(TABLE))


WITH_A_NUMBER: dict[str, Callable[[Tensor], Tensor]] = {
    "add": lambda x: x + 2,
    "div": lambda x: x / 2,
    "eq": lambda x: x == 2,
    "floor_divide": lambda x: x // 2,
    "fmod": lambda x: x.fmod(2),
    "ge": lambda x: x >= 2,
    "gt": lambda x: x > 2,
    "le": lambda x: x <= 2,
    "lt": lambda x: x < 2,
    "mul": lambda x: x * 2,
    "ne": lambda x: x != 2,
    "pow": lambda x: x**2,
    "remainder": lambda x: x % 2,
    "rsub": lambda x: 2 - x,
    "sub": lambda x: x - 2,
}


@pytest.mark.parametrize("name", WITH_A_NUMBER)
def test_a_number_stands_for_the_second_tensor(name: str, check_operation: Callable[..., None]) -> None:
    """`{sub: 2}` subtracts 2, and an integer tensor stays one where torch keeps it."""
    argument = "exponent" if name == "pow" else "other"
    check_operation(name, (torch.tensor([-3, 2, 5]),), {argument: 2}, WITH_A_NUMBER[name])


def test_division_rounds_when_asked(check_operation: Callable[..., None]) -> None:
    """An argument beside two tensors leaves the operator for the function."""
    check_operation("div", (X, POSITIVE), {"rounding_mode": "floor"}, lambda x, y: x // y)


@pytest.mark.parametrize("name", ["add", "div", "mul", "pow", "sub"])
def test_one_tensor_alone_is_refused(name: str, run_operation: Callable[..., object]) -> None:
    """Arithmetic on one tensor and nothing else is a mistake and not the tensor itself."""
    with pytest.raises(TypeError, match=f"^{name} takes two tensors, or one tensor and a number$"):
        run_operation(name, (X,), {})
