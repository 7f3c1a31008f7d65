"""Weights as safetensors: every tensor once, with what a loader needs to know."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_model
from torch import nn

import archspec
from archspec.emit.weights import save_weights
from archspec.errors import ExportError

TIED = """\
archspec: 1
name: Tied
inputs: {tokens: {shape: [N, T=4], dtype: int64}}
model:
  wte: {Embedding: {num_embeddings: 10, embedding_dim: 6}}
  scale: {Buffer: {value: 2.5}}
  body: {compute: wte * scale}
  lm_head: {Linear: {out_features: 10, bias: false}}
tie: {lm_head.weight: wte.weight}
"""


def test_tied_weights_are_stored_once(tmp_path: Path) -> None:
    """The metadata says which key another one shares its tensor with; loading restores both, buffers too."""
    path = tmp_path / "tied.safetensors"
    model = archspec.build(TIED, seed=0)
    save_weights(model, path, name="Tied")
    with safe_open(path, "pt") as file:
        assert sorted(file.keys()) == ["lm_head.weight", "scale"]
        assert file.metadata() == {
            "format": "pt",
            "archspec": archspec.__version__,
            "name": "Tied",
            "wte.weight": "lm_head.weight",
        }
    other: Any = archspec.build(TIED, seed=1)
    assert load_model(other, path) == (set(), [])
    assert other.wte.weight is other.lm_head.weight
    assert all(torch.equal(value, other.state_dict()[key]) for key, value in model.state_dict().items())


def test_a_model_on_meta_has_no_weights(tmp_path: Path) -> None:
    """Nothing can be written of what was never allocated."""
    with pytest.raises(ExportError) as caught:
        save_weights(archspec.build(TIED, device="meta"), tmp_path / "tied.safetensors", name="Tied")
    assert str(caught.value) == "a model on the device meta has no weights to write; build it on another device"


class Extra(nn.Module):
    """A module of the caller's that keeps more than tensors."""

    def get_extra_state(self) -> int:
        """Keep a number."""
        return 5


def test_state_that_is_no_tensor_is_named(tmp_path: Path) -> None:
    """Safetensors cannot hold the extra state of a registered module."""
    with pytest.raises(ExportError) as caught:
        save_weights(nn.Sequential(Extra()), tmp_path / "extra.safetensors", name="Extra")
    assert str(caught.value) == "safetensors holds only tensors, and `0._extra_state` of the state_dict is a int"


def test_what_safetensors_refuses_is_an_export_error(tmp_path: Path) -> None:
    """The reason is safetensors' own."""
    model = nn.Module()
    model.register_buffer("part", torch.zeros(4, 4)[:2])
    with pytest.raises(ExportError, match=r"^the weights cannot be written as safetensors: Error while trying to find"):
        save_weights(model, tmp_path / "part.safetensors", name="Part")
