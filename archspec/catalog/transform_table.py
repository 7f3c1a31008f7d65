"""The transforms that a spec can name, as text for `transforms`: image preprocessing by `torchvision.transforms.v2`.

A transform is two lines: its arguments with their types (see `operation_kinds`) and torchvision's own defaults, and
what it does. `side` is a number of pixels, `fill` what takes the place of pixels that are not there, `transforms` a
list of transforms. All but `PCALighting`, which is archspec's own, are torchvision's.

The table is closed: torchvision is not asked what it has, so a spec is checked without it, and names nothing else.
What torchvision has beyond it stands in `LEFT_OUT`, with what to write instead.
"""

from collections.abc import Mapping

__all__ = ["ALIASES", "LEFT_OUT", "TABLE"]

ALIASES: Mapping[str, str] = {
    "amount": "float[0] | list[float[0], 2]",
    "factors": "list[float[0], 2]",
    "fill": "number | list[number]",
    "padding_mode": 'Literal["constant", "edge", "reflect", "symmetric"]',
    "share": "float[0, 1]",
    # As many pixels as a JPEG may have along a side take gigabytes; no network takes an image as large as these.
    "side": "int[1, 16384]",
    "sides": "int[1, 16384] | list[int[1, 16384], 2]",
}
"""Words of the table that stand for longer types."""

TABLE = """
# Size

Resize(size: sides | None, interpolation: interpolation = "bilinear", max_size: side | None = None,
        antialias: bool = True)
    gives the shorter side this size, or the height and width these
RandomResize(min_size: side, max_size: side, interpolation: interpolation = "bilinear", antialias: bool = True)
    gives the shorter side a random size between two
RandomShortestSize(min_size: side | list[side], max_size: side | None = None, interpolation: interpolation = "bilinear",
        antialias: bool = True)
    gives the shorter side one of some sizes, the longer one at most `max_size`
ScaleJitter(target_size: list[side, 2], scale_range: list[float[0, 100], 2] = [0.1, 2.0],
        interpolation: interpolation = "bilinear", antialias: bool = True)
    resizes by a random factor of what fits the image into a height and width
Pad(padding: int[-16384, 16384] | list[int[-16384, 16384], 1, 2, 4], fill: fill | None = 0,
        padding_mode: padding_mode = "constant")
    adds pixels on all sides, left and right and top and bottom, or on each side
RandomZoomOut(fill: fill | None = 0, side_range: list[float[1, 100], 2] = [1.0, 4.0], p: share = 0.5)
    sometimes puts the image into a larger frame

# Crops

CenterCrop(size: sides)
    cuts out the middle, with black around it where the image is smaller
RandomCrop(size: sides, padding: int[0, 16384] | list[int[0, 16384], 1, 2, 4] | None = None,
        pad_if_needed: bool = False, fill: fill | None = 0, padding_mode: padding_mode = "constant")
    cuts out a part at a random place
RandomResizedCrop(size: sides, scale: factors = [0.08, 1.0], ratio: factors = [0.75, 1.3333333333333333],
        interpolation: interpolation = "bilinear", antialias: bool = True)
    cuts out a part of random place, area and shape, and resizes it
FiveCrop(size: sides)
    cuts out the corners and the middle; what follows is applied to each, and all are stacked
TenCrop(size: sides, vertical_flip: bool = False)
    cuts out the corners and the middle, of the image and of its mirror image; else as `FiveCrop`

# Geometry

RandomHorizontalFlip(p: share = 0.5)
    sometimes swaps left and right
RandomVerticalFlip(p: share = 0.5)
    sometimes swaps top and bottom
RandomRotation(degrees: float[0] | list[number, 2], interpolation: interpolation = "nearest", expand: bool = False,
        center: list[number, 2] | None = None, fill: fill | None = 0)
    turns by a random angle
RandomAffine(degrees: float[0] | list[number, 2], translate: list[share, 2] | None = None,
        scale: list[float[0, 100], 2] | None = None, shear: float[0] | list[number, 2, 4] | None = None,
        interpolation: interpolation = "nearest", fill: fill | None = 0, center: list[number, 2] | None = None)
    turns, moves, scales and shears by random amounts
RandomPerspective(distortion_scale: share = 0.5, p: share = 0.5, interpolation: interpolation = "bilinear",
        fill: fill | None = 0)
    sometimes shows the image from a random angle
ElasticTransform(alpha: float[0] | list[float[0], 1, 2] = 50.0,
        sigma: float[0, 1000] | list[float[0, 1000], 1, 2] = 5.0, interpolation: interpolation = "bilinear",
        fill: fill | None = 0)
    moves every pixel a little, its neighbours alike

# Colour

ColorJitter(brightness: amount | None = None, contrast: amount | None = None, saturation: amount | None = None,
        hue: float[0, 0.5] | list[float[-0.5, 0.5], 2] | None = None)
    changes brightness, contrast, saturation and hue by random amounts, in random order
PCALighting(std: float[0] = 0.1, eigenvalues: list[float[0], 3] = [0.2175, 0.0188, 0.0045],
        eigenvectors: list[list[number, 3], 3] =
        [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.814], [-0.5836, -0.6948, 0.4203]])
    adds AlexNet's colour noise to float images in [0, 1]: a random amount of each principal component of their colours
Grayscale(num_output_channels: Literal[1, 3] = 1)
    takes the colours away
RandomGrayscale(p: share = 0.1)
    sometimes takes the colours away
RGB()
    makes three channels of one
RandomPhotometricDistort(brightness: factors = [0.875, 1.125], contrast: factors = [0.5, 1.5],
        saturation: factors = [0.5, 1.5], hue: list[float[-0.5, 0.5], 2] = [-0.05, 0.05], p: share = 0.5)
    sometimes changes brightness, contrast, saturation and hue, and the order of the channels
RandomChannelPermutation()
    puts the channels into random order
RandomInvert(p: share = 0.5)
    sometimes makes a negative
RandomPosterize(bits: int[0, 8], p: share = 0.5)
    sometimes keeps only so many bits of each colour
RandomSolarize(threshold: number, p: share = 0.5)
    sometimes inverts what is brighter than this
RandomAdjustSharpness(sharpness_factor: float[0], p: share = 0.5)
    sometimes blurs (below 1) or sharpens (above 1)
RandomAutocontrast(p: share = 0.5)
    sometimes spreads the colours over their whole range
RandomEqualize(p: share = 0.5)
    sometimes makes all brightnesses equally frequent
GaussianBlur(kernel_size: int[1, 16383] | list[int[1, 16383], 2], sigma: amount = [0.1, 2.0])
    blurs by a random amount
GaussianNoise(mean: number = 0.0, sigma: float[0] = 0.1, clip: bool = True)
    adds noise to float images
RandomErasing(p: share = 0.5, scale: list[share, 2] = [0.02, 0.33], ratio: factors = [0.3, 3.3],
        value: number | list[number] | Literal["random"] = 0.0, inplace: bool = False)
    sometimes fills a random rectangle

# Policies

AutoAugment(policy: Literal["imagenet", "cifar10", "svhn"] = "imagenet", interpolation: interpolation = "nearest",
        fill: fill | None = None)
    a random pair of operations, as learned on a data set
RandAugment(num_ops: int[1, 100] = 2, magnitude: int[0, 1000] = 9, num_magnitude_bins: int[2, 1001] = 31,
        interpolation: interpolation = "nearest", fill: fill | None = None)
    some random operations of one strength
TrivialAugmentWide(num_magnitude_bins: int[2, 1001] = 31, interpolation: interpolation = "nearest",
        fill: fill | None = None)
    one random operation of random strength
AugMix(severity: int[1, 10] = 3, mixture_width: int[1, 100] = 3, chain_depth: int[-1, 100] = -1, alpha: float[0] = 1.0,
        all_ops: bool = True, interpolation: interpolation = "bilinear", fill: fill | None = None)
    mixes the image with several chains of random operations on it
RandomApply(transforms: transforms, p: share = 0.5)
    sometimes applies all of some transforms
RandomChoice(transforms: transforms, p: list[float[0]] | None = None)
    applies one of some transforms
RandomOrder(transforms: transforms)
    applies some transforms in random order

# Conversion

ToImage()
    makes a tensor [C, H, W] of a PIL image, keeping its values
PILToTensor()
    the same, as a plain tensor
ToDtype(dtype: dtype, scale: bool = False)
    converts a tensor; with `scale`, 0 to 255 becomes 0 to 1
Normalize(mean: list[number], std: list[float[0]], inplace: bool = False)
    subtracts the mean of each channel and divides by its standard deviation
ToPureTensor()
    drops what torchvision knows of a tensor: that it is an image
ToPILImage(mode: Literal["1", "L", "I", "F", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV"] | None = None)
    makes a PIL image of a tensor
Identity()
    changes nothing
"""

_BOXES = "it is for bounding boxes and key points, and a pipeline takes an image"
_BATCHES = "it mixes a whole batch with its labels: apply it to what the data loader gives"

LEFT_OUT: Mapping[str, str] = {
    "ClampBoundingBoxes": _BOXES,
    "ClampKeyPoints": _BOXES,
    "Compose": "a list of transforms is composed as it stands",
    "ConvertBoundingBoxFormat": _BOXES,
    "ConvertImageDtype": "write `ToDtype: {dtype: float32, scale: true}`",
    "CutMix": _BATCHES,
    "JPEG": "torchvision is about to remove it",
    "Lambda": "a spec holds no Python: call your function before or after the pipeline",
    "LinearTransformation": "it takes tensors, which a spec cannot write",
    "MixUp": _BATCHES,
    "RandomIoUCrop": _BOXES,
    "SanitizeBoundingBoxes": _BOXES,
    "SanitizeKeyPoints": _BOXES,
    "SetClampingMode": _BOXES,
    "ToTensor": "write `ToImage`, then `ToDtype: {dtype: float32, scale: true}`",
    "UniformTemporalSubsample": "it is for videos, and a pipeline takes an image",
}
"""Transforms of torchvision that a spec cannot name, each with the reason or with what to write instead."""
