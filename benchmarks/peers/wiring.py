"""What a tree of layers cannot say: the classes in Python that a peer's file names where `torch.nn` has none."""

import torch
from torch import Tensor, nn

__all__ = ["Add", "Chain", "Concat", "First", "SelfAttention", "Tokens"]


class Chain(nn.Sequential):
    """`nn.Sequential` whose layers are one argument, for those that cannot write `*args`."""

    def __init__(self, layers: list[nn.Module]) -> None:
        """Chain the layers."""
        super().__init__(*layers)


class Add(nn.Module):
    """`branch(x) + shortcut(x)`."""

    def __init__(self, branch: nn.Module, shortcut: nn.Module) -> None:
        """Keep both."""
        super().__init__()
        self.branch, self.shortcut = branch, shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Any shape; both branches give the same."""
        out: Tensor = self.branch(x) + self.shortcut(x)
        return out


class Concat(nn.Module):
    """`cat([x, branch(x)])` along the channels."""

    def __init__(self, branch: nn.Module) -> None:
        """Keep the branch."""
        super().__init__()
        self.branch = branch

    def forward(self, x: Tensor) -> Tensor:
        """N×C×… to N×(C + what the branch adds)×…."""
        return torch.cat([x, self.branch(x)], 1)


class Tokens(nn.Module):
    """A map of patches as a sequence behind a learnt class token, each with its learnt position."""

    def __init__(self, patches: int, width: int) -> None:
        """Make the class token and the positions."""
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.empty(1, patches + 1, width).normal_(std=0.02))

    def forward(self, x: Tensor) -> Tensor:
        """N×width×H×W to N×(1 + H·W)×width."""
        tokens = x.flatten(2).transpose(1, 2)
        return torch.cat([self.class_token.expand(len(x), -1, -1), tokens], 1) + self.positions


class SelfAttention(nn.Module):
    """`nn.MultiheadAttention` of a sequence over itself."""

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        """Make the attention."""
        super().__init__()
        self.attention = nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        """N×L×embed_dim to the same."""
        out: Tensor = self.attention(x, x, x, need_weights=False)[0]
        return out


class First(nn.Module):
    """The first of a sequence."""

    def forward(self, x: Tensor) -> Tensor:
        """N×L×C to N×C."""
        return x[:, 0]
