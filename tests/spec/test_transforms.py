"""`transforms:` as written: what is inherited, what params do, and what is passed over."""

from pathlib import Path

import archspec
from archspec.graph.graph import Transform

BASE = """
archspec: 1
name: Base
params: {size: 8, channels: 3}
let: {larger: $(size * 2)}
input: [N, $channels, $size, $size]
model: Flatten
presets: {large: {size: 16}}
transforms:
  train: [{RandomCrop: $size}, RandomHorizontalFlip]
  eval: [{Resize: $larger}, {CenterCrop: $size}]
"""


def pipelines(spec: str | Path, **params: int) -> dict[str, list[tuple[str, object]]]:
    """Every pipeline of a spec, each transform with its first argument."""
    compilation = archspec.compile(spec, params=params)
    assert compilation.diagnostics == ()
    return {name: list(map(first_argument, made)) for name, made in compilation.graph.transforms}


def first_argument(transform: Transform) -> tuple[str, object]:
    """A transform and its first argument."""
    return transform.type, transform.arguments[0][1] if transform.arguments else None


def test_expressions_read_params_and_let() -> None:
    """What a caller or a preset sets reaches the transforms too."""
    train = [("RandomCrop", 8), ("RandomHorizontalFlip", None)]
    assert pipelines(BASE) == {"train": train, "eval": [("Resize", 16), ("CenterCrop", 8)]}
    assert pipelines(BASE, size=10)["eval"] == [("Resize", 20), ("CenterCrop", 10)]
    large = dict(archspec.compile(BASE, preset="large").graph.transforms)
    assert first_argument(large["train"][0]) == ("RandomCrop", 16)


def test_a_param_that_only_transforms_read_is_used() -> None:
    """It is no unused one, and one that nothing reads still is."""
    spec = "archspec: 1\nparams: {crop: 8}\ninput: [N, 3]\nmodel: Flatten\ntransforms: {eval: [{CenterCrop: $crop}]}\n"
    assert archspec.check(spec) == ()
    assert [item.code for item in archspec.check(spec.replace("$crop", "8"))] == ["W0102"]


def test_when_switches_a_transform_on_and_off() -> None:
    """It is an expression, or a constant."""
    spec = (
        "archspec: 1\nparams: {blur: 0}\ninput: [N, 3]\nmodel: Flatten\n"
        "transforms: {train: [{GaussianBlur: $blur, when: blur > 0}, {RandomInvert: , when: false}, Identity]}\n"
    )
    assert pipelines(spec) == {"train": [("Identity", None)]}
    assert pipelines(spec, blur=3) == {"train": [("GaussianBlur", 3), ("Identity", None)]}


def test_extends_inherits_each_pipeline_unless_it_has_one_of_that_name(tmp_path: Path) -> None:
    """The inherited ones are read with the params of the spec that extends."""
    (tmp_path / "base.yaml").write_text(BASE)
    own = tmp_path / "own.yaml"
    text = "archspec: 1\nextends: ./base.yaml\nparams: {size: 4}\ntransforms:\n  train: [ToImage]\n  test: [Identity]\n"
    own.write_text(text)
    assert pipelines(own) == {
        "train": [("ToImage", None)],
        "eval": [("Resize", 8), ("CenterCrop", 4)],
        "test": [("Identity", None)],
    }


def test_the_transforms_of_a_used_file_do_nothing(tmp_path: Path) -> None:
    """A block gets no images; only the file's own transforms count."""
    (tmp_path / "base.yaml").write_text(BASE)
    own = tmp_path / "own.yaml"
    own.write_text("archspec: 1\nuse: {Base: ./base.yaml}\ninput: [N, 3, 8, 8]\nmodel: [Base]\n")
    assert pipelines(own) == {}


def test_transforms_and_the_model_are_checked_together() -> None:
    """One run shows the faults of both."""
    spec = BASE.replace("model: Flatten", "model: [{Linear: $width}]").replace("RandomCrop: $size", "RandomCrop: $sise")
    assert [item.span and item.span.line for item in archspec.check(spec)] == [7, 10]
