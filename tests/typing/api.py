"""The documented use of the public API, read by mypy: a signature that breaks its users' types breaks here first."""

from pathlib import Path

import torch
from torch import nn

import archspec

model: nn.Module = archspec.build("alexnet", num_classes=10)
from_path: nn.Module = archspec.build(Path("resnet.yaml"), preset="resnet50")
from_mapping: nn.Module = archspec.build({"archspec": 1, "input": ["N", 8], "model": ["ReLU"]}, device="meta")

compilation = archspec.compile(
    "resnet.yaml",
    preset="resnet50",
    params={"num_classes": 10, "layers": [3, 4, 6, 3]},
    sizes={"N": 8},
    inputs={"input": [8, 3, 128, 128]},
    limits=archspec.Limits(parameter_bytes=16 << 30),
)
parameters: int = compilation.graph.parameters
warnings: tuple[archspec.Diagnostic, ...] = compilation.diagnostics
fixed: dict[str, archspec.Diagnostic] = compilation.fixed_dimensions
macs: int = compilation.macs.total
macs_of_layer: int = compilation.macs.by_path["layer1.0.conv1"]
on_device: nn.Module = compilation.build(device=torch.device("cuda"), dtype=torch.bfloat16, seed=0)

train: nn.Module = archspec.transforms("alexnet", "train", num_classes=10)
evaluate: nn.Module = compilation.transforms("eval")
averaged: nn.Module = archspec.average_crops(model, of="logits")

from_name: nn.Module = archspec.build("resnet50", weights="IMAGENET1K_V1")
from_file: nn.Module = compilation.build(weights=Path("resnet50.pth"), allow_pickle=True)

for diagnostic in archspec.check("resnet.yaml"):
    code: str = diagnostic.code
    severity: str = diagnostic.severity
    message: str = diagnostic.message
    line: int | None = None if diagnostic.span is None else diagnostic.span.line


@archspec.register
class Scale(nn.Module):
    """A layer of the caller's own: registering it leaves its type as it is."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply every element of `x`, of any shape, by the factor."""
        return x * self.factor


@archspec.register
def shift(x: torch.Tensor, *, by: float = 1.0) -> torch.Tensor:
    """An operation of the caller's own."""
    return x + by


scale: Scale = Scale(2.0)
shifted: torch.Tensor = shift(torch.zeros(1), by=2.0)

try:
    archspec.build("resnet.yaml")
except archspec.errors.SpecError as error:
    codes: list[str] = [diagnostic.code for diagnostic in error.diagnostics]
