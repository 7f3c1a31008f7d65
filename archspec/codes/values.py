"""The codes about expressions and params: each with its meaning, an example and the fix."""

from archspec.codes.code import Code

__all__ = ["VALUES"]

VALUES: dict[str, Code] = {
    "E0401": Code(
        title="an expression that cannot be read",
        meaning=(
            "What stands in `$(…)`, `when`, `for` or `compute` is no expression: something is missing, too much, or "
            "not closed."
        ),
        example="""\
archspec: 1
params: {width: 8}
input: [N, 64]
model:
  - Linear: $(width *)
""",
        fix="""\
archspec: 1
params: {width: 8}
input: [N, 64]
model:
  - Linear: $(width * 2)
""",
    ),
    "E0402": Code(
        title="an expression with something that specs do not have",
        meaning=(
            "Expressions are arithmetic on values: no attributes, no methods, no lambdas, and only the functions in "
            "the list. So they cannot reach anything outside the spec."
        ),
        example="""\
archspec: 1
params: {width: 8}
input: [N, 64]
model:
  - Linear: $(width.real)
""",
        fix="""\
archspec: 1
params: {width: 8}
input: [N, 64]
model:
  - Linear: $(width)
""",
    ),
    "E0403": Code(
        title="an unknown name in an expression",
        meaning=(
            "An expression reads params, `let`, loop variables and the sizes of the input. Nothing here has this "
            "name, or `let` gives it a value only further down."
        ),
        example="""\
archspec: 1
params: {width: 8}
input: [N, 64]
model:
  - Linear: $widht
""",
        fix="""\
archspec: 1
params: {width: 8}
input: [N, 64]
model:
  - Linear: $width
""",
    ),
    "E0404": Code(
        title="an expression that cannot be evaluated",
        meaning=(
            "The expression can be read, and has no value: it divides by zero, adds a number to text, takes an item "
            "that is not there, or grows beyond bounds."
        ),
        example="""\
archspec: 1
params: {width: 8}
input: [N, 64]
model:
  - Linear: $(width // 0)
""",
        fix="""\
archspec: 1
params: {width: 8}
input: [N, 64]
model:
  - Linear: $(width // 2)
""",
    ),
    "E0405": Code(
        title="an expression cut off by YAML",
        meaning=(
            "YAML ends an unquoted value at a comma inside `{…}` or `[…]`, at ` #` and at `: `, and knows nothing of "
            "parentheses. Quotes keep the expression together."
        ),
        example="""\
archspec: 1
params: {width: 8}
input: [N, 64]
model:
  - {Linear: $(max(width, 4)), repeat: 2}
""",
        fix="""\
archspec: 1
params: {width: 8}
input: [N, 64]
model:
  - {Linear: "$(max(width, 4))", repeat: 2}
""",
    ),
    "E0406": Code(
        title="an unknown param",
        meaning=("A call of a block, a preset or the caller sets a param that is not declared. It would do nothing."),
        example="""\
archspec: 1
input: [N, 64]
model:
  - Head: {clases: 10}
blocks:
  Head:
    params: {classes: int}
    model:
      - Linear: $classes
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Head: {classes: 10}
blocks:
  Head:
    params: {classes: int}
    model:
      - Linear: $classes
""",
    ),
    "E0407": Code(
        title="a param without a value",
        meaning=(
            "A param that is declared by its type alone has no default: whoever builds the spec, or calls the block, "
            "must set it."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  - Head
blocks:
  Head:
    params: {classes: int}
    model:
      - Linear: $classes
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Head: {classes: 10}
blocks:
  Head:
    params: {classes: int}
    model:
      - Linear: $classes
""",
    ),
    "E0408": Code(
        title="a param with a wrong value",
        meaning=(
            "The value is not of the type that the param is declared with, or is outside its `min`, `max` or `choices`."
        ),
        example="""\
archspec: 1
input: [N, 64]
model:
  - Head: {classes: ten}
blocks:
  Head:
    params: {classes: int}
    model:
      - Linear: $classes
""",
        fix="""\
archspec: 1
input: [N, 64]
model:
  - Head: {classes: 10}
blocks:
  Head:
    params: {classes: int}
    model:
      - Linear: $classes
""",
    ),
    "E0409": Code(
        title="an unknown preset",
        meaning="The spec has no preset of this name. Presets are listed under its `presets` key.",
        example="""\
archspec build resnet.yaml --preset resnet51
""",
        fix="""\
archspec build resnet.yaml --preset resnet50
""",
    ),
}
