"""`weights:`: what a spec says of published checkpoints, and what the specs that ship say."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from torchvision import models

import archspec
from archspec.compiler import Compilation
from archspec.emit.spec import concrete_spec
from archspec.spec.rename import rename
from archspec.spec.shipped import shipped
from archspec.spec.weights import Published
from archspec.syntax.tree import plain

SPEC = """\
archspec: 1
params: {n: 3}
presets: {small: {n: 2}}
input: [N, 4]
model: [{Linear: $n}]
weights:
  V1: {url: https://example.org/net.safetensors, sha256: "00112233", rename: {"a.*": "*"}, params: {n: 5}}
  small:
    V1: {url: "https://example.org:443/small-v1.pth", sha256: "0123456789abcdef"}
"""
PUBLISHED = sorted({name for item in shipped().values() for name in item.names} & set(models.list_models()))


def weights_of(name: str) -> dict[str, Published]:
    """The published checkpoints of an architecture that ships."""
    compilation = Compilation(name)
    return compilation.spec.weights.get(compilation.preset or "", {})


def test_checkpoints_are_known_by_preset_and_name() -> None:
    """Those of the spec as it stands have no preset; the file's name is the end of the url."""
    weights = Compilation(SPEC).spec.weights
    assert [(preset, list(named)) for preset, named in weights.items()] == [("", ["V1"]), ("small", ["V1"])]
    own, small = weights[""]["V1"], weights["small"]["V1"]
    assert (own.url, own.sha256, own.rename) == ("https://example.org/net.safetensors", "00112233", (("a.*", "*"),))
    assert {name: plain(tree) for name, tree in own.params.items()} == {"n": 5}
    assert (small.file_name, small.rename, small.params) == ("small-v1.pth", (), {})


def test_what_is_built_does_not_have_them() -> None:
    """`expand` writes the model, and params that weights are for may be gone; a changed spec is another model."""
    assert "weights" not in concrete_spec(archspec.compile(SPEC).graph)
    extending = "archspec: 1\nextends: resnet18\npatch: {fc: {Linear: 3}}\n"
    assert Compilation(extending).spec.weights == {}


def test_every_published_architecture_is_compared() -> None:
    """All of torchvision's classifiers ship, so none is passed over."""
    classifiers = set(models.list_models(module=models))
    assert classifiers <= set(PUBLISHED)
    assert len(PUBLISHED) >= 80


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_checkpoint_is_named(name: str) -> None:
    """All that torchvision publishes for a model, by its names, with its urls and the digits of its file names."""
    expected = {item.name: item.url for item in models.get_model_weights(name)}
    found = weights_of(name)
    assert {item.name: item.url for item in found.values()} == expected
    for item in found.values():
        assert item.url.endswith(f"-{item.sha256}.pth")


def swag() -> Iterator[tuple[str, str, int]]:
    """The checkpoints of Vision Transformers that want images of another size than the preset's."""
    for name in PUBLISHED:
        for item in models.get_model_weights(name):
            size = item.meta.get("min_size", (0, 0))[0]
            if name.startswith("vit") and size != 224:
                yield name, item.name, size


@pytest.mark.parametrize(("name", "weights", "size"), list(swag()))
def test_weights_for_another_image_size_say_so(name: str, weights: str, size: int) -> None:
    """The size that torchvision sets when it loads them is the one that the spec asks for."""
    params = weights_of(name)[weights].params
    assert {key: plain(tree) for key, tree in params.items()} == {"image_size": size}


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_weights_for_images_of_another_normalisation_say_so(name: str) -> None:
    """Without it the model would run, and be worse, which nobody would see."""
    params = weights_of(name)["IMAGENET1K_V1"].params
    assert {key: plain(tree) for key, tree in params.items()} == {"transform_input": True}


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name.startswith("densenet")])
def test_the_old_keys_of_densenet_are_renamed(name: str) -> None:
    """`norm.1` of the published files is `norm1` of the model; all other keys stay as they are."""
    keys = list(archspec.build(name, device="meta").state_dict())
    old = [re.sub(r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2.", key) for key in keys]
    rules = weights_of(name)["IMAGENET1K_V1"].rename
    assert sum(new != key for new, key in zip(old, keys, strict=True)) > 100
    assert [rename(key, rules) for key in old] == keys
    assert [rename(key, rules) for key in keys] == keys


def test_the_schema_knows_both_forms() -> None:
    """An editor marks what archspec refuses: a digest without quotes, an address that is none, a key too many."""
    path = Path(__file__).parents[2] / "schemas" / "archspec.schema.json"
    validator = Draft7Validator(json.loads(path.read_text(encoding="utf-8")))
    good: dict[str, Any] = {"url": "https://example.org/a.pth", "sha256": "00112233"}
    spec: dict[str, Any] = {"archspec": 1, "input": [1, 4], "model": "ReLU"}
    assert validator.is_valid({**spec, "weights": {"V1": good, "small": {"V1": good}}})
    wrong = ({"sha256": 112233}, {"url": "http://example.org/a.pth"}, {"sha": "x"}, {"rename": {"a": 1}})
    for change in wrong:
        assert not validator.is_valid({**spec, "weights": {"V1": good | change}})
        assert not validator.is_valid({**spec, "weights": {"small": {"V1": good | change}}})
