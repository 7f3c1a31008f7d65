"""Weights of another architecture are refused, with what differs, where the file says of which they are."""

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import archspec
from archspec.emit.description import FINGERPRINT, SPEC
from archspec.errors import WeightsError

OLD = """\
archspec: 1
name: Net
input: [N, 4]
model:
  body: [{Linear: 4}, ReLU, {Linear: 4}]
"""

NEW = OLD.replace("ReLU", "GELU")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The weights of the old architecture, as archspec writes them."""
    return archspec.compile(OLD).export(tmp_path / "old.safetensors").path


def _said(file: Path) -> dict[str, str]:
    with safe_open(file, "pt") as opened:
        return dict(opened.metadata())


def _changed(file: Path, **said: str | None) -> None:
    """Write other metadata into the file; None removes an entry."""
    names = {"spec": SPEC, "fingerprint": FINGERPRINT}
    metadata = _said(file) | {names[key]: value for key, value in said.items() if value is not None}
    for key, value in said.items():
        if value is None:
            del metadata[names[key]]
    save_file(load_file(file), file, metadata=metadata)


def test_the_same_architecture_takes_its_weights(file: Path) -> None:
    """Whatever else the spec says."""
    text = OLD.replace("name: Net", "name: Other\ndoc: Words.") + "init: [{match: Linear, bias: ones}]\n"
    model = archspec.build(text, weights=file)
    assert torch.equal(model.state_dict()["body.0.weight"], load_file(file)["body.0.weight"])


def test_another_function_is_refused(file: Path) -> None:
    """Keys and shapes fit, and the numbers would be wrong all the same."""
    with pytest.raises(WeightsError) as caught:
        archspec.build(NEW, weights=file)
    assert str(caught.value) == (
        f"`{file}` holds the weights of another architecture, whose keys and shapes are the same\n"
        "  ~ body.1: ReLU -> GELU\n"
        "if that is meant, load them with --ignore-fingerprint, or ignore_fingerprint=True"
    )


def test_who_means_it_may_go_on(file: Path) -> None:
    """One flag takes them."""
    assert archspec.build(NEW, weights=file, ignore_fingerprint=True) is not None


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (None, "the file does not say which"),
        (
            "archspec: 1\nmodel: {a: {$(9**9**9): }}",
            "which cannot be said, for the spec in the file does not compile here",
        ),
        ("x" * 2_000_000, "which cannot be said, for the spec in the file does not compile here"),
        (NEW, "which cannot be said, for the file contradicts itself"),
    ],
    ids=["none", "hostile", "long", "lying"],
)
def test_a_strangers_spec_is_only_compiled(file: Path, spec: str | None, said: str) -> None:
    """What stands in the file is held to the limits of any spec, and is never more than a part of a message."""
    _changed(file, spec=spec)
    with pytest.raises(WeightsError) as caught:
        archspec.build(NEW, weights=file)
    assert said in str(caught.value)


@pytest.mark.parametrize("stored", [None, "2:0123", "nonsense"])
def test_files_without_a_fingerprint_that_is_known_are_taken(file: Path, stored: str | None) -> None:
    """Those of others have none, and a later archspec may hash something else."""
    _changed(file, fingerprint=stored)
    assert archspec.build(NEW, weights=file) is not None


def test_renamed_keys_are_of_another_architecture_knowingly(file: Path) -> None:
    """A key map says that the file is not of this spec, so nobody is told."""
    compilation = archspec.compile(NEW.replace("body", "trunk"))
    names = {key: key.replace("body", "trunk") for key in load_file(file)}
    model = compilation.build(weights=compilation.checkpoint(file, key_map=names))
    assert torch.equal(model.state_dict()["trunk.0.bias"], load_file(file)["body.0.bias"])
