"""What grows: n layers in a row, and n residual blocks."""

from torch import Tensor, nn

__all__ = ["chain", "residuals"]


def chain(length: int) -> nn.Sequential:
    """`length` times (Linear, ReLU), on meta."""
    layers: list[nn.Module] = []
    for _ in range(length):
        layers += [nn.Linear(8, 8, device="meta"), nn.ReLU()]
    return nn.Sequential(*layers)


class Residual(nn.Module):
    """A linear layer and its input."""

    def __init__(self) -> None:
        """Make the layers."""
        super().__init__()
        self.linear = nn.Linear(8, 8, device="meta")
        self.relu = nn.ReLU()

    def forward(self, input: Tensor) -> Tensor:
        """N×8 to the same."""
        out: Tensor = self.relu(self.linear(input)) + input
        return out


def residuals(length: int) -> nn.Sequential:
    """`length` residual blocks, on meta."""
    return nn.Sequential(*(Residual() for _ in range(length)))
