"""The codes about reuse, limits and initialisation: each with its meaning, an example and the fix."""

from archspec.codes.code import Code

__all__ = ["REUSE"]

REUSE: dict[str, Code] = {
    "E0701": Code(
        title="a file that cannot be used",
        meaning=(
            "`use` names an architecture that ships with archspec, or a file in the folder of the spec or below. "
            "Nothing outside that folder is opened, not through a link either."
        ),
        example="""\
archspec: 1
input: [N, 64]
use: {Head: ../head.yaml}
model:
  - Head
""",
        fix="""\
archspec: 1
input: [N, 3, 224, 224]
use: {Head: resnet18}
model:
  - Head
""",
    ),
    "E0702": Code(
        title="files or blocks that use each other in a circle",
        meaning="Each would be put into the other without end.",
        example="""\
archspec: 1
input: [N, 64]
model:
  - A
blocks:
  A:
    model:
      - B
  B:
    model:
      - A
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - A
blocks:
  A:
    model:
      - B
  B:
    model:
      - Linear: 10
""",
    ),
    "E0703": Code(
        title="a patch of something that is not there",
        meaning=(
            "A patch names modules by their path in the model that the spec extends, and this path leads nowhere. The "
            "change would be lost."
        ),
        example="""\
archspec: 1
extends: resnet18
patch:
  fcc: {Linear: 10}
""",
        fix="""\
archspec: 1
extends: resnet18
patch:
  fc: {Linear: 10}
""",
    ),
    "E0704": Code(
        title="a patch written wrongly",
        meaning=(
            "A change is a new node, nothing (which removes the old one), or one of PyTorch's own changes of a "
            "container: `append`, `extend`, `insert`, `pop`."
        ),
        example="""\
archspec: 1
extends: resnet18
patch:
  layer4: {pop: 7}
""",
        fix="""\
archspec: 1
extends: resnet18
patch:
  layer4: {pop: 1}
""",
    ),
    "E0705": Code(
        title="an unknown architecture to extend",
        meaning=(
            "`extends` names an architecture or a preset that ships with archspec, or a file in the folder of the spec."
        ),
        example="""\
archspec: 1
extends: resnet19
patch:
  fc: {Linear: 10}
""",
        fix="""\
archspec: 1
extends: resnet18
patch:
  fc: {Linear: 10}
""",
    ),
    "E0801": Code(
        title="a limit is exceeded",
        meaning=(
            "A spec from a stranger may not take all memory or run for hours, so everything it can ask for has a "
            "limit. The message names the limit; a caller who trusts the spec raises it, the spec itself cannot."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  - {Linear: 64, repeat: 1000000}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - {Linear: 64, repeat: 10}
""",
    ),
    "E0901": Code(
        title="an initialisation rule written wrongly",
        meaning=(
            "A rule says with `match` which modules it is for, by type or by path, and then what fills which of their "
            "parameters."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
init:
  - {weight: zeros}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
init:
  - {match: Linear, weight: zeros}
""",
    ),
    "E0902": Code(
        title="an initialiser that does not exist or cannot fill a parameter",
        meaning=(
            "Initialisers are those of torch.nn.init without the final underscore, with their own arguments. Some "
            "need a parameter of two dimensions or more, so they cannot fill a bias."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
init:
  - {match: Linear, bias: kaiming_normal}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
init:
  - {match: Linear, weight: kaiming_normal, bias: zeros}
""",
    ),
    "E0903": Code(
        title="parameters that cannot be tied",
        meaning=(
            "`tie` makes two parameters one. Both must be in the model and have one shape, and the second must not be "
            "tied to a third."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  a: {Linear: 64}
  b: {Linear: 32}
tie: {b.weight: a.weight}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  a: {Linear: 64}
  b: {Linear: 64}
tie: {b.weight: a.weight}
""",
    ),
}
