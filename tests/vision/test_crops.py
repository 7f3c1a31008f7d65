"""Averages over several crops of an image."""

import pytest
import torch
from torch import nn

import archspec
from archspec.vision.crops import AverageCrops


@pytest.fixture
def model() -> nn.Module:
    """A classifier of small images."""
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 4, 5))


def test_probabilities_are_averaged_over_the_crops_of_each_image(model: nn.Module) -> None:
    """As the paper's: the mean of what the softmax gives for each crop, image by image."""
    images = torch.randn(2, 10, 3, 4, 4)
    found = archspec.average_crops(model)(images)
    expected = torch.stack([model(crops).softmax(dim=1).mean(dim=0) for crops in images])
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(found.sum(dim=1), torch.ones(2))


def test_logits_are_averaged_instead_where_that_is_asked_for(model: nn.Module) -> None:
    """They are not the same: the softmax comes after, if at all."""
    images = torch.randn(2, 10, 3, 4, 4)
    found = archspec.average_crops(model, of="logits")(images)
    torch.testing.assert_close(found, torch.stack([model(crops).mean(dim=0) for crops in images]))
    assert not torch.allclose(found.softmax(dim=1), archspec.average_crops(model)(images))


def test_the_model_is_not_copied(model: nn.Module) -> None:
    """It keeps its own `state_dict`, and is put into evaluation and trained through the module around it."""
    averaged = archspec.average_crops(model)
    assert isinstance(averaged, AverageCrops)
    assert averaged.model is model
    averaged.eval()
    assert not model.training
    assert list(model.state_dict()) == ["1.weight", "1.bias"]
    assert repr(averaged).startswith("AverageCrops(\n  of='probabilities'\n")


def test_images_without_crops_are_refused(model: nn.Module) -> None:
    """A batch of images is no batch of crops; the message tells the shape that is wanted."""
    with pytest.raises(ValueError, match=r"are \[N, crops, C, H, W\], five dimensions, and not 2×3×4×4$"):
        archspec.average_crops(model)(torch.zeros(2, 3, 4, 4))


def test_what_is_averaged_is_one_of_two(model: nn.Module) -> None:
    """A word that means nothing is not taken for the other one."""
    with pytest.raises(archspec.errors.UsageError, match=r"by their `probabilities` or their `logits`, not by 'prob'$"):
        archspec.average_crops(model, of="prob")  # type: ignore[arg-type]


def test_a_model_gives_one_tensor() -> None:
    """What has several outputs says so, and not that a tuple has no softmax."""

    class Two(nn.Module):
        def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return images, images

    with pytest.raises(TypeError, match=r"^crops are averaged of a model that gives one tensor, and not a tuple$"):
        archspec.average_crops(Two())(torch.zeros(1, 2, 3, 4, 4))
