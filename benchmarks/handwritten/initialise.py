"""What the authors of a model fill its parameters with, by hand: in comes a model, out goes the same one.

Whatever the layers of PyTorch have filled already is filled again, as in torchvision and as `init` of a spec does it.
"""

from math import sqrt
from typing import TypeVar

from torch import nn
from torch.nn import init

__all__ = ["as_densenet", "as_resnet", "as_vgg", "as_vit"]

M = TypeVar("M", bound=nn.Module)


def as_vgg(model: M) -> M:
    """https://arxiv.org/abs/1409.1556, as torchvision has it."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            init.normal_(module.weight, std=0.01)
            init.zeros_(module.bias)
    return model


def as_resnet(model: M) -> M:
    """https://arxiv.org/abs/1512.03385, as torchvision has it."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.BatchNorm2d):
            init.ones_(module.weight)
            init.zeros_(module.bias)
    return model


def as_densenet(model: M) -> M:
    """https://arxiv.org/abs/1608.06993, as torchvision has it."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            init.kaiming_normal_(module.weight)
        elif isinstance(module, nn.BatchNorm2d):
            init.ones_(module.weight)
            init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            init.zeros_(module.bias)
    return model


def as_vit(model: M) -> M:
    """https://arxiv.org/abs/2010.11929, as torchvision has it."""
    for name, module in model.named_modules():
        if name == "conv_proj":
            fan_in = module.weight[0].numel()
            init.trunc_normal_(module.weight, std=sqrt(1 / fan_in))
            init.zeros_(module.bias)
        elif name.endswith(("mlp.0", "mlp.3")):
            init.xavier_uniform_(module.weight)
            init.normal_(module.bias, std=1e-6)
        elif name == "heads.head":
            init.zeros_(module.weight)
            init.zeros_(module.bias)
    return model
