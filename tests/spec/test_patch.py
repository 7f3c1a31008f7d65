"""Patches of an extended spec: what they replace, delete and edit, and what they refuse."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.errors import SpecError

Extend = Callable[..., Any]

BASE = """\
archspec: 1
name: Base
params: {width: 8}
input: [N, 4]
model:
  stem: {Linear: $width}
  layers:
    Sequential:
      - Linear: $width
      - Block: {}
      - ReLU
  head: {Linear: 2}
blocks:
  Block:
    model:
      fc: {Linear: $width}
      act: ReLU
"""


@pytest.fixture
def extended(tmp_path: Path) -> Extend:
    """Builds a spec that extends BASE with a patch."""
    (tmp_path / "base.yaml").write_text(BASE)

    def build(patch: str, params: str = "{}") -> nn.Module:
        path = tmp_path / "mine.yaml"
        path.write_text(f"archspec: 1\nextends: ./base.yaml\nparams: {params}\npatch:\n{patch}")
        return archspec.build(path)

    return build


def test_a_patch_sets_a_node_inside_a_block(extended: Extend) -> None:
    """A path reaches through containers and block calls, and what follows is inferred anew."""
    model = extended("  layers.1.act: GELU\n  stem: {Linear: 16}\n")
    assert isinstance(model.layers[1].act, nn.GELU)
    assert model.stem.out_features == 16
    assert model.layers[0].in_features == 16


def test_a_patched_node_keeps_its_wiring(tmp_path: Path) -> None:
    """The new node reads what the old one read."""
    base = "archspec: 1\ninput: [N, 4]\nmodel:\n  a: {Linear: 3}\n  b: {Linear: 5}\n  c: {Linear: 2, from: a}\n"
    (tmp_path / "base.yaml").write_text(base + "output: [b, c]\n")
    (tmp_path / "mine.yaml").write_text("archspec: 1\nextends: ./base.yaml\npatch: {c: {Linear: 7}}\n")
    assert archspec.build(tmp_path / "mine.yaml").c.in_features == 3


def test_null_deletes_a_node(extended: Extend) -> None:
    """Children of a numbered container close the gap; the paths of a patch are those of the extended model."""
    model = extended("  layers.0: null\n  layers.2: Tanh\n")
    assert [type(child).__name__ for child in model.layers] == ["Block", "Tanh"]


def test_lists_are_edited_as_pytorch_edits_them(extended: Extend) -> None:
    """append, extend, insert and pop, in the order written."""
    patch = "  layers: {pop: -1, insert: [0, Tanh], append: GELU, extend: [ReLU, {Linear: 3}]}\n"
    model = extended(patch)
    names = [type(child).__name__ for child in model.layers]
    assert names == ["Tanh", "Linear", "Block", "GELU", "ReLU", "Linear"]
    assert model.head.in_features == 3


def test_the_root_is_patched_by_a_dot(extended: Extend) -> None:
    """A graph takes named nodes, before a name or at the end."""
    model = extended('  ".": {insert: [head, {drop: {Dropout: 0.5}}], append: {last: Tanh}}\n')
    assert [name for name, _ in model.named_children()] == ["stem", "layers", "drop", "head", "last"]


def test_params_of_the_base_get_new_defaults(extended: Extend) -> None:
    """A value under `params` is the new default, checked as the base's type."""
    assert extended("  head: {Linear: 3}\n", params="{width: 6}").stem.out_features == 6


def test_blocks_without_a_patch_are_left_alone(extended: Extend) -> None:
    """Other calls of a patched block keep the block as it was written."""
    model = extended("  layers: {append: {Block: {}}}\n  layers.1.act: GELU\n")
    assert isinstance(model.layers[1].act, nn.GELU)
    assert isinstance(model.layers[3].act, nn.ReLU)


def test_a_shipped_architecture_is_changed_for_transfer_learning(tmp_path: Path) -> None:
    """The names that are left keep their keys, so a published checkpoint still loads but for the head."""
    path = tmp_path / "mine.yaml"
    path.write_text("archspec: 1\nextends: resnet18\nparams: {num_classes: 5}\npatch: {avgpool: null, maxpool: null}\n")
    model, base = archspec.build(path, device="meta"), archspec.build("resnet18", device="meta")
    assert set(model.state_dict()) == set(base.state_dict())
    assert model.fc.out_features == 5


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (
            "  heed: {Linear: 3}\n",
            (
                "mine.yaml:5:3: error[E0703]: the patch names `heed`, which the model does not have\n"
                "  |\n"
                "5 |   heed: {Linear: 3}\n"
                "  |   ^^^^\n"
                "  = expected: stem, layers, head\n"
                "  = help: did you mean `head`?"
            ),
        ),
        (
            "  layers.7: ReLU\n",
            (
                "mine.yaml:5:3: error[E0703]: the patch names `7`, which `layers` does not have\n"
                "  |\n"
                "5 |   layers.7: ReLU\n"
                "  |   ^^^^^^^^\n"
                "  = expected: 0, 1, 2"
            ),
        ),
    ],
)
def test_an_unknown_path_is_refused(extended: Extend, tmp_path: Path, patch: str, message: str) -> None:
    """A typo in a path is an error with the names there are."""
    with pytest.raises(SpecError) as caught:
        extended(patch)
    assert str(caught.value).replace(f"{tmp_path}/", "").strip() == message


def test_forward_of_a_patched_model_runs(extended: Extend) -> None:
    """What a patch makes is proved like anything else."""
    assert extended("  layers.2: {Linear: 3}\n")(torch.ones(5, 4)).shape == (5, 2)


def test_patches_of_patches_apply_in_order(tmp_path: Path) -> None:
    """A spec that extends a patched spec changes what that patch left, and a used spec keeps its own."""
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "b.yaml").write_text("archspec: 1\nextends: ./base.yaml\npatch: {layers.0: null, head: {Linear: 5}}\n")
    (tmp_path / "c.yaml").write_text("archspec: 1\nextends: ./b.yaml\npatch: {layers.1: Tanh}\n")
    model = archspec.build(tmp_path / "c.yaml")
    assert [type(child).__name__ for child in model.layers] == ["Block", "Tanh"]
    assert model.head.out_features == 5
    (tmp_path / "u.yaml").write_text("archspec: 1\ninput: [N, 4]\nuse: {C: ./c.yaml}\nmodel: [{C: {width: 6}}]\n")
    used = archspec.build(tmp_path / "u.yaml")[0]
    assert used.head.out_features == 5
    assert used.stem.out_features == 6


def test_a_used_spec_keeps_its_ties_and_its_initialisation(tmp_path: Path) -> None:
    """What a file says of its own parameters holds wherever it is used, each time for its own."""
    tied = (
        "archspec: 1\nname: Tied\ninput: [N, 4]\nmodel:\n  a: {Linear: {out_features: 4, bias: false}}\n"
        "  b: {Linear: {out_features: 4, bias: false}}\ntie: {b.weight: a.weight}\n"
        "init: [{match: Linear, weight: ones}]\n"
    )
    (tmp_path / "tied.yaml").write_text(tied)
    (tmp_path / "u.yaml").write_text("archspec: 1\ninput: [N, 4]\nuse: {T: ./tied.yaml}\nmodel: [T, T]\n")
    model = archspec.build(tmp_path / "u.yaml")
    assert model[0].b.weight is model[0].a.weight
    assert model[1].b.weight is model[1].a.weight
    assert model[1].a.weight is not model[0].a.weight
    assert torch.equal(model[0].a.weight, torch.ones(4, 4))
