"""Weights as safetensors: every tensor once, with what a loader needs to know."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, load_model
from torch import nn

import archspec
from archspec.emit.weights import _DTYPES, _bytes, save_weights
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


def test_what_safetensors_cannot_hold_is_an_export_error(tmp_path: Path) -> None:
    """A dtype that the format lacks, a sparse tensor and two tensors of one memory are named; nothing is written."""
    path, model = tmp_path / "part.safetensors", nn.Module()
    memory = torch.zeros(4, 4)
    model.register_buffer("first", memory[:2])
    save_weights(model, path, name="Part")
    assert load_file(path)["first"].shape == (2, 4)
    path.unlink()
    refused = {
        "safetensors cannot say that `first` and `second` share a part of their memory; clone one of them": memory[1:],
        "safetensors has no complex128 tensors, and `second` of the state_dict is one": torch.zeros(2).cdouble(),
        "safetensors has no sparse_coo tensors, and `second` of the state_dict is one": torch.eye(2).to_sparse(),
    }
    for message, tensor in refused.items():
        model.register_buffer("second", tensor)
        with pytest.raises(ExportError) as caught:
            save_weights(model, path, name="Part")
        assert str(caught.value) == message
    assert not path.exists()


def test_every_dtype_comes_back(tmp_path: Path) -> None:
    """The library reads each dtype, scalars, empty tensors and columns as they were, bit by bit."""
    path, model = tmp_path / "all.safetensors", nn.Module()
    for name in _DTYPES:
        model.register_buffer(f"of_{name}", torch.arange(6).reshape(2, 3).to(getattr(torch, name)).t())
    model.register_buffer("scalar", torch.tensor(2.5))
    model.register_buffer("empty", torch.zeros(0, 3))
    model.register_buffer("empty_too", torch.zeros(3, 0))
    save_weights(model, path, name="All")
    read, state = load_file(path), model.state_dict()
    assert read.keys() == state.keys()
    for name, value in state.items():
        assert (read[name].dtype, read[name].shape) == (value.dtype, value.shape)
        assert read[name].contiguous().reshape(-1).view(torch.uint8).tolist() == _bytes(value).tolist()


def test_tensors_can_be_used_where_they_lie(tmp_path: Path) -> None:
    """All but those behind a tensor of an odd size start at 64 bytes, so a model that is loaded copies nothing else."""
    path = tmp_path / "net.safetensors"
    spec = "archspec: 1\ninput: [N, 16]\nmodel:\n  a: {Linear: 5}\n  b: {Linear: 64}\n  c: {Linear: 32}\n"
    model = archspec.build(spec)
    save_weights(model, path, name="N" * 7)
    odd = {name for name, tensor in model.state_dict().items() if tensor.nbytes % 64}
    assert odd == {"a.bias"}
    assert {place % 64 for place in _places(path).values()} == {0}
    assert [*_places(path)][-1] == "a.bias"


def _places(path: Path) -> dict[str, int]:
    """Where in the file each tensor starts."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    return {name: start + item["data_offsets"][0] for name, item in header.items() if name != "__metadata__"}
