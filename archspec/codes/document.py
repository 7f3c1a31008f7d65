"""The codes about the keys of a spec: each with its meaning, an example and the fix."""

from archspec.codes.code import Code

__all__ = ["DOCUMENT"]

DOCUMENT: dict[str, Code] = {
    "E0201": Code(
        title="an unknown key",
        meaning=(
            "A spec, a block, an input and a param have a fixed list of keys. An unknown one is refused, because a "
            "misspelt key that is passed over is a setting that silently does nothing."
        ),
        example="""\
archspec: 1
inputt: [N, 64]
model:
  - Linear: 10
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
""",
    ),
    "E0202": Code(
        title="a key is missing",
        meaning=(
            "Every spec says which version of the language it is written in and has a `model`. One that is built also "
            "says what its `input` is, because every shape is proved from it."
        ),
        example="""\
archspec: 1
model:
  - Linear: 10
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
""",
    ),
    "E0203": Code(
        title="a value of the wrong kind",
        meaning=(
            "The key is known, and what stands behind it is of another kind: text where a list belongs, a list where "
            "a mapping belongs."
        ),
        example="""\
archspec: 1
input: 64
model:
  - Linear: 10
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
""",
    ),
    "E0204": Code(
        title="another version of the language",
        meaning=(
            "The spec says that it is written in a version of the language that this archspec does not read. Guessing "
            "could build another model than the one that was meant."
        ),
        example="""\
archspec: 2
input: [N, 64]
model:
  - Linear: 10
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
""",
    ),
    "E0205": Code(
        title="a name that cannot be used",
        meaning=(
            "Names become Python attributes and the keys of the `state_dict`: a letter, then letters, digits and "
            "underscores. A word of Python, or something that every module has already, such as `forward`, would "
            "break the model. Presets and pipelines of transforms are named on the command line and in names of files, "
            "so theirs are letters, digits, `_`, `-` and `.`."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  forward: {Linear: 10}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  head: {Linear: 10}
""",
    ),
    "E0206": Code(
        title="an input declared wrongly",
        meaning=(
            "A dimension is a number, which is fixed, a name, which may vary, or a name with the size at which it is "
            "checked. Dtypes are called by PyTorch's names."
        ),
        example="""\
archspec: 1
input: [N, -3, 32, 32]
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
    "E0207": Code(
        title="a param declared wrongly",
        meaning=(
            "A param is declared by a default, by a type, or by a mapping with a `type`. Types are the few that "
            "values of a spec can have."
        ),
        example="""\
archspec: 1
params:
  width: {type: integer, default: 10}
input: [N, 64]
model:
  - Linear: $width
""",
        fix="""\
archspec: 1
params:
  width: {type: int, default: 10}
input: [N, 64]
model:
  - Linear: $width
""",
    ),
    "E0208": Code(
        title="weights declared wrongly",
        meaning=(
            "A published checkpoint has the `url` of its file and the first digits of the file's SHA-256, by which it "
            "is known again. It stands under its name, or under a preset and its name. The digits are quoted, because "
            "YAML reads some of them as a number."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
weights:
  V1: {url: https://example.org/linear.safetensors, sha256: 00112233}
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Linear: 10
weights:
  V1: {url: https://example.org/linear.safetensors, sha256: "00112233"}
""",
    ),
}
