"""The preprocessing of the shipped architectures, compared with what was published."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import models

import archspec

ONE_LEVEL = 1 / 255 / 0.224
"""What one level of 256 is worth after normalising."""


def noise(height: int, width: int) -> torch.Tensor:
    """An image of noise, [3, H, W] in bytes."""
    return torch.randint(0, 256, (3, height, width), dtype=torch.uint8)


def picture(image: torch.Tensor) -> Image.Image:
    """The same as a PIL image."""
    return Image.fromarray(np.ascontiguousarray(image.permute(1, 2, 0).numpy()))


@pytest.mark.parametrize(("height", "width"), [(300, 400), (500, 333), (224, 224), (256, 256)])
def test_alexnet_evaluates_as_torchvision_does(height: int, width: int) -> None:
    """Bitwise for floats; but for a rounding for PIL images; within a level for bytes, which v2 resizes as bytes."""
    published = models.AlexNet_Weights.IMAGENET1K_V1.transforms()
    ours = archspec.transforms("alexnet")
    image = noise(height, width)
    assert torch.equal(ours(image / 255), published(image / 255))
    torch.testing.assert_close(ours(picture(image)), published(picture(image)), rtol=0, atol=1e-6)
    torch.testing.assert_close(ours(image), published(image), rtol=0, atol=1.05 * ONE_LEVEL)


@pytest.mark.parametrize("name", ["alexnet", "alexnet_2012"])
def test_both_pipelines_give_what_the_model_takes(name: str) -> None:
    """Whatever the image, training sees one crop of it."""
    compilation = archspec.compile(name)
    _, *wanted = compilation.graph.inputs[0].type.shape
    for height, width in ((300, 400), (100, 90)):
        for pipeline in ("train", "eval"):
            result = compilation.transforms(pipeline)(picture(noise(height, width)))
            assert list(result.shape[-3:]) == wanted
            assert result.dtype == torch.float32


def test_alexnet_2012_sees_ten_crops_with_the_mean_subtracted() -> None:
    """The ten patches of the paper's section 4.1, in levels of 256 around the mean."""
    image = noise(256, 256)
    crops = archspec.transforms("alexnet_2012")(picture(image))
    assert crops.shape == (10, 3, 224, 224)
    mean = 255 * torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    centre = image[:, 16:240, 16:240] - mean
    torch.testing.assert_close(crops[4], centre, rtol=0, atol=1e-3)
    torch.testing.assert_close(crops[:5].flip(-1).sort(dim=0).values, crops[5:].sort(dim=0).values)


def test_alexnet_2012_trains_on_random_crops_with_random_light() -> None:
    """The same image is another one each time, and the same one with the same seed."""
    train = archspec.transforms("alexnet_2012", "train")
    image = picture(noise(300, 280))
    torch.manual_seed(1)
    first, second = train(image), train(image)
    torch.manual_seed(1)
    assert torch.equal(first, train(image))
    assert not torch.equal(first, second)
    grey = picture(torch.full((3, 256, 256), 128, dtype=torch.uint8))
    lights = torch.stack([train(grey) for _ in range(3)])
    assert lights.flatten(2).std(dim=2).max() < 1e-3
    assert len(lights[:, :, 0, 0].unique(dim=0)) == 3
