"""What the tests of weights share: one small model with all that loading must get right, and checkpoints of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import archspec
from archspec.compiler import Compilation

# A convolution, a norm with its counter, a recurrent layer, attention, a tie, and buffers of both kinds.
SPEC = """\
archspec: 1
name: Small
inputs: {tokens: {shape: [N, T=5], dtype: int64, max: 12}}
model:
  embed: {Embedding: {num_embeddings: 12, embedding_dim: 8}}
  scale: {Buffer: {value: 2.5}}
  offset: {Buffer: {value: [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], persistent: false}}
  gain: {Parameter: {shape: [8], init: ones}}
  shifted: {compute: embed * scale * gain + offset}
  rnn: {LSTM: {hidden_size: 8, num_layers: 2, batch_first: true}}
  attn: {MultiheadAttention: {num_heads: 2, batch_first: true}, from: ["rnn[0]", "rnn[0]", "rnn[0]"]}
  swapped: {transpose: [1, 2], from: "attn[0]"}
  norm: BatchNorm1d
  back: {transpose: [1, 2]}
  head: {Linear: {out_features: 12, bias: false}}
tie: {head.weight: embed.weight}
"""


@pytest.fixture(scope="session")
def compilation() -> Compilation:
    """The small model, compiled."""
    return archspec.compile(SPEC)


@pytest.fixture
def state(compilation: Compilation) -> dict[str, torch.Tensor]:
    """A `state_dict` of it that no constructor would make."""
    model = compilation.build(seed=3)
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            if tensor.is_floating_point():
                tensor.add_(torch.rand_like(tensor))
    return {key: value.clone() for key, value in model.state_dict().items()}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write bytes to a file and hand back its path."""

    def write_(data: bytes, name: str = "net.pth") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write_
