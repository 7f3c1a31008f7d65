"""Pipelines as torchvision's: every transform runs, crops are stacked, and what goes wrong is told."""

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torchvision.transforms import v2

import archspec
from archspec.catalog.transforms import TRANSFORMS
from archspec.errors import SpecError, UsageError
from archspec.vision.crops import EachCrop

NEEDED: dict[str, Any] = {
    "CenterCrop": {"size": 24},
    "FiveCrop": {"size": [24, 20]},
    "GaussianBlur": {"kernel_size": [5, 3]},
    "Normalize": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.1]},
    "Pad": {"padding": [1, 2]},
    "RandomAdjustSharpness": {"sharpness_factor": 2},
    "RandomAffine": {
        "degrees": 10,
        "translate": [0.1, 0.1],
        "scale": [0.8, 1.2],
        "shear": [-5, 5, -5, 5],
        "fill": [1, 2, 3],
    },
    "RandomApply": {"transforms": [{"ColorJitter": 0.4}], "p": 1},
    "RandomChoice": {"transforms": ["RandomInvert", "Identity"], "p": [0.3, 0.7]},
    "RandomCrop": {"size": 24, "padding": 2, "pad_if_needed": True, "padding_mode": "reflect"},
    "RandomOrder": {"transforms": ["RandomInvert", "RandomHorizontalFlip"]},
    "RandomPosterize": {"bits": 3},
    "RandomResize": {"min_size": 20, "max_size": 40},
    "RandomResizedCrop": {"size": 24, "interpolation": "bicubic"},
    "RandomRotation": {"degrees": [-10, 20], "interpolation": "bilinear", "center": [3, 4], "fill": 0.5},
    "RandomShortestSize": {"min_size": [20, 30], "max_size": 60},
    "RandomSolarize": {"threshold": 0.5},
    "Resize": {"size": [24, 20], "interpolation": "nearest-exact"},
    "ScaleJitter": {"target_size": [24, 20]},
    "TenCrop": {"size": 24, "vertical_flip": True},
    "ToDtype": {"dtype": "bfloat16", "scale": True},
}
"""Arguments that a transform must have, and some that are worth trying."""


def pipeline(*transforms: Any) -> nn.Module:
    """The pipeline of these transforms."""
    spec = {"archspec": 1, "input": ["N", 3], "model": "Flatten", "transforms": {"eval": list(transforms)}}
    return archspec.transforms(spec)


def image(height: int = 32, width: int = 40) -> Image.Image:
    """An image of noise."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_is_made_and_runs(name: str) -> None:
    """Arguments reach torchvision as it takes them, with the values that a spec writes for them."""
    made = pipeline("ToImage", {"ToDtype": ["float32", True]}, {name: NEEDED.get(name)})
    result = made(image())
    assert type(made.transforms[2]).__name__ == name
    assert isinstance(result, torch.Tensor | Image.Image)
    assert pickle.loads(pickle.dumps(made)) is not made


def test_a_pipeline_is_what_one_writes_by_hand() -> None:
    """The same classes with the same arguments: random numbers and results are equal."""
    made = pipeline(
        {"RandomResizedCrop": {"size": 24, "interpolation": "bicubic"}},
        {"RandomApply": [{"ColorJitter": [0.4, [0.5, 1.5]]}]},
        {"AutoAugment": "cifar10"},
        "ToImage",
        {"ToDtype": {"dtype": "float32", "scale": True}},
        {"RandomErasing": {"p": 1, "value": "random"}},
    )
    by_hand = v2.Compose(
        [
            v2.RandomResizedCrop(24, interpolation=v2.InterpolationMode.BICUBIC),
            v2.RandomApply([v2.ColorJitter(0.4, (0.5, 1.5))]),
            v2.AutoAugment(v2.AutoAugmentPolicy.CIFAR10),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.RandomErasing(p=1.0, value="random"),
        ]
    )
    assert repr(made) == repr(by_hand)
    for seed in range(5):
        torch.manual_seed(seed)
        first = made(image())
        torch.manual_seed(seed)
        assert torch.equal(first, by_hand(image()))


def test_an_empty_pipeline_changes_nothing() -> None:
    """One whose transforms are all switched off is one too."""
    picture = image()
    assert pipeline()(picture) is picture
    assert pipeline({"RandomInvert": 1, "when": False})(picture) is picture


@pytest.mark.parametrize(("crop", "count"), [("TenCrop", 10), ("FiveCrop", 5)])
def test_what_follows_crops_is_applied_to_each(crop: str, count: int) -> None:
    """The crops of torchvision, each normalised, in one tensor; of tensors in the same way as of PIL images."""
    after: list[Any] = [
        "ToImage",
        {"ToDtype": {"dtype": "float32", "scale": True}},
        {"Normalize": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.1]}},
    ]
    finish = pipeline(*after)
    picture = image()
    crops = pipeline({crop: 24}, *after)(picture)
    expected = [finish(part) for part in getattr(v2, crop)(24)(picture)]
    assert crops.shape == (count, 3, 24, 24)
    assert torch.equal(crops, torch.stack(expected))
    assert torch.equal(crops, pipeline({crop: 24}, *after)(v2.functional.to_image(picture)))
    assert torch.equal(crops, pipeline({crop: 24}, *after)(v2.functional.pil_to_tensor(picture)))


def test_crops_without_a_conversion_are_a_tensor_all_the_same() -> None:
    """A batch has its crops after its images, where a data loader puts them."""
    made = pipeline({"FiveCrop": 24})
    assert isinstance(made.transforms[1], EachCrop)
    assert made(image()).shape == (5, 3, 24, 24)
    assert made(image()).dtype == torch.uint8
    assert made(torch.zeros(2, 3, 32, 32)).shape == (2, 5, 3, 24, 24)


def test_an_unknown_name_tells_which_there_are() -> None:
    """The nearest, all of them, or that there are none."""
    with pytest.raises(UsageError, match=r"^AlexNet has no transforms `evla`: did you mean `eval`\?$"):
        archspec.transforms("alexnet", "evla")
    with pytest.raises(UsageError, match=r"^AlexNet has no transforms `xyz`: it has train, eval$"):
        archspec.compile("alexnet").transforms("xyz")
    with pytest.raises(UsageError, match=r"^LeNet has no transforms `eval`: its spec has no `transforms`$"):
        archspec.transforms("lenet")


def test_what_torchvision_refuses_is_told_where_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of the transform, and torchvision's own words, where a later torchvision is stricter than the check."""

    def refuse(**_: object) -> None:
        raise ValueError("kernels are at most 3")

    monkeypatch.setattr(v2, "GaussianBlur", refuse)
    spec = "archspec: 1\ninput: [N, 3]\nmodel: Flatten\ntransforms:\n  eval:\n    - GaussianBlur: 5\n"
    with pytest.raises(SpecError) as caught:
        archspec.transforms(spec)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.span is not None
    assert (diagnostic.code, diagnostic.span.line, diagnostic.span.column) == ("E1003", 6, 7)
    assert diagnostic.message == "GaussianBlur cannot be made with these arguments"
    assert "kernels are at most 3" in diagnostic.notes[0].message


def test_a_torchvision_that_lacks_a_transform_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table may be newer than what is installed."""
    monkeypatch.delattr(v2, "GaussianNoise")
    with pytest.raises(UsageError, match="has no GaussianNoise: pip install --upgrade torchvision"):
        pipeline("GaussianNoise")
