"""The codes about `transforms`: each with its meaning, an example and the fix."""

from archspec.codes.code import Code

__all__ = ["TRANSFORMS"]

TRANSFORMS: dict[str, Code] = {
    "E1001": Code(
        title="an unknown transform",
        meaning=(
            "A spec names the transforms of torchvision that take an image and plain arguments, and `PCALighting`. It "
            "cannot name others, and no Python function."
        ),
        example="""\
archspec: 1
input: [N, 3, 224, 224]
model: Flatten
transforms:
  eval:
    - Resizee: 256
    - CenterCrop: 224
""",
        fix="""\
archspec: 1
input: [N, 3, 224, 224]
model: Flatten
transforms:
  eval:
    - Resize: 256
    - CenterCrop: 224
""",
    ),
    "E1002": Code(
        title="a transform written wrongly",
        meaning=("A transform is a name, or a mapping of one name to its arguments; only `when` can stand beside it."),
        example="""\
archspec: 1
input: [N, 3, 224, 224]
model: Flatten
transforms:
  eval:
    - {Resize: 224, interpolation: bicubic}
""",
        fix="""\
archspec: 1
input: [N, 3, 224, 224]
model: Flatten
transforms:
  eval:
    - Resize: {size: 224, interpolation: bicubic}
""",
    ),
    "E1003": Code(
        title="a transform that cannot work",
        meaning=(
            "Each argument is right by itself, and together they make no transform: a mean of three channels and a "
            "deviation of one, crops of crops, or what torchvision refuses."
        ),
        example="""\
archspec: 1
input: [N, 3, 224, 224]
model: Flatten
transforms:
  eval:
    - Normalize: {mean: [0.485, 0.456, 0.406], std: [0.226]}
""",
        fix="""\
archspec: 1
input: [N, 3, 224, 224]
model: Flatten
transforms:
  eval:
    - Normalize: {mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}
""",
    ),
}
