"""The codes about how nodes are wired: each with its meaning, an example and the fix."""

from archspec.codes.code import Code

__all__ = ["WIRING"]

WIRING: dict[str, Code] = {
    "E0501": Code(
        title="an unknown node name",
        meaning=(
            "`from`, `else`, `output` or an expression names a node that the graph does not have. A node reads the "
            "inputs of its graph and the nodes before it."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  fc1: {Linear: 32}
  fc2: {Linear: 10, from: fc}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc1: {Linear: 32}
  fc2: {Linear: 10, from: fc1}
""",
    ),
    "E0502": Code(
        title="an item that is not there",
        meaning=(
            "`attn[2]` takes an item of a tuple, a list or a dictionary. The value has no such item, or is a single "
            "tensor."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  parts: {chunk: {chunks: 2, dim: 1}}
  fc: {Linear: 10, from: "parts[2]"}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  parts: {chunk: {chunks: 2, dim: 1}}
  fc: {Linear: 10, from: "parts[1]"}
""",
    ),
    "E0503": Code(
        title="the wrong inputs",
        meaning=(
            "A node gets more or fewer inputs than it takes, one under a name that it does not have, or one of "
            "another kind, such as a tensor where a list belongs."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  fc1: {Linear: 32}
  fc2: {Linear: 10, from: [fc1, input]}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc1: {Linear: 32}
  fc2: {Linear: 10, from: fc1}
""",
    ),
    "E0504": Code(
        title="a node that may be off, with several inputs and no `else`",
        meaning=(
            "A node that `when` switches off lets its one input pass. With several inputs one must be named by "
            "`else`, or the wrong tensor would flow on in silence."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 64}
  sum: {add: , from: [fc, input], when: false}
  out: ReLU
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 64}
  sum: {add: , from: [fc, input], when: false, else: fc}
  out: ReLU
""",
    ),
    "E0505": Code(
        title="a node used before it runs",
        meaning="Nodes run in the order in which they are written, and this one reads a node further down.",
        example="""\
archspec: 1
input: [N, 64]
model:
  out: {ReLU: , from: fc}
  fc: {Linear: 10, from: input}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 10, from: input}
  out: {ReLU: , from: fc}
""",
    ),
    "E0506": Code(
        title="`select` written wrongly",
        meaning=(
            "A ModuleDict runs the module that `select` picks: by a key of it, or by an input of type `str`. Without "
            "`select` it needs a `mode`."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  act: {ModuleDict: {relu: ReLU, tanh: Tanh}}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  act: {ModuleDict: {relu: ReLU, tanh: Tanh}, select: relu}
""",
    ),
    "E0507": Code(
        title="a result that is not always there",
        meaning=(
            "A node with `only: train` has no value in evaluation, unless `else` says what stands in there. What reads "
            "it must say `only: train` too, and it cannot be all that the model returns. Likewise a node that `when` "
            "switches off has no value at all when it runs in training only or says `else: null`."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 10}
  aux: {Linear: 10, from: input, only: train}
output: aux
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 10}
  aux: {Linear: 10, from: input, only: train}
output: [fc, aux]
""",
    ),
    "E0508": Code(
        title="`call` names no module",
        meaning=(
            "`call` runs a module that stands before it in the graph, with the same weights each time. There is none "
            "of this name, it is switched off, it only holds other modules, or it is inside a module with "
            "`mode: hold` that has not been called itself."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 64}
  relu: ReLU
  again: {call: fcc}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 64}
  relu: ReLU
  again: {call: fc}
""",
    ),
    "E0509": Code(
        title="a container that nothing runs",
        meaning=(
            "PyTorch's ModuleList and ModuleDict have no `forward`. A graph runs them for you; alone, or inside a "
            "Sequential, nothing would, and without a run their shapes cannot be proved."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  ModuleList: [{Linear: 64}, {Linear: 10}]
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  layers: {ModuleList: [{Linear: 64}, {Linear: 10}]}
""",
    ),
}
