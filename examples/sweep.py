"""A sweep over params: each model is checked and counted, then trained for a moment. Run python examples/sweep.py."""

from itertools import product
from pathlib import Path

import torch

import archspec

SPEC = Path(__file__).with_name("mlp.yaml")


def main() -> None:
    """Fit a random target with each of eight models, and print how far each comes in thirty steps."""
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(64, 16, generator=generator), torch.randn(64, 1, generator=generator)
    for depth, width, activation in product((1, 3), (16, 64), ("ReLU", {"LeakyReLU": 0.1})):
        params = {"depth": depth, "width": width, "activation": activation}
        compilation = archspec.compile(SPEC, params=params)
        model = compilation.build(seed=0)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(30):
            optimizer.zero_grad()
            loss = (model(x) - y).square().mean()
            loss.backward()
            optimizer.step()
        print(f"{compilation.graph.parameters:6,} parameters  loss {loss.item():.3f}  {params}")


if __name__ == "__main__":
    main()
