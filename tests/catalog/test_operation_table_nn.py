"""The operations of `torch.nn.functional` do what their functions do."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.ops import stochastic_depth

from archspec.catalog.operation_table_nn import TABLE


def numbers(*shape: int) -> Tensor:
    """Numbers from -1 to 1, all different."""
    return torch.arange(1, 1 + torch.Size(shape).numel()).sin().reshape(shape)


X = numbers(2, 3, 4) * 4
ROW = numbers(4)
SEQUENCE = numbers(2, 4, 6)
IMAGE = numbers(2, 4, 6, 6)
VOLUME = numbers(2, 4, 4, 4, 4)
INDEX = torch.tensor([[0, 2, 1], [1, 0, 0]])
QUERY, KEY, VALUE = numbers(2, 2, 3, 4), numbers(2, 2, 5, 4), numbers(2, 2, 5, 4).flip(0)
SCORES = numbers(2, 3)
TARGET = torch.tensor([2, 0])

CASES: dict[str, tuple[tuple[Tensor, ...], dict[str, object], Callable[..., object]]] = {
    # Activations
    "celu": ((X,), {"alpha": 2}, lambda x: F.celu(x, 2.0)),
    "elu": ((X,), {"alpha": 0.5}, lambda x: F.elu(x, 0.5)),
    "gelu": ((X,), {"approximate": "tanh"}, lambda x: F.gelu(x, approximate="tanh")),
    "glu": ((X,), {"dim": 2}, lambda x: F.glu(x, 2)),
    "hardshrink": ((X,), {"lambd": 1}, lambda x: F.hardshrink(x, 1.0)),
    "hardsigmoid": ((X,), {}, F.hardsigmoid),
    "hardswish": ((X,), {}, F.hardswish),
    "hardtanh": ((X,), {"min_val": -2, "max_val": 0.5}, lambda x: x.clamp(-2.0, 0.5)),
    "leaky_relu": ((X,), {"negative_slope": 0.2}, lambda x: F.leaky_relu(x, 0.2)),
    "log_softmax": ((X,), {"dim": 1}, lambda x: x.log_softmax(1)),
    "logsigmoid": ((X,), {}, F.logsigmoid),
    "mish": ((X,), {}, F.mish),
    "prelu": ((X, torch.tensor([0.1, 0.2, 0.3])), {}, F.prelu),
    "relu": ((X,), {}, F.relu),
    "relu6": ((X * 3,), {}, lambda x: x.clamp(0.0, 6.0)),
    "rrelu": ((X,), {"upper": 0.5}, lambda x: F.rrelu(x, upper=0.5)),
    "selu": ((X,), {}, F.selu),
    "silu": ((X,), {}, F.silu),
    "softmax": ((X,), {"dim": -1, "dtype": "float64"}, lambda x: x.double().softmax(-1)),
    "softmin": ((X,), {"dim": 1}, lambda x: F.softmin(x, 1)),
    "softplus": ((X,), {"beta": 2}, lambda x: F.softplus(x, 2.0)),
    "softshrink": ((X,), {"lambd": 0.25}, lambda x: F.softshrink(x, 0.25)),
    "softsign": ((X,), {}, F.softsign),
    "tanhshrink": ((X,), {}, F.tanhshrink),
    "threshold": ((X,), {"threshold": 0.5, "value": -1}, lambda x: F.threshold(x, 0.5, -1)),
    "gumbel_softmax": ((X,), {"hard": True, "dim": 1}, lambda x: F.gumbel_softmax(x, hard=True, dim=1)),
    # Dropout
    **dict.fromkeys(["alpha_dropout", "dropout"], ((X,), {"p": 0.3}, lambda x: x)),
    **dict.fromkeys(["dropout1d", "feature_alpha_dropout"], ((SEQUENCE,), {}, lambda x: x)),
    "dropout2d": ((IMAGE,), {}, lambda x: x),
    "dropout3d": ((VOLUME,), {}, lambda x: x),
    "stochastic_depth": ((IMAGE,), {"p": 0.5}, lambda x: x),
    # Normalisation
    "group_norm": ((IMAGE, ROW), {"num_groups": 2}, lambda x, w: F.group_norm(x, 2, w)),
    "instance_norm": ((IMAGE,), {"eps": 1e-3}, lambda x: F.instance_norm(x, eps=1e-3)),
    "layer_norm": ((X, ROW, ROW + 1), {"normalized_shape": [4]}, lambda x, w, b: F.layer_norm(x, (4,), w, b)),
    "local_response_norm": ((IMAGE,), {"size": 2, "k": 2}, lambda x: F.local_response_norm(x, 2, k=2.0)),
    "normalize": ((X,), {"dim": -1}, lambda x: F.normalize(x, dim=-1)),
    "rms_norm": ((X, ROW), {"normalized_shape": [4]}, lambda x, w: F.rms_norm(x, [4], w)),
    # Pooling
    "adaptive_avg_pool1d": ((SEQUENCE,), {"output_size": 3}, lambda x: F.adaptive_avg_pool1d(x, 3)),
    "adaptive_avg_pool2d": ((IMAGE,), {"output_size": [1, None]}, lambda x: F.adaptive_avg_pool2d(x, (1, None))),
    "adaptive_avg_pool3d": ((VOLUME,), {"output_size": [2, 1, 1]}, lambda x: F.adaptive_avg_pool3d(x, (2, 1, 1))),
    "adaptive_max_pool1d": ((SEQUENCE,), {"output_size": [2]}, lambda x: F.adaptive_max_pool1d(x, 2)),
    "adaptive_max_pool2d": (
        (IMAGE,),
        {"output_size": 2, "return_indices": True},
        lambda x: F.adaptive_max_pool2d(x, 2, return_indices=True),
    ),
    "adaptive_max_pool3d": ((VOLUME,), {"output_size": 2}, lambda x: F.adaptive_max_pool3d(x, 2)),
    "avg_pool1d": ((SEQUENCE,), {"kernel_size": 2, "stride": 1}, lambda x: F.avg_pool1d(x, 2, 1)),
    "avg_pool2d": (
        (IMAGE,),
        {"kernel_size": [3, 2], "padding": 1, "divisor_override": 5},
        lambda x: F.avg_pool2d(x, (3, 2), padding=1, divisor_override=5),
    ),
    "avg_pool3d": ((VOLUME,), {"kernel_size": 2}, lambda x: F.avg_pool3d(x, 2)),
    "lp_pool1d": ((SEQUENCE,), {"norm_type": 2, "kernel_size": 3}, lambda x: F.lp_pool1d(x, 2, 3)),
    "lp_pool2d": ((IMAGE,), {"norm_type": 1.5, "kernel_size": [2, 3]}, lambda x: F.lp_pool2d(x, 1.5, (2, 3))),
    "max_pool1d": (
        (SEQUENCE,),
        {"kernel_size": 2, "return_indices": True},
        lambda x: F.max_pool1d(x, 2, return_indices=True),
    ),
    "max_pool2d": (
        (IMAGE,),
        {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
        lambda x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True),
    ),
    "max_pool3d": ((VOLUME,), {"kernel_size": [1, 2, 2]}, lambda x: F.max_pool3d(x, (1, 2, 2))),
    # Images and windows
    "affine_grid": (
        (numbers(2, 2, 3),),
        {"size": [2, 1, 5, 5], "align_corners": False},
        lambda x: F.affine_grid(x, [2, 1, 5, 5], align_corners=False),
    ),
    "channel_shuffle": ((IMAGE,), {"groups": 2}, lambda x: F.channel_shuffle(x, 2)),
    "fold": ((numbers(1, 8, 9),), {"output_size": [4, 4], "kernel_size": 2}, lambda x: F.fold(x, (4, 4), (2, 2))),
    "grid_sample": (
        (IMAGE, numbers(2, 3, 3, 2)),
        {"padding_mode": "border", "align_corners": True},
        lambda x, y: F.grid_sample(x, y, padding_mode="border", align_corners=True),
    ),
    "interpolate": (
        (IMAGE,),
        {"scale_factor": 2, "mode": "bilinear", "align_corners": False},
        lambda x: F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False),
    ),
    "pad": ((IMAGE,), {"pad": [1, 2, -1, 0], "value": 3}, lambda x: F.pad(x, (1, 2, -1, 0), value=3.0)),
    "pixel_shuffle": ((IMAGE,), {"upscale_factor": 2}, lambda x: F.pixel_shuffle(x, 2)),
    "pixel_unshuffle": ((IMAGE,), {"downscale_factor": 3}, lambda x: F.pixel_unshuffle(x, 3)),
    "unfold": ((IMAGE,), {"kernel_size": 3, "stride": 2}, lambda x: F.unfold(x, (3, 3), stride=2)),
    # Weights that come from a Parameter
    "bilinear": ((numbers(2, 3), numbers(2, 4), numbers(5, 3, 4), numbers(5)), {}, F.bilinear),
    "conv1d": ((SEQUENCE, numbers(2, 4, 3)), {"padding": "same"}, lambda x, w: F.conv1d(x, w, padding="same")),
    "conv2d": (
        (IMAGE, numbers(6, 2, 3, 3), numbers(6)),
        {"stride": [2, 1], "padding": 1, "groups": 2},
        lambda x, w, b: F.conv2d(x, w, b, (2, 1), 1, 1, 2),
    ),
    "conv3d": ((VOLUME, numbers(2, 4, 2, 2, 2)), {"dilation": 2}, lambda x, w: F.conv3d(x, w, dilation=2)),
    "conv_transpose1d": ((SEQUENCE, numbers(4, 2, 3)), {"stride": 2}, lambda x, w: F.conv_transpose1d(x, w, stride=2)),
    "conv_transpose2d": (
        (IMAGE, numbers(4, 2, 3, 3)),
        {"stride": 2, "padding": 1, "output_padding": 1},
        lambda x, w: F.conv_transpose2d(x, w, None, 2, 1, 1),
    ),
    "conv_transpose3d": ((VOLUME, numbers(4, 2, 2, 2, 2)), {}, F.conv_transpose3d),
    "embedding": ((INDEX, numbers(3, 4)), {"padding_idx": 0}, lambda i, w: F.embedding(i, w, 0)),
    "linear": ((X, numbers(5, 4), numbers(5)), {}, F.linear),
    # Attention, similarity and encodings
    "cosine_similarity": ((X, X + 1), {"dim": -1}, lambda x, y: F.cosine_similarity(x, y, dim=-1)),
    "one_hot": ((INDEX,), {"num_classes": 4}, lambda i: F.one_hot(i, 4)),
    "pairwise_distance": (
        (SCORES, SCORES + 1),
        {"keepdim": True},
        lambda x, y: F.pairwise_distance(x, y, keepdim=True),
    ),
    "scaled_dot_product_attention": (
        (QUERY, KEY, VALUE, numbers(3, 5)),
        {"dropout_p": 0.5, "scale": 0.25},
        lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, m, scale=0.25),
    ),
    # Losses
    "binary_cross_entropy_with_logits": (
        (SCORES, SCORES.abs()),
        {"reduction": "none"},
        lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="none"),
    ),
    "cross_entropy": (
        (SCORES, TARGET, torch.tensor([0.1, 0.2, 0.3])),
        {"label_smoothing": 0.1},
        lambda x, y, w: F.cross_entropy(x, y, w, label_smoothing=0.1),
    ),
    "huber_loss": ((SCORES, SCORES.flip(0)), {"delta": 0.5}, lambda x, y: F.huber_loss(x, y, delta=0.5)),
    "kl_div": ((SCORES, SCORES.abs()), {"reduction": "batchmean"}, lambda x, y: F.kl_div(x, y, reduction="batchmean")),
    "l1_loss": ((SCORES, SCORES.flip(0)), {"reduction": "sum"}, lambda x, y: F.l1_loss(x, y, reduction="sum")),
    "mse_loss": ((SCORES, SCORES.flip(0)), {}, F.mse_loss),
    "nll_loss": ((SCORES, TARGET), {"ignore_index": 0}, lambda x, y: F.nll_loss(x, y, ignore_index=0)),
    "smooth_l1_loss": ((SCORES, SCORES.flip(0)), {"beta": 0.5}, lambda x, y: F.smooth_l1_loss(x, y, beta=0.5)),
}


@pytest.mark.parametrize("name", CASES)
def test_does_what_torch_does(name: str, check_operation: Callable[..., None]) -> None:
    """An operation gives what plain torch code gives, and on meta the same shapes and dtypes."""
    check_operation(name, *CASES[name])


def test_every_operation_is_tried(names_of_table: Callable[[str], list[str]]) -> None:
    """No line of the table goes without a case."""
    assert sorted(CASES) == sorted(names_of_table(TABLE))


IN_TRAINING: dict[str, tuple[Tensor, Callable[[Tensor], Tensor]]] = {
    "alpha_dropout": (X, lambda x: F.alpha_dropout(x, 0.25, training=True)),
    "dropout": (X, lambda x: F.dropout(x, 0.25, training=True)),
    "dropout1d": (SEQUENCE, lambda x: F.dropout1d(x, 0.25, training=True)),
    "dropout2d": (IMAGE, lambda x: F.dropout2d(x, 0.25, training=True)),
    "dropout3d": (VOLUME, lambda x: F.dropout3d(x, 0.25, training=True)),
    "feature_alpha_dropout": (SEQUENCE, lambda x: F.feature_alpha_dropout(x, 0.25, training=True)),
    "rrelu": (X, lambda x: F.rrelu(x, training=True)),
    "stochastic_depth": (numbers(8, 3, 4), lambda x: stochastic_depth(x, 0.25, "row")),
}


@pytest.mark.parametrize("name", IN_TRAINING)
def test_training_draws_the_numbers_that_torch_draws(name: str, run_operation: Callable[..., Tensor]) -> None:
    """In training, random operations give what torch gives from the same random state, and that is not the input."""
    tensor, expected = IN_TRAINING[name]
    arguments = {} if name == "rrelu" else {"p": 0.25}
    found = run_operation(name, (tensor,), arguments, training=True)
    torch.manual_seed(0)
    assert torch.equal(found, expected(tensor))
    assert not torch.equal(found, run_operation(name, (tensor,), arguments))


def test_attention_drops_out_in_training_only(run_operation: Callable[..., Tensor]) -> None:
    """`dropout_p` is for training: torch's own function would give random numbers in evaluation too."""
    found = run_operation("scaled_dot_product_attention", (QUERY, KEY, VALUE), {"dropout_p": 0.5}, training=True)
    torch.manual_seed(0)
    assert torch.equal(found, F.scaled_dot_product_attention(QUERY, KEY, VALUE, dropout_p=0.5))


@pytest.mark.parametrize(
    ("name", "tensors", "arguments", "expected"),
    [
        ("layer_norm", (X, None, ROW), {"normalized_shape": [4]}, lambda: F.layer_norm(X, [4], None, ROW)),
        ("linear", (X, numbers(5, 4), None), {}, lambda: F.linear(X, numbers(5, 4))),
        ("conv1d", (SEQUENCE, numbers(2, 4, 3), None), {}, lambda: F.conv1d(SEQUENCE, numbers(2, 4, 3))),
        ("nll_loss", (SCORES, TARGET, None), {}, lambda: F.nll_loss(SCORES, TARGET)),
    ],
)
def test_none_is_a_tensor_left_out(
    name: str,
    tensors: tuple[Tensor | None, ...],
    arguments: dict[str, object],
    expected: Callable[[], Tensor],
    run_operation: Callable[..., Tensor],
) -> None:
    """An optional tensor in the middle can be left out while a later one is given."""
    assert torch.equal(run_operation(name, tensors, arguments), expected())


def test_in_place_works_in_place(run_operation: Callable[..., Tensor]) -> None:
    """`inplace: true` is torch's own: the input itself changes and is what comes out."""
    tensor = X.clone()
    assert run_operation("relu", (tensor,), {"inplace": True}) is tensor
    assert torch.equal(tensor, F.relu(X))
