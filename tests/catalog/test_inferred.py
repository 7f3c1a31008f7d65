"""`archspec.catalog.inferred`: the dimension in the table is the one torch wants."""

import pytest
import torch

from archspec.catalog.inferred import INFERRED, inferred
from archspec.catalog.modules import torch_layers

# What else each layer needs, and inputs whose dimensions all differ.
CASES: dict[str, tuple[dict[str, object], tuple[tuple[int, ...], ...]]] = {
    **{f"Conv{n}d": ({"out_channels": 5, "kernel_size": 3}, ((2, 3, 7, 8, 9)[: n + 2],)) for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": ({"out_channels": 5, "kernel_size": 3}, ((2, 3, 7, 8, 9)[: n + 2],)) for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": ({}, ((2, 3, 7, 8, 9)[: n + 2],)) for n in (1, 2, 3)},
    **{f"InstanceNorm{n}d": ({"affine": True}, ((2, 3, 7, 8, 9)[: n + 2],)) for n in (1, 2, 3)},
    "GroupNorm": ({"num_groups": 3}, ((2, 3, 7, 8),)),
    "LayerNorm": ({}, ((2, 3, 7),)),
    "RMSNorm": ({}, ((2, 3, 7),)),
    "Linear": ({"out_features": 5}, ((2, 3, 7),)),
    "Bilinear": ({"out_features": 5}, ((2, 3), (2, 7))),
    "RNN": ({"hidden_size": 5}, ((2, 3, 7),)),
    "LSTM": ({"hidden_size": 5}, ((2, 3, 7),)),
    "GRU": ({"hidden_size": 5}, ((2, 3, 7),)),
    "RNNCell": ({"hidden_size": 5}, ((2, 7),)),
    "LSTMCell": ({"hidden_size": 5}, ((2, 7),)),
    "GRUCell": ({"hidden_size": 5}, ((2, 7),)),
    "MultiheadAttention": ({"num_heads": 2}, ((5, 2, 8), (3, 2, 8), (3, 2, 8))),
    "Transformer": ({"nhead": 2, "num_encoder_layers": 1, "num_decoder_layers": 1}, ((5, 2, 8), (3, 2, 8))),
    "TransformerEncoderLayer": ({"nhead": 2}, ((5, 2, 8),)),
    "TransformerDecoderLayer": ({"nhead": 2}, ((5, 2, 8), (3, 2, 8))),
}
# They run on a CUDA device, or need targets; their arguments mean what those of their kin do.
NOT_RUN = {"SyncBatchNorm", "AdaptiveLogSoftmaxWithLoss", "LinearCrossEntropyLoss"}


def test_every_layer_of_the_table_is_tried() -> None:
    """A line added to the table needs a case here."""
    assert set(CASES) | NOT_RUN == set(INFERRED)


@pytest.mark.parametrize("name", sorted(CASES))
def test_inferred_arguments_fit_the_input(name: str) -> None:
    """A layer made with what its input decides runs on that input."""
    written, shapes = CASES[name]
    filled = {argument: shapes[where.input][where.dim] for argument, where in inferred(name).items()}
    layer = torch_layers()[name]
    with torch.device("meta"):
        layer.cls(**written, **filled)(*(torch.empty(shape) for shape in shapes))


def test_batch_norm_1d_takes_flat_inputs() -> None:
    """Dimension 1 is the features of N×C as it is the channels of N×C×L."""
    where = inferred("BatchNorm1d")["num_features"]

    assert torch.nn.BatchNorm1d((2, 3)[where.dim])(torch.ones(2, 3)).shape == (2, 3)


@pytest.mark.parametrize("name", sorted(torch_layers()))
def test_whatever_the_input_decides_is_inferred(name: str) -> None:
    """No required argument that an input decides has been forgotten."""
    decided = {
        *("in_channels", "in_features", "in1_features", "in2_features", "num_features", "num_channels"),
        *("normalized_shape", "embed_dim", "input_size", "d_model"),
    }

    assert set(torch_layers()[name].arguments) & decided == set(inferred(name))


def test_unknown_and_parameterless_layers_infer_nothing() -> None:
    """`PReLU` is `nn.PReLU()`: one parameter, whatever the input."""
    assert dict(inferred("PReLU")) == {}
    assert dict(inferred("NoSuchLayer")) == {}
