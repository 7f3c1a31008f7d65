"""U-Net is the network written by hand: the same keys, first weights, outputs and gradients, in both of its forms."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import archspec

WIDTHS = [4, 8, 16]


class UNet(nn.Module):
    """U-Net as it is written by hand, after the figure of Ronneberger and others, arXiv:1505.04597."""

    def __init__(self, channels: int, classes: int, widths: list[int], *, padded: bool, norm: bool) -> None:
        """Make the way down, the way up, and the head."""
        super().__init__()
        self.levels = len(widths)
        self.padded = padded
        taken = channels
        for level, width in enumerate(widths):
            self.add_module(f"encoder{level}", _convolutions(taken, width, padded=padded, norm=norm))
            taken = width
        for level in reversed(range(self.levels - 1)):
            width = widths[level]
            self.add_module(f"up{level}", nn.ConvTranspose2d(taken, width, 2, stride=2))
            self.add_module(f"decoder{level}", _convolutions(2 * width, width, padded=padded, norm=norm))
            taken = width
        self.head = nn.Conv2d(taken, classes, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Scores for every pixel, or for those whose surroundings are all in the image."""
        seen, x = [], image
        for level in range(self.levels):
            x = self.get_submodule(f"encoder{level}")(F.max_pool2d(x, 2) if level else x)
            seen.append(x)
        for level in reversed(range(self.levels - 1)):
            x, skip = self.get_submodule(f"up{level}")(x), seen[level]
            if self.padded:
                x = _centred(x, skip.shape[-2:])
            else:
                top, left = ((skip.shape[dim] - x.shape[dim]) // 2 for dim in (2, 3))
                skip = skip[:, :, top : top + x.shape[2], left : left + x.shape[3]]
            x = self.get_submodule(f"decoder{level}")(torch.cat([skip, x], dim=1))
        scores: torch.Tensor = self.head(x)
        return scores


def _convolutions(taken: int, given: int, *, padded: bool, norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (taken, given):
        layers.append(nn.Conv2d(channels, given, 3, padding=1 if padded else 0, bias=not norm))
        layers += [nn.BatchNorm2d(given)] if norm else []
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


def _centred(image: torch.Tensor, size: torch.Size) -> torch.Tensor:
    """The image in the middle of zeros; an odd row goes to the bottom, an odd column to the right."""
    larger = image.new_zeros(*image.shape[:2], *size)
    top, left = (size[0] - image.shape[2]) // 2, (size[1] - image.shape[3]) // 2
    larger[:, :, top : top + image.shape[2], left : left + image.shape[3]] = image
    return larger


# In the paper's form: the preset, the channels, and images whose sizes halve without a rest.
FORMS = {
    "same": ("unet", 3, [(2, 3, 32, 48), (1, 3, 37, 46)]),
    "valid": ("unet_valid", 1, [(2, 1, 60, 52), (1, 1, 44, 60)]),
}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    """One form after the other."""
    return str(request.param)


def _both(form: str) -> tuple[nn.Module, nn.Module]:
    name, channels, _ = FORMS[form]
    torch.manual_seed(0)
    by_hand = UNet(channels, 2, WIDTHS, padded=form == "same", norm=form == "same")
    return by_hand, archspec.compile(name, params={"widths": WIDTHS, "dropout": 0.0, "size": 64}).build(seed=0)


def test_state_and_first_weights(form: str) -> None:
    """The keys are in the same order, and `init:` draws what a constructor's loop draws."""
    by_hand, model = (built.state_dict() for built in _both(form))
    assert list(model) == list(by_hand)
    assert [key for key, value in model.items() if not torch.equal(value, by_hand[key])] == []


def test_outputs_and_gradients(form: str) -> None:
    """Bitwise equal in both modes, at sizes that halve without a rest and at others, and so are all gradients."""
    by_hand, model = _both(form)
    for shape in FORMS[form][2]:
        image = torch.randn(shape)
        for train in (True, False):
            pairs = []
            for network in (by_hand, model):
                network.zero_grad()
                scores = network.train(train)(image)
                scores.square().mean().backward()
                pairs.append([scores, *(parameter.grad for parameter in network.parameters())])
            assert pairs[0][0].std() > 0
            assert all(torch.equal(theirs, ours) for theirs, ours in zip(*pairs, strict=True))


def test_the_paper() -> None:
    """An image of 572x572 gives scores for 388x388 places, from 28x28 ones at the bottom: the paper's figure 1."""
    compilation = archspec.compile("unet_valid")
    assert compilation.graph.output.shape == (2, 2, 388, 388)
    model = compilation.build(device="meta")
    shapes: list[torch.Size] = []
    for name in ("encoder0", "encoder3", "encoder4", "decoder3", "decoder0"):
        model.get_submodule(name).register_forward_hook(lambda _, __, output: shapes.append(output.shape[1:]))
    model(torch.empty(1, 1, 572, 572, device="meta"))
    assert shapes == [(64, 568, 568), (512, 64, 64), (1024, 28, 28), (512, 52, 52), (64, 388, 388)]
    assert compilation.graph.parameters == 31_030_658


@pytest.mark.parametrize(
    ("params", "count"),
    [({}, 31_037_698), ({"num_classes": 1}, 31_037_633), ({"channels": 1, "num_classes": 1}, 31_036_481)],
)
def test_published_counts(params: dict[str, int], count: int) -> None:
    """The form with batch normalisation has the count that is published for it at these numbers of channels."""
    assert archspec.compile("unet", params=params).graph.parameters == count


def test_sizes_may_vary() -> None:
    """Padding keeps every size of image, also where a size does not halve; so nothing is fixed."""
    compilation = archspec.compile("unet", params={"widths": WIDTHS})
    assert compilation.fixed_dimensions == {}
    assert compilation.graph.output.shape == (2, 2, 256, 256)


def test_dropout_at_the_bottom() -> None:
    """`dropout` is one layer between the two ways, as the paper says; by default there is none."""
    with_it, without = (archspec.build("unet", device="meta", widths=WIDTHS, dropout=rate) for rate in (0.5, 0.0))
    names = [name for name, _ in with_it.named_children()]
    assert names[2:5] == ["encoder2", "dropout", "up1"]
    assert not hasattr(without, "dropout")
