"""Specs that use and extend other files: found, read once, kept in their folder."""

from pathlib import Path

import pytest
import torch

import archspec
from archspec.errors import LimitError, SpecError
from archspec.limits import Limits

STEM = """\
archspec: 1
name: Stem
params: {width: 4}
input: [N, 3, H, W]
model: [{Conv2d: {out_channels: $width, kernel_size: 3}}, ReLU]
"""
MAIN = """\
archspec: 1
input: [N, 3, 8, 8]
use: {Stem: ./parts/stem.yaml}
model: [{Stem: {width: 6}}, {Stem: {width: 2}}]
"""


def _write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def _codes(error: pytest.ExceptionInfo[SpecError]) -> list[str]:
    return [diagnostic.code for diagnostic in error.value.diagnostics]


def test_a_text_that_is_remembered_keeps_the_limits_of_the_caller() -> None:
    """Who allows less than the last caller is told so, and who allows more is served."""
    text = "archspec: 1\ninput: [N, 4]\nmodel: [ReLU, ReLU, ReLU]\n"
    for _ in range(2):
        assert len(list(archspec.build(text).children())) == 3
        with pytest.raises(LimitError, match="nodes in this file"):
            archspec.build(text, limits=Limits(yaml_nodes=5))


def test_a_used_file_is_a_block_with_its_own_params(tmp_path: Path) -> None:
    """Each call has its own values, and a file that checks three channels refuses six."""
    _write(tmp_path, parts__stem_yaml=STEM, main_yaml=MAIN)
    with pytest.raises(SpecError) as caught:
        archspec.build(tmp_path / "main.yaml")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E0604"
    assert diagnostic.message == "Stem declares `input` as N×3×H×W and gets 2×6×6×6"


def test_a_used_file_runs(tmp_path: Path) -> None:
    """Blocks from another file compile as if they stood in this one."""
    main = MAIN.replace("{Stem: {width: 2}}", "Flatten")
    _write(tmp_path, parts__stem_yaml=STEM, main_yaml=main)
    assert archspec.build(tmp_path / "main.yaml")(torch.ones(2, 3, 8, 8)).shape == (2, 6 * 6 * 6)


def test_a_shipped_architecture_can_be_used(tmp_path: Path) -> None:
    """`use` takes the name of a preset, whose settings are the defaults."""
    _write(
        tmp_path,
        main_yaml="archspec: 1\ninput: [N, 3, 64, 64]\nuse: {Net: resnet18}\nmodel: [{Net: {num_classes: 4}}]\n",
    )
    assert archspec.build(tmp_path / "main.yaml", device="meta")[0].fc.out_features == 4


def test_a_used_architecture_can_be_changed_in_place(tmp_path: Path) -> None:
    """`use` takes `{extends: …, patch: …}`, which is a file of its own: its params, and what else the base says."""
    _write(
        tmp_path,
        parts__stem_yaml=STEM,
        main_yaml=(
            "archspec: 1\ninput: [N, 3, 8, 8]\nmodel: [{Stem: {width: 6}}]\nuse:\n"
            "  Stem: {extends: ./parts/stem.yaml, params: {slope: 0.5, width: 5}, patch: {'1': {LeakyReLU: $slope}}}\n"
        ),
    )
    stem = archspec.build(tmp_path / "main.yaml")[0]
    assert repr(stem[1]) == "LeakyReLU(negative_slope=0.5)"
    assert stem[0].out_channels == 6
    unset = (tmp_path / "main.yaml").read_text().replace("{width: 6}", "")
    (tmp_path / "unset.yaml").write_text(unset)
    assert archspec.build(tmp_path / "unset.yaml")[0][0].out_channels == 5


def test_a_classifier_becomes_a_backbone() -> None:
    """`output` says what is returned in place of the last node, and a patch removes what is not needed for it."""
    text = (
        "archspec: 1\ninput: [N, 3, H=64, W=64]\n"
        "model: {body: Backbone, out: {mean: {dim: [2, 3]}, from: 'body[deep]'}}\n"
        "use:\n  Backbone: {extends: resnet18, patch: {avgpool: null, flatten: null, fc: null},"
        " output: {fine: layer1, deep: layer4}}\n"
    )
    model, resnet, image = archspec.build(text), archspec.build("resnet18"), torch.randn(2, 3, 64, 64)
    resnet.load_state_dict(model.body.state_dict(), strict=False)
    assert list(model.body.state_dict()) == [key for key in resnet.state_dict() if not key.startswith("fc")]
    seen: list[torch.Tensor] = []
    resnet.avgpool.register_forward_hook(lambda _, __, output: seen.append(output.flatten(1)))
    resnet.eval()(image)
    torch.testing.assert_close(model.eval()(image), seen[0])


def test_circles_go_through_what_is_changed_in_place(tmp_path: Path) -> None:
    """A file that changes itself is refused."""
    _write(
        tmp_path,
        a_yaml="archspec: 1\ninput: [N, 3]\nuse: {A: {extends: ./a.yaml}}\nmodel: [A]\n",
    )
    with pytest.raises(SpecError) as caught:
        archspec.build(tmp_path / "a.yaml")
    assert _codes(caught)[0] == "E0702"


def test_circles_are_named_with_their_chain(tmp_path: Path) -> None:
    """Two files that use each other are refused, with the way round."""
    _write(
        tmp_path,
        a_yaml="archspec: 1\ninput: [N, 3]\nuse: {B: ./b.yaml}\nmodel: [B]\n",
        b_yaml="archspec: 1\ninput: [N, 3]\nuse: {A: ./a.yaml}\nmodel: [A]\n",
    )
    with pytest.raises(SpecError) as caught:
        archspec.build(tmp_path / "a.yaml")
    assert caught.value.diagnostics[0].code == "E0702"
    assert caught.value.diagnostics[0].message == "these files use each other in a circle: a.yaml → b.yaml → a.yaml"


@pytest.mark.parametrize("path", ["../outside.yaml", "/etc/hosts.yaml", "link.yaml", "missing.yaml"])
def test_nothing_outside_the_folder_is_read(tmp_path: Path, path: str) -> None:
    """Parents, absolute paths and links are refused, as is a file that is not there."""
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text(STEM)
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    _write(folder, main_yaml=f"archspec: 1\ninput: [N, 3, 8, 8]\nuse: {{Stem: {path}}}\nmodel: [Stem]\n")
    with pytest.raises(SpecError) as caught:
        archspec.build(folder / "main.yaml")
    assert _codes(caught)[0] in ("E0101", "E0701")


def test_text_has_no_folder() -> None:
    """A spec that is in no file can use shipped architectures only."""
    with pytest.raises(SpecError) as caught:
        archspec.build(MAIN)
    assert _codes(caught)[0] == "E0701"


def test_the_number_of_files_is_bounded(tmp_path: Path) -> None:
    """The limits of files and depth hold, and say how to raise them."""
    _write(tmp_path, parts__stem_yaml=STEM, main_yaml=MAIN)
    with pytest.raises(LimitError, match="include_files"):
        archspec.compile(tmp_path / "main.yaml", limits=Limits(include_files=1))


def test_errors_in_a_used_file_name_that_file(tmp_path: Path) -> None:
    """The place is in the file where the fault stands."""
    _write(tmp_path, parts__stem_yaml=STEM.replace("ReLU", "RelU"), main_yaml=MAIN)
    with pytest.raises(SpecError) as caught:
        archspec.build(tmp_path / "main.yaml")
    span = caught.value.diagnostics[0].span
    assert span is not None
    assert span.source.name.endswith("parts/stem.yaml")
    assert span.line == 5
