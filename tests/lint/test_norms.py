"""Biases and dropouts before a normalisation."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

Lint = Callable[..., list[tuple[str, int]]]

CONV = "Conv2d: {out_channels: 4, kernel_size: 1}"


@pytest.mark.parametrize(
    ("layer", "norm", "given"),
    [
        (CONV, "BatchNorm2d", "input: [N, 8, 16, 16]"),
        (CONV, "InstanceNorm2d", "input: [N, 8, 16, 16]"),
        (CONV, "SyncBatchNorm", "input: [N, 8, 16, 16]"),
        ("ConvTranspose1d: {out_channels: 4, kernel_size: 2}", "BatchNorm1d", "input: [N, 8, 16]"),
        ("Linear: 4", "BatchNorm1d", "input: [N, 8]"),
    ],
)
def test_a_bias_that_a_norm_takes_away(lint: Lint, layer: str, norm: str, given: str) -> None:
    """Each norm that subtracts the mean of a channel undoes what the bias of that channel adds."""
    assert lint(f"- {layer}\n- {norm}", given=given) == [("W0201", 1)]


@pytest.mark.parametrize("norm", [nn.BatchNorm2d(4), nn.InstanceNorm2d(4)])
def test_such_a_bias_changes_nothing_in_pytorch(norm: nn.Module) -> None:
    """What the warning says is true: with the bias far away, the result is the same."""
    conv, images = nn.Conv2d(8, 4, 1), torch.randn(2, 8, 5, 5)
    before = norm(conv(images))
    with torch.no_grad():
        assert conv.bias is not None
        conv.bias += 100
    torch.testing.assert_close(norm(conv(images)), before, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("- Conv2d: {out_channels: 4, kernel_size: 1, bias: false}\n- BatchNorm2d", "input: [N, 8, 16, 16]"),
        (f"- {CONV}\n- GroupNorm: 2", "input: [N, 8, 16, 16]"),  # a mean over several channels keeps differences
        (f"- {CONV}\n- ReLU\n- BatchNorm2d", "input: [N, 8, 16, 16]"),
        ("- Linear: 4\n- LayerNorm: 4", "input: [N, 8]"),
        ("- Linear: 4\n- BatchNorm1d", "input: [N, 8, 16]"),  # the bias is of dimension 2, the mean that of 1
        ("- Linear: 4\n- InstanceNorm1d: 8", "input: [N, 8, 16]"),
    ],
)
def test_a_bias_that_matters(lint: Lint, model: str, given: str) -> None:
    """There is no bias, or what follows does not take it away."""
    assert lint(model, given=given) == []


def test_a_bias_that_something_else_reads(lint: Lint) -> None:
    """In a branch without a norm, the bias counts; so it does where the model returns the tensor."""
    model = f"a: {{{CONV}}}\nb: BatchNorm2d\n"
    assert lint(model + "c: {add: , from: [a, b]}") == []
    assert lint(model, rest="output: [a, b]\n") == []
    assert lint(model) == [("W0201", 1)]


def test_a_bias_that_two_norms_read(lint: Lint) -> None:
    """Both take it away."""
    model = f"a: {{{CONV}}}\nb: {{BatchNorm2d: , from: a}}\nc: {{BatchNorm2d: , from: a}}\nd: {{add: , from: [b, c]}}"
    assert lint(model) == [("W0201", 1)]


def test_a_layer_that_is_called_again(lint: Lint) -> None:
    """Its bias is useless only if a norm follows each time."""
    conv = "Conv2d: {out_channels: 8, kernel_size: 1}"
    model = f"a: {{{conv}}}\nb: BatchNorm2d\nc: {{call: a}}\n"
    assert lint(model + "d: ReLU") == []
    assert lint(model + "d: BatchNorm2d") == [("W0201", 1)]


def test_a_bias_that_is_tied(lint: Lint) -> None:
    """Another layer needs it."""
    model = "a: {Linear: 8}\nb: BatchNorm1d\nc: {Linear: 8}"
    assert lint(model, given="input: [N, 8]", rest="tie: {c.bias: a.bias}\n") == []


def test_a_bias_inside_blocks_and_containers(lint: Lint) -> None:
    """The norm may stand in another container than the layer."""
    model = "first:\n  - Unit\n  - - BatchNorm2d\nlast: ReLU"
    assert lint(model, rest=f"blocks:\n  Unit:\n    model:\n      - {CONV}\n") == [("W0201", 8)]


def test_a_line_that_is_repeated_is_told_of_once() -> None:
    """Fifty blocks with one mistake are one warning, which says how many there are."""
    from archspec.compiler import Compilation

    text = (
        "archspec: 1\nname: Net\ninput: [N, 8, 4, 4]\nmodel:\n  - repeat: 50\n    do:\n"
        "      - Conv2d: {out_channels: 8, kernel_size: 1}\n      - BatchNorm2d\n"
    )
    (warning,) = Compilation(text).lint
    assert warning.path == "0"
    assert warning.notes[-1].message == "this is `0`, and 49 more like it are made here"


def test_a_line_that_needs_its_bias_elsewhere() -> None:
    """The fix would break the other layers of the line, so the hint is another one."""
    from archspec.compiler import Compilation

    blocks = f"blocks:\n  Unit:\n    params: {{norm: bool}}\n    model:\n      - {CONV}\n"
    blocks += "      - {BatchNorm2d: , when: norm}\n"
    text = "archspec: 1\nname: Net\ninput: [N, 8, 4, 4]\nmodel:\n  - Unit: true\n  - Unit: false\n" + blocks
    (warning,) = Compilation(text).lint
    assert warning.hint.startswith("write `bias: $(…)`")


@pytest.mark.parametrize("between", ["", "- ReLU\n", "- Flatten\n- GELU\n"])
def test_a_dropout_before_a_batch_norm(lint: Lint, between: str) -> None:
    """What has no weights hands the shifted variance on."""
    assert lint(f"- Dropout: 0.5\n{between}- BatchNorm1d", given="input: [N, 8]") == [("W0202", 1)]


def test_a_dropout_operation_before_a_batch_norm(lint: Lint) -> None:
    """The functional form does the same."""
    assert lint("a: {dropout: 0.2}\nb: BatchNorm2d") == [("W0202", 1)]


@pytest.mark.parametrize(
    "model",
    [
        "- Dropout: 0.0\n- BatchNorm1d",
        "- AlphaDropout: 0.5\n- BatchNorm1d",  # keeps the variance
        "- Dropout: 0.5\n- LayerNorm: 8",  # keeps no statistics
        "- Dropout: 0.5\n- BatchNorm1d: {track_running_stats: false}",
        "- Dropout: 0.5\n- Linear: {out_features: 8, bias: false}\n- BatchNorm1d",
        "- BatchNorm1d\n- Dropout: 0.5",
    ],
)
def test_a_dropout_that_does_no_harm(lint: Lint, model: str) -> None:
    """It is off, or what follows keeps no variance of training, or weights stand between."""
    assert lint(model, given="input: [N, 8]") == []
