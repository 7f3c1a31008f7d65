"""One forward of a new model."""

import re

import pytest
import torch
from torch import nn

from archspec.commands import trial
from archspec.commands.trial import device_of, dtype_of, try_forward
from archspec.compiler import Compilation
from archspec.errors import UsageError

TOKENS = """\
archspec: 1
name: Tokens
inputs:
  tokens: {shape: [N, T=7], dtype: int64, max: 5}
  mask: {shape: [N, T=7], dtype: bool}
  bias: optional
  choice: str
model:
  embed: {Embedding: {num_embeddings: 5, embedding_dim: 4}, from: tokens}
  picked: {ModuleDict: {relu: ReLU, gelu: GELU}, from: embed, select: choice}
"""


class Recorder(nn.Module):
    """Keeps what it was called with."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[object] = []

    def forward(self, *arguments: object) -> None:
        """Look at the arguments, and at how it is called."""
        assert not self.training
        assert torch.is_inference_mode_enabled()
        self.seen = list(arguments)


def test_a_model_runs_and_says_where_and_how_long() -> None:
    """The user sees that it really works, not only that its shapes fit."""
    compilation = Compilation("lenet")
    text = try_forward(compilation.build(), compilation.graph)
    assert re.fullmatch(r"[\d,]+\.\d ms on cpu, the first run", text)


def test_a_model_runs_in_the_dtype_asked_for() -> None:
    """The inputs have the dtype of the parameters."""
    compilation = Compilation("lenet")
    model = compilation.build(dtype=torch.bfloat16)
    text = try_forward(model, compilation.graph, dtype=torch.bfloat16)
    assert text.endswith(" ms on cpu in bfloat16, the first run")


def test_meta_runs_without_a_time() -> None:
    """How fast nothing was computed tells nobody anything."""
    compilation = Compilation("lenet")
    device = torch.device("meta")
    assert try_forward(compilation.build(device=device), compilation.graph, device=device) == "ran on meta"


def test_every_kind_of_input_is_given() -> None:
    """Integers stay inside any vocabulary, a string is its first key, what is optional is left out."""
    recorder = Recorder()
    try_forward(recorder, Compilation(TOKENS).graph)
    tokens, mask, bias, choice = recorder.seen
    assert isinstance(tokens, torch.Tensor)
    assert isinstance(mask, torch.Tensor)
    assert torch.equal(tokens, torch.zeros(2, 7, dtype=torch.int64))
    assert (mask.dtype, bias, choice) == (torch.bool, None, "relu")


def test_the_model_is_left_in_the_mode_it_was_in() -> None:
    """What is written to a file afterwards is the model as it was built."""
    recorder = Recorder()
    try_forward(recorder, Compilation("lenet").graph)
    assert recorder.training


def test_a_model_with_huge_tensors_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's spec cannot fill the memory of whoever looks at it."""
    monkeypatch.setattr(trial, "LARGEST_TENSOR", 1_000)
    recorder = Recorder()
    text = try_forward(recorder, Compilation("lenet").graph)
    assert text == "not run: one of its tensors takes 36.8 KiB (--device meta allocates nothing)"
    assert recorder.seen == []


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (
            RuntimeError("\"conv\" not implemented for 'Half'"),
            'this model cannot run on cpu: "conv" not implemented for',
        ),
        (torch.OutOfMemoryError("tried to allocate"), "cpu has too little memory to run this model"),
    ],
)
def test_what_the_device_cannot_do_is_a_usage_error(failure: Exception, message: str) -> None:
    """Another `--device` or `--dtype` mends it, so it is no bug of ours."""
    model = Recorder()
    model.register_forward_pre_hook(lambda *_: (_ for _ in ()).throw(failure))
    with pytest.raises(UsageError, match=re.escape(message)):
        try_forward(model, Compilation("lenet").graph)


def test_a_failure_of_the_model_is_not_hidden() -> None:
    """The shapes were proved: if it fails all the same, that is a bug of ours."""
    model = Recorder()
    model.register_forward_pre_hook(lambda *_: (_ for _ in ()).throw(RuntimeError("mat1 and mat2")))
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        try_forward(model, Compilation("lenet").graph)


def test_a_device_that_is_not_here_is_a_usage_error() -> None:
    """The reason is torch's own, in one line."""
    with pytest.raises(UsageError, match=r"^--device nowhere cannot be used here: Expected one of [^\n]*$"):
        device_of("nowhere")


def test_a_dtype_is_named_as_pytorch_names_it() -> None:
    """The nearest name is offered."""
    assert dtype_of("bfloat16") is torch.bfloat16
    with pytest.raises(UsageError) as caught:
        dtype_of("bf16")
    assert str(caught.value) == "--dtype bf16 is no dtype of parameters: did you mean `bfloat16`?"


def test_without_options_torch_decides() -> None:
    """None is passed on as None."""
    assert (device_of(None), dtype_of(None)) == (None, None)
