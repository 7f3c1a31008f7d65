"""The documented use of the public API, read by mypy: a signature that breaks its users' types breaks here first."""

import torch
from torch import nn

import archspec

model: nn.Module = archspec.build("alexnet", num_classes=10)

compilation = archspec.compile(
    "resnet.yaml", preset="resnet50", params={"num_classes": 10}, inputs={"input": [8, 3, 128, 128]}
)
source: str = compilation.to_python()
compilation.save("model.onnx")
on_device: nn.Module = compilation.build(device="cuda", dtype=torch.bfloat16, weights="resnet50.safetensors", seed=0)

for diagnostic in archspec.check("resnet.yaml"):
    code: str = diagnostic.code
    message: str = diagnostic.message


@archspec.register
class Scale(nn.Module):
    """A layer of the caller's own: registering it leaves its type as it is."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply every element of `x`, of any shape, by the factor."""
        return x * self.factor


scale: Scale = Scale(2.0)

try:
    archspec.build("resnet.yaml")
except archspec.errors.SpecError as error:
    codes: list[str] = [diagnostic.code for diagnostic in error.diagnostics]
