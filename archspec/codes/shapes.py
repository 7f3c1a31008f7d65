"""The codes about shapes: each with its meaning, an example and the fix."""

from archspec.codes.code import Code

__all__ = ["SHAPES"]

SHAPES: dict[str, Code] = {
    "E0601": Code(
        title="an argument that contradicts the input",
        meaning=(
            "The argument says how large a dimension of the input is, and it is of another size. The shapes along the "
            "way show where the size comes from. A number that is plainly wrong can be left out: archspec reads it "
            "from the input, and `archspec check --fix` leaves it out. One that is the product of the input's "
            "dimensions wants a `Flatten` before the layer."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  fc1: {Linear: 32}
  fc2: {Linear: {in_features: 64, out_features: 10}}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc1: {Linear: 32}
  fc2: {Linear: {out_features: 10}}
""",
    ),
    "E0602": Code(
        title="a layer that cannot take its input",
        meaning=(
            "The layer was run on a tensor without data, of exactly this shape and dtype, and PyTorch refused it. It "
            "would refuse it as well when the model runs."
        ),
        example="""\
archspec: 1
input: [N, 3, 4, 4]
model:
  - Conv2d: {out_channels: 8, kernel_size: 7}
""",
        fix="""\
archspec: 1
input: [N, 3, 4, 4]
model:
  - Conv2d: {out_channels: 8, kernel_size: 7, padding: 3}
""",
    ),
    "E0603": Code(
        title="an operation that cannot take its inputs",
        meaning=(
            "The operation or the formula was run on tensors without data, of exactly these shapes and dtypes, and "
            "PyTorch refused them. A Buffer's `compute` is run on its numbers too, when the model is built."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 32}
  sum: {add: , from: [fc, input]}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 64}
  sum: {add: , from: [fc, input]}
""",
    ),
    "E0604": Code(
        title="an input of another shape than declared",
        meaning="A block that declares the shape of its input is called with another one.",
        example="""\
archspec: 1
input: [N, 64]
model:
  head: {Head: {}}
blocks:
  Head:
    input: [N, 32]
    model:
      - Linear: 10
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 32}
  head: {Head: {}}
blocks:
  Head:
    input: [N, 32]
    model:
      - Linear: 10
""",
    ),
    "E0605": Code(
        title="an input without the dimension that a layer reads",
        meaning=(
            "The layer takes an argument from a dimension of its input, such as the channels, and the input has "
            "another number of dimensions than the layer works on, or is no tensor: recurrent layers and attention "
            "give tuples, of which `from: 'rnn[0]'` names one."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3}
""",
        fix="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3}
""",
    ),
    "E0606": Code(
        title="a stand-in of another shape",
        meaning=(
            "A node with `only: train` runs in training, and in evaluation its `else` stands in for it. What reads the "
            "node gets one or the other, so both must have one shape and dtype."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  mean: {Linear: 8}
  code: {Linear: 16, only: train, else: mean}
  head: {Linear: 10}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  mean: {Linear: 8}
  code: {compute: mean + randn_like(mean), only: train, else: mean}
  head: {Linear: 10}
""",
    ),
}
