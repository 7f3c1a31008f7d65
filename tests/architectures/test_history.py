"""LeNet-5 and AlexNet as their papers have them: the published counts, and the numbers of models written by hand."""

from typing import Any

import pytest
import torch
from torch import nn

import archspec

# Table I of LeCun et al. 1998: a line for each map of S2, a column for each map of C3.
TABLE_I = """
    X . . . X X X . . X X X X . X X
    X X . . . X X X . . X X X X . X
    X X X . . . X X X . . X . X X X
    . X X X . . X X X X . . X . X X
    . . X X X . . X X X X . X X . X
    . . . X X X . . X X X X . X X X
"""
READS = torch.tensor([[mark == "X" for mark in line.split()] for line in TABLE_I.strip().splitlines()])

# Two of the ten pictures of figure 3, as they are seen.
PICTURES = {
    1: """
        ...##..
        ..###..
        .####..
        ...##..
        ...##..
        ...##..
        ...##..
        ...##..
        ...##..
        .######
        .......
        .......
    """,
    6: """
        ..####.
        .##....
        ##.....
        ##.....
        ######.
        ###..##
        ##...##
        ##...##
        ###..##
        .#####.
        .......
        .......
    """,
}

LENET_COUNTS = {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164, "output": 0}
ALEXNET_COUNTS = {
    "features.conv1": 34_944,
    "features.conv2": 307_456,
    "features.conv3": 885_120,
    "features.conv4": 663_936,
    "features.conv5": 442_624,
    "classifier.fc6": 37_752_832,
    "classifier.fc7": 16_781_312,
    "classifier.fc8": 4_097_000,
}


def _squash(x: torch.Tensor) -> torch.Tensor:
    return 1.7159 * torch.tanh(x * (2 / 3))


def _draw(bound: float, *parameters: torch.Tensor) -> None:
    for parameter in parameters:
        nn.init.uniform_(parameter, -bound, bound)


class Subsampling(nn.Module):
    """Four neighbours summed, times a weight, plus a bias."""

    def __init__(self, maps: int) -> None:
        """One weight and one bias a map."""
        super().__init__()
        self.weight = nn.Parameter(torch.empty(maps, 1, 1))
        self.bias = nn.Parameter(torch.empty(maps, 1, 1))
        _draw(2.4 / 4, self.weight, self.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Half as high and wide."""
        total = x[..., ::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, ::2] + x[..., 1::2, 1::2]
        return _squash(total * self.weight + self.bias)


class SelectiveConv(nn.Module):
    """One convolution after the other, each of the maps that table I gives it."""

    def __init__(self) -> None:
        """As many parameters as there are crosses in the table, times 25, and 16 biases."""
        super().__init__()
        self.threes = nn.Conv2d(18, 6, 5, groups=6)
        self.fours = nn.Conv2d(36, 9, 5, groups=9)
        self.six = nn.Conv2d(6, 1, 5)
        for conv, maps in ((self.threes, 3), (self.fours, 4), (self.six, 6)):
            _draw(2.4 / (25 * maps), conv.weight, conv.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """16 maps of 6."""
        convs = (self.threes, self.fours, self.six)
        kernels = [kernel for conv in convs for kernel in conv.weight.split(1)]
        biases = [bias for conv in convs for bias in conv.bias.split(1)]
        maps = [
            nn.functional.conv2d(x[:, READS[:, index]], kernel, bias)
            for index, (kernel, bias) in enumerate(zip(kernels, biases, strict=True))
        ]
        return torch.cat(maps, dim=1)


class DigitDistance(nn.Module):
    """Squared distances from ten pictures, which a model is given."""

    def __init__(self) -> None:
        """No picture yet."""
        super().__init__()
        self.register_buffer("digits", torch.zeros(10, 84))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Ten distances."""
        return torch.stack([(x - picture).square().sum(dim=-1) for picture in self.digits], dim=-1)


class LeNet5(nn.Module):
    """LeNet-5 as its paper describes it."""

    def __init__(self) -> None:
        """Make the layers in order, then draw their first weights."""
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)
        self.s2 = Subsampling(6)
        self.c3 = SelectiveConv()
        self.s4 = Subsampling(16)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.f6 = nn.Linear(120, 84)
        self.output = DigitDistance()
        for layer, inputs in ((self.c1, 25), (self.c5, 400), (self.f6, 120)):
            _draw(2.4 / inputs, layer.weight, layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Ten distances, of which the smallest names the digit."""
        x = self.s2(_squash(self.c1(x)))
        x = self.s4(_squash(self.c3(x)))
        x = _squash(self.c5(x)).flatten(1)
        return self.output(_squash(self.f6(x)))


class AlexNet(nn.Module):
    """AlexNet as its paper describes it, on one card."""

    def __init__(self) -> None:
        """Make the layers in order, then draw their first weights."""
        super().__init__()
        norm = {"size": 5, "alpha": 1e-4 * 5, "beta": 0.75, "k": 2.0}
        layers: dict[str, nn.Module] = {
            "conv1": nn.Conv2d(3, 96, 11, 4, 2),
            "relu1": nn.ReLU(),
            "norm1": nn.LocalResponseNorm(**norm),
            "pool1": nn.MaxPool2d(3, 2),
            "conv2": nn.Conv2d(96, 256, 5, padding=2, groups=2),
            "relu2": nn.ReLU(),
            "norm2": nn.LocalResponseNorm(**norm),
            "pool2": nn.MaxPool2d(3, 2),
            "conv3": nn.Conv2d(256, 384, 3, padding=1),
            "relu3": nn.ReLU(),
            "conv4": nn.Conv2d(384, 384, 3, padding=1, groups=2),
            "relu4": nn.ReLU(),
            "conv5": nn.Conv2d(384, 256, 3, padding=1, groups=2),
            "relu5": nn.ReLU(),
            "pool5": nn.MaxPool2d(3, 2),
        }
        hidden: dict[str, nn.Module] = {
            "fc6": nn.Linear(9216, 4096),
            "relu6": nn.ReLU(),
            "drop6": nn.Dropout(),
            "fc7": nn.Linear(4096, 4096),
            "relu7": nn.ReLU(),
            "drop7": nn.Dropout(),
            "fc8": nn.Linear(4096, 1000),
        }
        self.features = _named(layers)
        self.classifier = _named(hidden)
        for name, module in (*layers.items(), *hidden.items()):
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.constant_(module.bias, float(name in {"conv2", "conv4", "conv5", "fc6", "fc7"}))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """A number for each class."""
        return self.classifier(self.features(x).flatten(1))


def _named(layers: dict[str, nn.Module]) -> nn.Sequential:
    chain = nn.Sequential()
    for name, layer in layers.items():
        chain.add_module(name, layer)
    return chain


@pytest.fixture
def lenet() -> nn.Module:
    """LeNet-5 from its spec."""
    return archspec.build("lenet5_1998", seed=0)


@pytest.fixture
def by_hand(lenet: nn.Module) -> nn.Module:
    """LeNet-5 from the class above, with the pictures of the spec."""
    torch.manual_seed(0)
    model = LeNet5()
    model.output.digits.copy_(lenet.output.digits)
    return model


def _counts(model: nn.Module, paths: Any) -> dict[str, int]:
    return {path: sum(item.numel() for item in model.get_submodule(path).parameters()) for path in paths}


def test_lenet_has_the_published_counts(lenet: nn.Module) -> None:
    """Every layer has as many parameters as the paper says, 60,000 together; the pictures are no parameters."""
    assert _counts(lenet, LENET_COUNTS) == LENET_COUNTS
    assert sum(parameter.numel() for parameter in lenet.parameters()) == 60_000


def test_lenet_of_today_has_its_count() -> None:
    """The preset with plain pooling, all connections and a linear output is what is called LeNet-5 most often."""
    model = archspec.build("lenet5_modern")
    assert _counts(model, ["s2", "c3", "s4", "output"]) == {"s2": 0, "c3": 2_416, "s4": 0, "output": 850}
    assert sum(parameter.numel() for parameter in model.parameters()) == 61_706
    assert model(torch.randn(3, 1, 32, 32)).shape == (3, 10)


def test_lenet_has_the_keys_of_the_model_by_hand(lenet: nn.Module, by_hand: nn.Module) -> None:
    """The names are the paper's; what the tables and formulas say is not saved, but for the pictures."""
    assert [*lenet.state_dict()] == [*by_hand.state_dict()]


def test_lenet_begins_as_its_paper_says(lenet: nn.Module, by_hand: nn.Module) -> None:
    """First weights are drawn from -2.4 / inputs to 2.4 / inputs, in the order of the model by hand."""
    inputs = {"c1": 25, "s2": 4, "c3.threes": 75, "c3.fours": 100, "c3.six": 150, "s4": 4, "c5": 400, "f6": 120}
    for path, count in inputs.items():
        weights = torch.cat([parameter.detach().flatten() for parameter in lenet.get_submodule(path).parameters()])
        assert weights.abs().max() <= 2.4 / count
        assert weights.max() > 0.5 * 2.4 / count
        assert weights.min() < -0.5 * 2.4 / count
    theirs = by_hand.state_dict()
    assert [name for name, value in lenet.state_dict().items() if not torch.equal(value, theirs[name])] == []


def test_lenet_computes_what_its_paper_says(lenet: nn.Module, by_hand: nn.Module) -> None:
    """With the same weights, outputs and gradients are those of sixteen convolutions by table I."""
    by_hand.load_state_dict(lenet.state_dict(), strict=True)
    image = torch.randn(4, 1, 32, 32)
    outputs = [model(image) for model in (by_hand, lenet)]
    torch.testing.assert_close(outputs[1], outputs[0])
    for output in outputs:
        output[:, 3].sum().backward()
    theirs = dict(by_hand.named_parameters())
    for name, parameter in lenet.named_parameters():
        torch.testing.assert_close(parameter.grad, theirs[name].grad, msg=name)


def test_a_map_of_c3_reads_what_table_i_says(lenet: nn.Module) -> None:
    """A change in a map of S2 is seen by those maps of C3 that have a cross in its line, and by no others."""
    maps = torch.randn(1, 6, 14, 14)
    before = lenet.c3(maps)
    for index, line in enumerate(READS):
        changed = maps.clone()
        changed[:, index] += 1
        assert torch.equal((lenet.c3(changed) != before).any(dim=(0, 2, 3)), line)


def test_the_squash_of_lenet(lenet: nn.Module) -> None:
    """It takes 1 to 1 and -1 to -1, as the constants of appendix A were chosen to."""
    ends = torch.tensor([-1.0, 0.0, 1.0])
    torch.testing.assert_close(lenet.squashed1(ends), ends, atol=1e-4, rtol=0)


def test_lenet_knows_the_digits(lenet: nn.Module) -> None:
    """The ten pictures are different ones of -1 and 1, can be seen, and are at distance 0 from themselves."""
    digits = lenet.output.digits
    assert digits.shape == (10, 84)
    assert {*digits.flatten().tolist()} == {-1.0, 1.0}
    assert len({*map(tuple, digits.tolist())}) == 10
    for digit, picture in PICTURES.items():
        rows = digits[digit].view(12, 7).tolist()
        assert ["".join(".#"[number > 0] for number in row) for row in rows] == picture.split()
    distances = lenet.output(digits)
    assert distances.argmin(dim=1).tolist() == [*range(10)]
    assert distances.diagonal().tolist() == [0.0] * 10


def test_alexnet_has_the_published_counts() -> None:
    """60,965,224 parameters, in the layers where the paper's two groups put them."""
    model = archspec.build("alexnet_2012", device="meta")
    assert _counts(model, ALEXNET_COUNTS) == ALEXNET_COUNTS
    assert sum(parameter.numel() for parameter in model.parameters()) == 60_965_224


def test_the_normalisation_of_alexnet() -> None:
    """It divides by (k + alpha * squares of 5 channels) ** beta with the paper's alpha, which PyTorch would divide."""
    model = archspec.build("alexnet_2012", device="meta")
    x = torch.randn(2, 9, 3, 3) * 50
    expected = torch.empty_like(x)
    for channel in range(9):
        squares = x[:, max(0, channel - 2) : channel + 3].square().sum(dim=1)
        expected[:, channel] = x[:, channel] / (2 + 1e-4 * squares) ** 0.75
    torch.testing.assert_close(model.features.norm1(x), expected)
    assert repr(model.features.norm2) == repr(model.features.norm1)


@pytest.mark.slow
def test_alexnet_is_the_model_by_hand() -> None:
    """The same keys, first weights, outputs in both modes, and gradients."""
    torch.manual_seed(0)
    by_hand = AlexNet()
    model = archspec.build("alexnet_2012", seed=0)
    theirs, ours = by_hand.state_dict(), model.state_dict()
    assert [*ours] == [*theirs]
    assert [name for name, value in ours.items() if not torch.equal(value, theirs[name])] == []
    image = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        assert torch.equal(model.eval()(image), by_hand.eval()(image))
    outputs = []
    for each in (by_hand, model):
        torch.manual_seed(1)
        outputs.append(each.train()(image))
        outputs[-1].square().mean().backward()
    assert torch.equal(*outputs)
    gradients = dict(by_hand.named_parameters())
    for name, parameter in model.named_parameters():
        assert torch.equal(parameter.grad, gradients[name].grad), name


def test_alexnet_overlaps_its_pooling() -> None:
    """The images become smaller as in the paper: 55, 27, 13 and 6 wide."""
    graph = archspec.compile("alexnet_2012").graph
    outputs = {name: node.output.shape for name, node in graph.root.steps[0].node.children}
    sizes = [outputs[name][1:] for name in ("conv1", "pool1", "conv2", "pool2", "conv5", "pool5")]
    assert sizes == [(96, 55, 55), (96, 27, 27), (256, 27, 27), (256, 13, 13), (256, 13, 13), (256, 6, 6)]
