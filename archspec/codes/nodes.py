"""The codes about nodes and their arguments: each with its meaning, an example and the fix."""

from archspec.codes.code import Code

__all__ = ["NODES"]

NODES: dict[str, Code] = {
    "E0301": Code(
        title="an unknown layer, block or operation",
        meaning=(
            "A node names a layer of torch.nn, a block of the file, an operation on tensors, or something that the "
            "caller registered. Nothing else can be named, so that opening a spec never imports or runs code that it "
            "chose."
        ),
        example="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2D: {out_channels: 8, kernel_size: 3}
""",
        fix="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3}
""",
    ),
    "E0302": Code(
        title="an unknown argument",
        meaning=(
            "The layer, block or operation has no argument of this name, or fewer arguments than are given by "
            "position. The arguments are those of PyTorch's own constructor or function; what a layer takes when it is "
            "called, such as `is_causal`, stands beside it in `with`."
        ),
        example="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_sise: 3}
""",
        fix="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3}
""",
    ),
    "E0303": Code(
        title="an argument is missing",
        meaning=(
            "PyTorch gives this argument no default, and the input does not decide it. Only those that the input "
            "decides, such as `in_channels`, may be left out."
        ),
        example="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8}
""",
        fix="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3}
""",
    ),
    "E0304": Code(
        title="an argument with a wrong value",
        meaning=(
            "The value is of another type than the argument, outside its bounds, or refused by the layer's "
            "constructor. PyTorch accepts some of these, such as a stride of 0, and fails only when the model runs."
        ),
        example="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3, stride: 0}
""",
        fix="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3, stride: 1}
""",
    ),
    "E0305": Code(
        title="a node written wrongly",
        meaning=(
            "A node is a name, a name with arguments, or a list of nodes. What stands here is none of them, or names "
            "several types at once."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  - {fc: Linear, relu: ReLU}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 32
  - ReLU
""",
    ),
    "E0306": Code(
        title="an unknown key beside the type",
        meaning=(
            "Beside its type a node has only the keys that wire and repeat it: `from`, `with`, `when`, `else`, "
            "`only`, `mode`, `select`, `repeat`, `for`; `do` stands where a type would. `from` belongs to graphs: in a "
            "Sequential every module gets the output of the one before."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 32}
  out: {ReLU: , form: fc}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 32}
  out: {ReLU: , from: fc}
""",
    ),
    "E0307": Code(
        title="an operation where only modules can stand",
        meaning=(
            "A Sequential, a ModuleList and a ModuleDict hold modules, as in PyTorch. An operation is no module; it "
            "stands in a graph, or has a module that does the same."
        ),
        example="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3}
  - flatten: 1
""",
        fix="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3}
  - Flatten
""",
    ),
    "E0308": Code(
        title="a name used twice",
        meaning=(
            "Two nodes of one container would have the same place in the module tree, and one would replace the "
            "other. In a loop the name must carry the loop variable."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  layers:
    for: i in range(2)
    do: {layer: {Linear: 64}}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  layers:
    for: i in range(2)
    do: {layer$(i): {Linear: 64}}
""",
    ),
    "E0309": Code(
        title="one value where several arguments are needed",
        meaning=(
            "A single value fills the only argument that is still needed. Here more than one is, and which was meant "
            "would be a guess."
        ),
        example="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: 8
""",
        fix="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3}
""",
    ),
}
