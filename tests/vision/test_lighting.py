"""AlexNet's colour noise."""

import pytest
import torch
from torch import nn
from torchvision import tv_tensors
from torchvision.transforms import v2

from archspec.vision.lighting import PCALighting


def test_it_adds_the_principal_components_times_random_numbers() -> None:
    """As section 4.1 of the paper has it: [p1, p2, p3] [a1 l1, a2 l2, a3 l3], the same at every pixel."""
    lighting = PCALighting(std=0.1)
    image = torch.rand(3, 5, 7)
    torch.manual_seed(3)
    added = lighting(image) - image
    torch.manual_seed(3)
    alpha = torch.randn(3) * 0.1
    vectors = torch.tensor(lighting.eigenvectors)
    expected = sum(vectors[:, i] * alpha[i] * lighting.eigenvalues[i] for i in range(3))
    torch.testing.assert_close(added, expected[:, None, None].expand(3, 5, 7))


def test_the_eigenvectors_are_an_orthonormal_basis() -> None:
    """So they are the components of a covariance, to the four digits that were published."""
    vectors = torch.tensor(PCALighting().eigenvectors)
    torch.testing.assert_close(vectors.T @ vectors, torch.eye(3), atol=3e-4, rtol=0)


def test_the_noise_has_the_spread_that_is_asked_for() -> None:
    """Along each component: the eigenvalue times `std`."""
    lighting = PCALighting(std=0.5, eigenvalues=(3.0, 2.0, 1.0), eigenvectors=((1, 0, 0), (0, 1, 0), (0, 0, 1)))
    spread = lighting(torch.zeros(20_000, 3, 1, 1)).flatten(1).std(dim=0)
    torch.testing.assert_close(spread, torch.tensor([1.5, 1.0, 0.5]), rtol=0.03, atol=0)


def test_each_image_of_a_batch_has_light_of_its_own() -> None:
    """And the same seed gives the same light, wherever and in whatever dtype the images are."""
    lighting = PCALighting()
    torch.manual_seed(0)
    light = lighting(torch.zeros(2, 4, 3, 2, 2))[..., 0, 0].flatten(0, 1)
    assert len(torch.unique(light, dim=0)) == 8
    torch.manual_seed(0)
    half = lighting(torch.zeros(2, 4, 3, 2, 2, dtype=torch.bfloat16))
    assert half.dtype == torch.bfloat16
    assert torch.equal(half[..., 0, 0].flatten(0, 1), light.bfloat16())


def test_it_leaves_its_input_and_marks_alone() -> None:
    """The image that comes in is not changed, and what torchvision knows as an image stays one."""
    image = tv_tensors.Image(torch.rand(3, 4, 4))
    before = image.clone()
    result = v2.Compose([PCALighting(), v2.RandomHorizontalFlip(1)])(image)
    assert torch.equal(image, before)
    assert isinstance(result, tv_tensors.Image)


def test_without_noise_it_changes_nothing() -> None:
    """A standard deviation of 0 is no light."""
    image = torch.rand(3, 4, 4)
    assert torch.equal(PCALighting(std=0)(image), image)
    assert isinstance(PCALighting(), nn.Module)
    assert repr(PCALighting(0.2)) == "PCALighting(std=0.2)"


@pytest.mark.parametrize("image", [torch.zeros(3, 2, 2, dtype=torch.uint8), "an image"], ids=["bytes", "text"])
def test_what_is_no_tensor_of_floats_is_refused(image: object) -> None:
    """The message says what to put before it."""
    with pytest.raises(TypeError, match=r"put `ToImage` and `ToDtype: {dtype: float32, scale: true}` before it"):
        PCALighting()(image)


@pytest.mark.parametrize("shape", [(1, 4, 4), (4, 4), (3, 4)])
def test_images_have_three_channels(shape: tuple[int, ...]) -> None:
    """Red, green and blue."""
    with pytest.raises(ValueError, match="takes images of 3 channels"):
        PCALighting()(torch.zeros(shape))
