"""DCGAN and the variational autoencoder are what is written by hand: keys, first weights, outputs and gradients."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import nn

import archspec


class Generator(nn.Module):
    """DCGAN's generator for images of 64x64, Radford, Metz and Chintala, arXiv:1511.06434."""

    def __init__(self, latent: int = 100, width: int = 64) -> None:
        """Five transposed convolutions."""
        super().__init__()
        channels = [latent, 8 * width, 4 * width, 2 * width, width]
        layers: list[nn.Module] = []
        for index, (taken, given) in enumerate(pairwise(channels)):
            stride, padding = (1, 0) if index == 0 else (2, 1)
            layers += [nn.ConvTranspose2d(taken, given, 4, stride, padding, bias=False)]
            layers += [nn.BatchNorm2d(given), nn.ReLU(inplace=True)]
        layers += [nn.ConvTranspose2d(width, 3, 4, 2, 1, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)
        self.apply(_small)

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        """An image of random numbers."""
        image: torch.Tensor = self.main(latent)
        return image


class Discriminator(nn.Module):
    """DCGAN's discriminator for images of 64x64."""

    def __init__(self, width: int = 64) -> None:
        """Five convolutions, of which the first and the last are not normalised."""
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
        for taken in (width, 2 * width, 4 * width):
            layers += [nn.Conv2d(taken, 2 * taken, 4, 2, 1, bias=False)]
            layers += [nn.BatchNorm2d(2 * taken), nn.LeakyReLU(0.2, inplace=True)]
        layers += [nn.Conv2d(8 * width, 1, 4, 1, 0, bias=False), nn.Sigmoid()]
        self.main = nn.Sequential(*layers)
        self.apply(_small)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """One number an image."""
        score: torch.Tensor = self.main(image)
        return score.view(-1)


def _small(module: nn.Module) -> None:
    """The paper's first weights."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


class VAE(nn.Module):
    """The variational autoencoder for MNIST, Kingma and Welling, arXiv:1312.6114."""

    def __init__(self, latent: int = 20) -> None:
        """One hidden layer on each side."""
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, 500), nn.Tanh())
        self.mean = nn.Linear(500, latent)
        self.log_variance = nn.Linear(500, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, 500), nn.Tanh(), nn.Linear(500, 784), nn.Sigmoid())
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.normal_(module.bias, std=0.01)

    def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        """The reconstruction, from a random code in training, and the distribution of the code."""
        hidden = self.encoder(image.flatten(1))
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        code = mean
        if self.training:
            code = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        reconstruction = self.decoder(code).view(image.shape)
        return {"reconstruction": reconstruction, "mean": mean, "log_variance": log_variance}


MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], int]] = {
    "dcgan_generator": (Generator, (4, 100, 1, 1), 3_576_704),
    "dcgan_discriminator": (Discriminator, (4, 3, 64, 64), 2_765_568),
    "vae": (VAE, (4, 1, 28, 28), 815_824),
    "vae_2d": (lambda: VAE(latent=2), (4, 1, 28, 28), 788_788),
}


@pytest.mark.parametrize("name", MODELS)
def test_it_is_the_model_written_by_hand(name: str) -> None:
    """The same keys and first weights, and with one seed the same outputs and gradients, in both modes, bitwise."""
    written, shape, count = MODELS[name]
    torch.manual_seed(0)
    by_hand = written()
    model = archspec.build(name, seed=0)
    assert repr(model).partition("(")[2] == repr(by_hand).partition("(")[2]
    assert sum(parameter.numel() for parameter in model.parameters()) == count
    assert _different(by_hand.state_dict(), model.state_dict()) == []
    inputs = torch.rand(shape)
    for train in (True, False):
        theirs, ours = (_run(network, inputs, train=train) for network in (by_hand, model))
        assert _different(theirs, ours) == []
    assert _different(by_hand.state_dict(), model.state_dict()) == []


def _run(model: nn.Module, inputs: torch.Tensor, *, train: bool) -> dict[str, torch.Tensor]:
    """The outputs of a model and the gradients of their squares, with a seed of their own."""
    model.zero_grad()
    torch.manual_seed(1)
    output: Any = model.train(train)(inputs)
    found: dict[str, torch.Tensor] = dict(output) if isinstance(output, dict) else {"output": output}
    sum(value.square().mean() for value in found.values()).backward()  # type: ignore[union-attr]
    gradients = {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}
    assert len(gradients) == len([*model.parameters()])
    return found | gradients


def _different(some: dict[str, torch.Tensor], others: dict[str, torch.Tensor]) -> list[str]:
    """The names whose tensors are not bitwise equal; all of them must be on both sides."""
    assert list(some) == list(others)
    return [name for name, value in some.items() if not torch.equal(value, others[name])]


def test_the_code_is_random_in_training_only() -> None:
    """Two passes in training differ in the reconstruction alone; in evaluation nothing differs."""
    model, image = archspec.build("vae", seed=0), torch.rand(2, 1, 28, 28)
    for train, equal in ((True, [False, True, True]), (False, [True, True, True])):
        first, second = (model.train(train)(image) for _ in range(2))
        assert list(first) == ["reconstruction", "mean", "log_variance"]
        assert [torch.equal(first[key], second[key]) for key in first] == equal


def test_new_images_come_from_the_decoder() -> None:
    """What the doc of the spec says: the decoder alone makes images of random codes."""
    images = archspec.build("vae", seed=0).decoder(torch.randn(3, 20))
    assert images.shape == (3, 784)
    assert (images > 0).all()
    assert (images < 1).all()


@pytest.mark.parametrize(("scales", "size"), [([2, 1], 16), ([8, 4, 2, 1], 64), ([16, 8, 4, 2, 1], 128)])
def test_the_two_networks_fit(scales: list[int], size: int) -> None:
    """With the same `scales` the discriminator takes what the generator makes, at every size."""
    generator = archspec.build("dcgan_generator", scales=scales, width=2, latent=5, channels=1)
    discriminator = archspec.build("dcgan_discriminator", scales=scales, width=2, channels=1)
    images = generator(torch.randn(3, 5, 1, 1))
    assert images.shape == (3, 1, size, size)
    scores = discriminator(images)
    assert scores.shape == (3,)
    assert ((scores > 0) & (scores < 1)).all()


def test_logits() -> None:
    """Without the sigmoid the numbers are those before it."""
    models = [archspec.build("dcgan_discriminator", seed=0, width=2, logits=logits).eval() for logits in (False, True)]
    scores, logits = (model(torch.ones(2, 3, 64, 64)) for model in models)
    torch.testing.assert_close(scores, torch.sigmoid(logits))


def test_other_layers_for_the_autoencoder() -> None:
    """Its activation and its sizes are params."""
    model = archspec.build("vae", activation="ReLU", hidden=8, latent=2, channels=3, size=8)
    assert repr(model.encoder[1]) == "ReLU()"
    assert model(torch.rand(2, 3, 8, 8))["reconstruction"].shape == (2, 3, 8, 8)
