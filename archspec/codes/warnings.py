"""The codes of warnings, what is not refused and looks wrong: each with its meaning, an example and the fix."""

from archspec.codes.code import Code

__all__ = ["WARNINGS"]

WARNINGS: dict[str, Code] = {
    "W0101": Code(
        title="a node whose result is never used",
        meaning=(
            "Nothing reads the result of this node, so it costs time and changes nothing. Most often a `from` names "
            "another node than was meant."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  a: {Linear: 64}
  b: {Linear: 10, from: input}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  a: {Linear: 64}
  b: {Linear: 10, from: a}
""",
    ),
    "W0102": Code(
        title="a param that is never used",
        meaning=(
            "Setting this param changes nothing, because nothing in the file reads it. Where the file extends another, "
            "the params of that one are set by their own names."
        ),
        example="""\
archspec: 1
params: {width: 8, depth: 2}
input: [N, 64]
model:
  - Linear: $width
""",
        fix="""\
archspec: 1
params: {width: 8}
input: [N, 64]
model:
  - Linear: $width
""",
    ),
    "W0103": Code(
        title="a block that is never used",
        meaning="No node of the file names this block.",
        example="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
blocks:
  Head:
    model:
      - Linear: 10
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Head
blocks:
  Head:
    model:
      - Linear: 10
""",
    ),
    "W0104": Code(
        title="a block that hides a layer of torch.nn",
        meaning="A block has the name of a layer. Every node of the file that says this name means the block.",
        example="""\
archspec: 1
input: [N, 64]
model:
  - Linear
blocks:
  Linear:
    model:
      - ReLU
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Activation
blocks:
  Activation:
    model:
      - ReLU
""",
    ),
    "W0105": Code(
        title="a named dimension that cannot vary",
        meaning=(
            "The dimension has a name, which says that it may vary, and the model runs at one size of it only, most "
            "often because a Linear reads a flattened image. Make it a number, or let a layer such as "
            "AdaptiveAvgPool2d free it."
        ),
        example="""\
input: [N, 3, H=32, W=32]
model:
  - Flatten
  - Linear: 10
""",
        fix="""\
input: [N, 3, 32, 32]
model:
  - Flatten
  - Linear: 10
""",
    ),
    "W0106": Code(
        title="an initialisation rule that matches nothing",
        meaning=(
            "No module has the path that the rule names, or none that it matches has such a parameter, so it "
            "initialises nothing."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  head: {Linear: 10}
init:
  - {match: haed, weight: zeros}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  head: {Linear: 10}
init:
  - {match: head, weight: zeros}
""",
    ),
    "W0107": Code(
        title="an ignore comment that switches nothing off",
        meaning=(
            "A comment `# archspec: ignore CODE` speaks of the warnings on its own line. This one names no code of a "
            "warning, or there is no such warning on its line. That is said only where the spec has no params, whose "
            "other values might give the warning."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10  # archspec: ignore W0201 published so
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
""",
    ),
}
