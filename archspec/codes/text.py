"""The codes about text and YAML: each with its meaning, an example and the fix."""

from archspec.codes.code import Code

__all__ = ["TEXT"]

TEXT: dict[str, Code] = {
    "E0101": Code(
        title="the file cannot be read",
        meaning=(
            "There is no such file, it is a folder or a device, or it is not UTF-8 text. A spec is read whole, as "
            "UTF-8, before anything in it is looked at."
        ),
        example="""\
archspec check nett.yaml      # the file is called net.yaml
""",
        fix="""\
archspec check net.yaml
""",
    ),
    "E0102": Code(
        title="the text is not YAML",
        meaning=(
            "YAML cannot tell what belongs to what: a bracket or a quote is not closed, a tab indents a line, or "
            "lines are indented differently. Nothing can be said about the spec before its text can be read."
        ),
        example="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3
  - ReLU
""",
        fix="""\
archspec: 1
input: [N, 3, 32, 32]
model:
  - Conv2d: {out_channels: 8, kernel_size: 3}
  - ReLU
""",
    ),
    "E0103": Code(
        title="a key is written twice",
        meaning=(
            "A mapping has each key once. Most YAML readers let the last one win in silence, and half of what you "
            "wrote would be gone."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 32}
  relu: ReLU
  fc: {Linear: 10}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc1: {Linear: 32}
  relu: ReLU
  fc2: {Linear: 10}
""",
    ),
    "E0104": Code(
        title="a YAML feature that specs do not have",
        meaning=(
            "A tag can make a reader call any Python function, and merge keys and directives change what the text "
            "around them means. A spec from a stranger must be safe to open, and a line must mean what it says."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  - Linear: !!int '10'
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
""",
    ),
    "E0105": Code(
        title="a key that is no text",
        meaning=(
            "A key is a name, and names are text. A list or a mapping in its place is most often text with a bracket "
            "that should be in quotes."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  [fc]: {Linear: 10}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  fc: {Linear: 10}
""",
    ),
    "E0106": Code(
        title="a character that nobody can see",
        meaning=(
            "The text holds a control character, or one that is invisible or turns the direction of the text around. "
            "Two names that look alike could then be different ones."
        ),
        example="""\
archspec: 1
name: Net\u200b
input: [N, 64]
model:
  - Linear: 10
""",
        fix="""\
archspec: 1
name: Net
input: [N, 64]
model:
  - Linear: 10
""",
    ),
}
