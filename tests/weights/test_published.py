"""Published weights: found in torch's cache by name, checked, loaded; nothing is fetched."""

import hashlib
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import archspec
from archspec.compiler import Compilation
from archspec.errors import SpecError, UsageError, WeightsError
from archspec.weights import published as published_module

SPEC = """\
archspec: 1
name: Net
params: {{width: 3, bias: true}}
presets: {{wide: {{width: 5}}, narrow: {{width: 2}}}}
input: [N, 4]
model:
  fc: {{Linear: {{out_features: $width, bias: $bias}}}}
weights:
  V1: {{url: https://example.org/net-v1.pth, sha256: "{digest}", rename: {{"old.*": "fc.*"}}}}
  V2: {{url: https://example.org/net-v2.pth, sha256: "00112233", params: {{bias: false}}}}
  wide:
    V1: {{url: https://example.org/wide.pth, sha256: "00112233"}}
"""
STATE = {"old.weight": torch.arange(12.0).reshape(3, 4), "old.bias": torch.arange(3.0)}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of torch.hub."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "a folder"))
    folder = tmp_path / "a folder" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def net(cache: Path) -> Path:
    """A spec whose first weights are in the cache."""
    torch.save(STATE, cache / "net-v1.pth")
    digest = hashlib.sha256((cache / "net-v1.pth").read_bytes()).hexdigest()
    path = cache / "net.yaml"
    path.write_text(SPEC.format(digest=digest[:12]), encoding="utf-8")
    return path


Refused = Callable[..., str]


@pytest.fixture
def refused(net: Path) -> Refused:
    """What is said when the spec is built with some weights."""

    def say(weights: str, preset: str | None = None, **params: object) -> str:
        compilation = archspec.compile(net, preset=preset, params=params)
        with pytest.raises((UsageError, WeightsError)) as caught:
            compilation.build(weights=weights, allow_pickle=True)
        return str(caught.value)

    return say


def test_a_name_loads_what_is_in_the_cache(net: Path) -> None:
    """Its digest is right, and its keys get the names of the model."""
    model = archspec.build(net, weights="V1", allow_pickle=True)
    assert torch.equal(model.get_parameter("fc.weight"), STATE["old.weight"])


def test_only_what_ships_needs_no_permission(net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name in somebody's spec is theirs, and so is the digest beside it."""
    with pytest.raises(UsageError, match=r"net-v1.pth` is a pickle, .* reads it with --allow-pickle"):
        archspec.build(net, weights="V1")
    monkeypatch.setattr(published_module, "shipped_folder", lambda: net.parent)
    assert archspec.build(net, weights="V1").get_parameter("fc.bias").shape == (3,)


def test_another_file_under_its_name(net: Path, refused: Refused) -> None:
    """It is not loaded."""
    path = net.with_name("net-v1.pth")
    path.write_bytes(path.read_bytes() + b"\0")
    assert refused("V1").startswith(f"`{path}` is not the file that was published: its SHA-256 begins with ")


def test_a_file_that_is_not_there_is_named_with_what_fetches_it(refused: Refused, cache: Path) -> None:
    """The command is whole, also where the folder has a space in its name."""
    path = cache / "wide.pth"
    text = refused("V1", preset="wide")
    first, second, command = text.split("\n")
    assert first == f"the weights V1 are not on this machine: there is no file `{path}`"
    assert second == "archspec downloads nothing; this does:"
    assert shlex.split(command) == [
        *("curl", "--fail", "--location", "--create-dirs", "--output"),
        str(path),
        "https://example.org/wide.pth",
    ]


def test_names_that_there_are_none_of(refused: Refused) -> None:
    """Those that there are for this preset are listed; a preset without any says which have some."""
    assert refused("v1") == "Net without a preset has no weights `v1`: did you mean `V1`?"
    assert refused("IMAGENET") == (
        "Net without a preset has no weights `IMAGENET`: it has V1, V2; to load a file,"
        " name it with its suffix, such as `weights.safetensors`"
    )
    assert refused("V1", preset="narrow") == (
        "preset `narrow` has no published weights; these presets have some: wide; to load a file, name it with its"
        " suffix, such as `weights.safetensors`"
    )
    with pytest.raises(UsageError) as caught:
        archspec.build("lenet", weights="V1")
    assert str(caught.value) == (
        "LeNet without a preset has no published weights; to load a file, name it with its suffix, such as"
        " `weights.safetensors`"
    )
    with pytest.raises(UsageError) as caught:
        archspec.build("archspec: 1\nextends: resnet18\npatch: {fc: {Linear: 3}}\n", weights="IMAGENET1K_V1")
    assert str(caught.value) == (
        "ResNet without a preset has no published weights: those of the spec that it extends may not fit it;"
        " to load a file, name it with its suffix, such as `weights.safetensors`"
    )


def test_weights_for_other_params(refused: Refused) -> None:
    """What to set is said; with it, the next thing is looked for."""
    assert refused("V2") == "the weights V2 are for bias: false; set it, as with -p bias=false"
    assert refused("V2", bias=False).startswith("the weights V2 are not on this machine")


@pytest.mark.parametrize(
    ("default", "wanted", "fits"),
    [
        ("1", "true", False),
        ("true", "1", False),
        ("[0, 1]", "[false, true]", False),
        ("[1]", "[1, 1]", False),
        ("1", "1", True),
        ("[1, text]", "[1, text]", True),
    ],
)
def test_one_is_not_true(cache: Path, default: str, wanted: str, *, fits: bool) -> None:
    """Python finds them equal; a model that is built with the one is not that of the other."""
    text = (
        f"archspec: 1\nname: Net\nparams: {{p: {{type: any, default: {default}}}}}\ninput: [N, 4]\nmodel: [ReLU]\n"
        f'weights: {{V1: {{url: https://example.org/x.pth, sha256: "00112233", params: {{p: {wanted}}}}}}}\n'
    )
    del cache
    with pytest.raises((UsageError, WeightsError), match="are not on this machine" if fits else "are for p: "):
        archspec.compile(text).build(weights="V1")


def test_a_value_that_the_param_cannot_have(net: Path) -> None:
    """It is an error of the spec: no setting would fit."""
    text = net.read_text(encoding="utf-8").replace("params: {bias: false}", "params: {bias: 0}")
    with pytest.raises(SpecError) as caught:
        archspec.compile(text)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.found, diagnostic.expected) == ("E0208", "`0`", "true or false")


def test_a_file_of_that_name_is_no_name(net: Path) -> None:
    """A path object is always a file."""
    with pytest.raises(UsageError, match="the suffix of `V1` is none of a checkpoint"):
        Compilation(net).build(weights=Path("V1"))
