"""The Vision Transformer by hand."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

__all__ = ["VisionTransformer"]


class EncoderBlock(nn.Module):
    """Attention and an MLP, each behind a norm and added to its input."""

    def __init__(self, dim: int, heads: int, mlp_dim: int) -> None:
        """Make the layers."""
        super().__init__()
        self.ln_1 = nn.LayerNorm(dim, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(dim, heads, batch_first=True)
        self.dropout = nn.Dropout(0.0)
        self.ln_2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = nn.Sequential(
            nn.Linear(dim, mlp_dim), nn.GELU(), nn.Dropout(0.0), nn.Linear(mlp_dim, dim), nn.Dropout(0.0)
        )

    def forward(self, input: Tensor) -> Tensor:
        """N×L×dim to the same."""
        x = self.ln_1(input)
        x, _ = self.self_attention(x, x, x, need_weights=False)
        x = self.dropout(x) + input
        out: Tensor = x + self.mlp(self.ln_2(x))
        return out


class Encoder(nn.Module):
    """Blocks of which each reads what the one before gives."""

    def __init__(self, length: int, dim: int, depth: int, heads: int, mlp_dim: int) -> None:
        """Make the layers."""
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, length, dim).normal_(std=0.02))
        self.dropout = nn.Dropout(0.0)
        blocks = OrderedDict[str, nn.Module]()
        for index in range(depth):
            blocks[f"encoder_layer_{index}"] = EncoderBlock(dim, heads, mlp_dim)
        self.layers = nn.Sequential(blocks)
        self.ln = nn.LayerNorm(dim, eps=1e-6)

    def forward(self, input: Tensor) -> Tensor:
        """N×length×dim to the same."""
        out: Tensor = self.ln(self.layers(self.dropout(input + self.pos_embedding)))
        return out


class VisionTransformer(nn.Module):
    """`architectures/vit.yaml` by hand, with the preset `vit_b_16`."""

    def __init__(self, patch: int = 16, image_size: int = 224, dim: int = 768, num_classes: int = 1000) -> None:
        """Make the layers."""
        super().__init__()
        self.conv_proj = nn.Conv2d(3, dim, kernel_size=patch, stride=patch)
        self.class_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.encoder = Encoder((image_size // patch) ** 2 + 1, dim, depth=12, heads=12, mlp_dim=4 * dim)
        self.heads = nn.Sequential(OrderedDict([("head", nn.Linear(dim, num_classes))]))

    def forward(self, input: Tensor) -> Tensor:
        """N×3×image_size×image_size to N×num_classes."""
        x: Tensor = self.conv_proj(input).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(len(x), -1, -1), x], 1)
        x = self.encoder(x)
        x = self.heads(x[:, 0])
        return x  # noqa: RET504 - as people write it
