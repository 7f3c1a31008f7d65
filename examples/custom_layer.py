"""Layers of your own: a class and a function that Python registers, and a spec that names them.

    python examples/custom_layer.py

A spec can name what was registered and nothing else, so one from a stranger cannot reach further than you let it.
"""

import torch
from torch import nn

import archspec

SPEC = """
archspec: 1
name: Net
params: {cap: 30.0}
input: [N, 16]
model:
  hidden: {Linear: 64}
  act: {SquaredReLU: {scale: 0.5}}
  head: {Linear: 10}
  capped: {soft_cap: {cap: $cap}}
"""


@archspec.register
class SquaredReLU(nn.Module):
    """The square of a ReLU, as in Primer (So and others, arXiv:2109.08668)."""

    def __init__(self, scale: float = 1.0) -> None:
        """Arguments with type hints are what a spec may write, and are checked."""
        super().__init__()
        self.scale = scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """It runs on meta tensors while the spec is checked, so its shapes are proved like all others."""
        return self.scale * torch.relu(x).square()


@archspec.register
def soft_cap(x: torch.Tensor, *, cap: float) -> torch.Tensor:
    """Keep numbers between -cap and cap, smoothly. Tensors come first; what follows is an argument."""
    return cap * torch.tanh(x / cap)


def main() -> None:
    """Build the model, run it, and misspell an argument."""
    model = archspec.build(SPEC, seed=0, cap=0.5)
    print(model)
    output = model(torch.randn(2, 16, generator=torch.Generator().manual_seed(0)))
    print(f"the largest of {tuple(output.shape)} numbers is {output.abs().max():.3f}, below the cap of 0.5\n")
    for diagnostic in archspec.check(SPEC.replace("scale:", "scael:")):
        print(diagnostic)


if __name__ == "__main__":
    main()
