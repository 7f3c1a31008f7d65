"""Several crops of one image: what follows them in a pipeline, and a model that averages over them."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from torch import nn

__all__ = ["AverageCrops", "EachCrop"]


class EachCrop(nn.Module):
    """Applies a transform to each of several crops, and stacks what it gives.

    Shapes: `[C, H, W]` what the transform gives for a crop, `[crops, C, H, W]` out; of batches `[N, C, H, W]` it makes
    `[N, crops, C, H, W]`.
    """

    def __init__(self, transform: Callable[[Any], Any]) -> None:
        """Take the transform: what a crop becomes."""
        super().__init__()
        self.transform = transform

    def forward(self, crops: Sequence[Any]) -> torch.Tensor:
        """All crops in one tensor."""
        return torch.stack([self.transform(crop) for crop in crops], dim=-4)


class AverageCrops(nn.Module):
    """A classifier that looks at several crops of each image and averages what it finds.

    "The network makes a prediction by extracting five 224×224 patches … as well as their horizontal reflections …, and
    averaging the predictions made by the network's softmax layer on the ten patches": Krizhevsky, Sutskever and Hinton,
    "ImageNet classification with deep convolutional neural networks", 2012, section 4.1.

    Shapes: `[N, crops, C, H, W]` in, `[N, classes]` out. All crops go through the model as one batch.

    Attributes:
        model: the classifier, `[N, C, H, W]` in and `[N, classes]` out.
        of: what is averaged, `probabilities` (after a softmax) or `logits`.
    """

    def __init__(self, model: nn.Module, of: Literal["probabilities", "logits"] = "probabilities") -> None:
        """Take the classifier; it is not copied."""
        super().__init__()
        self.model = model
        self.of = of

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The averages over the crops of each image.

        Raises:
            ValueError: the images have not five dimensions.
            TypeError: the model gives something else than a tensor.
        """
        if images.ndim != 5:  # noqa: PLR2004 - as the message says
            shape = "×".join(map(str, images.shape))
            raise ValueError(f"images with their crops are [N, crops, C, H, W], five dimensions, and not {shape}")
        logits = self.model(images.flatten(0, 1))
        if not isinstance(logits, torch.Tensor):
            raise TypeError(f"crops are averaged of a model that gives one tensor, and not a {type(logits).__name__}")
        found: torch.Tensor = logits.softmax(dim=-1) if self.of == "probabilities" else logits
        return found.reshape(*images.shape[:2], *found.shape[1:]).mean(dim=1)

    def extra_repr(self) -> str:
        """What is averaged."""
        return f"of={self.of!r}"
