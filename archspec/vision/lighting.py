"""AlexNet's colour noise: in comes a float image, out goes the same with other light."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

__all__ = ["PCALighting"]

# From images of the ImageNet training set, with colours from 0 to 1: facebookarchive/fb.resnet.torch,
# datasets/imagenet.lua, `pca`. Each column of the vectors belongs to one of the values.
_EIGENVALUES = (0.2175, 0.0188, 0.0045)
_EIGENVECTORS = ((-0.5675, 0.7192, 0.4009), (-0.5808, -0.0045, -0.8140), (-0.5836, -0.6948, 0.4203))


class PCALighting(nn.Module):
    """Adds a random amount of each principal component of the colours of a data set.

    To every pixel of an image `V @ (alpha * e)` is added, where the columns of `V` are the eigenvectors of the
    covariance of red, green and blue, `e` the eigenvalues, and `alpha` three random numbers, drawn once for an image
    from torch's default generator. Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional
    neural networks", 2012, section 4.1.

    Shapes: `[..., 3, H, W]` in and out, floats in [0, 1] in; what comes out is not cut off at 0 and 1. Each image of a
    batch gets light of its own.
    """

    def __init__(
        self,
        std: float = 0.1,
        eigenvalues: Sequence[float] = _EIGENVALUES,
        eigenvectors: Sequence[Sequence[float]] = _EIGENVECTORS,
    ) -> None:
        """Say how much, and of what.

        Args:
            std: the standard deviation of `alpha`.
            eigenvalues: of the covariance of the colours, three; by default those of ImageNet.
            eigenvectors: three rows (red, green, blue), whose columns belong to the eigenvalues.
        """
        super().__init__()
        self.std = std
        self.eigenvalues = tuple(eigenvalues)
        self.eigenvectors = tuple(tuple(row) for row in eigenvectors)

    def forward(self, image: Any) -> torch.Tensor:
        """The image with noise.

        Raises:
            TypeError: it is no tensor of floats.
            ValueError: it has not three channels.
        """
        if not isinstance(image, torch.Tensor) or not image.is_floating_point():
            kind = str(image.dtype) if isinstance(image, torch.Tensor) else type(image).__name__
            fix = "put `ToImage` and `ToDtype: {dtype: float32, scale: true}` before it"
            raise TypeError(f"PCALighting takes a tensor of floats in [0, 1], not {kind}: {fix}")
        if image.ndim < 3 or image.shape[-3] != 3:  # noqa: PLR2004 - [..., C, H, W] with red, green and blue
            raise ValueError(f"PCALighting takes images of 3 channels, [..., 3, H, W], not {list(image.shape)}")
        alpha = torch.randn(*image.shape[:-3], 3) * self.std
        components = torch.tensor(self.eigenvectors) * torch.tensor(self.eigenvalues)
        light = (alpha @ components.T)[..., None, None]
        result: torch.Tensor = image.clone()  # and added to in place: what torchvision has marked as an image stays one
        result.add_(light.to(result))
        return result

    def extra_repr(self) -> str:
        """What differs from ImageNet's light is not worth a line in a printed pipeline; how much there is, is."""
        return f"std={self.std}"
