"""`archspec new`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

import archspec

Invoke = Callable[..., Result]

SPEC = """\
# A net of mine.
archspec: 1
name: Base
params:
  width: 3 # how wide
  layer: {type: module, default: ReLU}
  kinds: int
presets:
  # Two of them.
  wide: {width: 30, layer: {LeakyReLU: 0.2}, kinds: 5}
  deep: {kinds: 2}
input: [N, 4]
model:
  body: [{Linear: $width}, $layer]
  head: {Linear: $kinds}
"""


NO_CLASS = "is no name of a class, which is a letter, then letters and digits"
RULE = "a name is a letter, then letters, digits and underscores, 64 characters at most"


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "called"),
    [("Net", "Net"), ("My_Net", "My_Net"), ("small-net", "SmallNet"), ("small net 2", "SmallNet2"), ("vgg", "Vgg")],
)
def test_a_spec_from_nothing_is_a_network_that_runs(invoke: Invoke, name: str, called: str) -> None:
    """It goes to standard output, and its class has the name, in PascalCase."""
    result = invoke("new", name)
    assert (result.exit_code, result.stderr) == (0, "")
    assert archspec.check(result.stdout) == ()
    assert type(archspec.build(result.stdout, device="meta")).__name__ == called


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("3d-net", f"`3d-net` {NO_CLASS}: call it `Model3dNet`"),
        ("a/b", f"`a/b` {NO_CLASS}: call it `AB`"),
        ("--", f"`--` {NO_CLASS}: call it SmallNet"),
        ("none", "`None` cannot be the name of a class: `None` is a word of Python"),
        ("x" * 65, f"`X{'x' * 64}` cannot be the name of a class: {RULE}"),
    ],
)
def test_a_bad_name_is_refused(invoke: Invoke, name: str, message: str) -> None:
    """With what it could be."""
    result = invoke("new", "--", name, env={"COLUMNS": "200"})
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: {message}\n"


EXTENDING = """\
# yaml-language-server: $schema=archspec.schema.json
# (Editors check and complete this file by that one; `archspec schema -o archspec.schema.json` writes it.)
archspec: 1
name: Mine
doc: "Mine, made from vgg11."
extends: vgg11

# What vgg11 can be given, with its values. Take away the # before one to change it.
# params:
#   # How many convolutions before each pooling.
#   depths: [1, 1, 2, 2, 2]
#   batch_norm: false
#   num_classes: 1000
#   dropout: 0.5

# A patch changes the model by module path (`archspec build` shows them all). This one works:
# patch:
#   classifier.6: {Linear: 10}
"""


def test_a_spec_from_another_extends_it(invoke: Invoke) -> None:
    """Everything that can be changed is there, one character away."""
    result = invoke("new", "Mine", "--from", "vgg11")
    assert (result.exit_code, result.stdout, result.stderr) == (0, EXTENDING, "")


def test_comments_can_be_taken_away(invoke: Invoke) -> None:
    """What stands in them is the model as it is, and then a patch that this model takes."""
    lines = invoke("new", "Mine", "--from", "vgg11").stdout.splitlines()
    live = [line.removeprefix("# ") if line[:4] in ("# pa", "#   ") else line for line in lines]
    patched = archspec.compile("\n".join(live) + "\n").graph
    before = archspec.compile("vgg11").graph
    assert patched.parameters == before.parameters - 990 * 4097
    unpatched = archspec.compile("\n".join(live[: live.index("patch:")]) + "\n").graph
    assert [*unpatched.state()] == [*before.state()]


@pytest.mark.usefixtures("_here")
def test_a_file_of_ones_own_can_be_extended(invoke: Invoke) -> None:
    """By its path from the new file; the values of its preset are written down, since `extends` names a file only."""
    Path("base.yaml").write_text(SPEC, encoding="utf-8")
    result = invoke("new", "Mine", "--from", "base.yaml", "--preset", "wide", "-o", "mine.yaml")
    assert result.stdout == "Wrote mine.yaml; `archspec build mine.yaml` builds it\n"
    text = Path("mine.yaml").read_text(encoding="utf-8")
    assert "\nextends: ./base.yaml\nparams:\n  width: 30\n" in text
    mine, base = archspec.compile("mine.yaml").graph, archspec.compile("base.yaml", preset="wide").graph
    assert [*mine.state()] == [*base.state()]
    assert repr(archspec.build("mine.yaml").body[1]) == "LeakyReLU(negative_slope=0.2)"
    assert mine.name == "Mine"
    assert archspec.check("mine.yaml") == ()


@pytest.mark.usefixtures("_here")
def test_a_file_elsewhere_cannot_be_extended(invoke: Invoke) -> None:
    """A spec reads its own folder only; a copy is what helps."""
    Path("far").mkdir()
    Path("base.yaml").write_text(SPEC, encoding="utf-8")
    result = invoke("new", "Mine", "--from", "base.yaml", "--preset", "wide", "-o", "far/mine.yaml")
    assert result.exit_code == 2
    assert "is not in the folder of the new spec" in result.stderr
    assert "--copy" in result.stderr
    assert [*Path("far").iterdir()] == []
    copy = ("new", "Mine", "--from", "base.yaml", "--preset", "wide", "--copy", "-o", "far/mine.yaml")
    assert invoke(*copy).exit_code == 0
    assert archspec.check("far/mine.yaml") == ()


@pytest.mark.usefixtures("_here")
def test_a_file_is_not_written_over_unless_forced(invoke: Invoke) -> None:
    """The refusal comes before the work."""
    Path("mine.yaml").write_text("mine", encoding="utf-8")
    result = invoke("new", "Mine", "--from", "absent", "-o", "mine.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: `mine.yaml` exists; write over it with --force, or force=True\n"
    assert Path("mine.yaml").read_text(encoding="utf-8") == "mine"
    assert invoke("new", "Mine", "-o", "mine.yaml", "--force").exit_code == 0
    assert archspec.check("mine.yaml") == ()
    assert [*Path().iterdir()] == [Path("mine.yaml")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--copy",), "--preset and --copy need a spec to start from, such as --from resnet18"),
        (("--preset", "wide"), "--preset and --copy need a spec to start from, such as --from resnet18"),
        (("--from", "resnet5O"), "no spec is called `resnet5O`: did you mean `resnet50`?"),
        (("-o", "mine.json"), "`mine.json` cannot be written, because the file of a spec ends in .yaml"),
    ],
)
def test_a_wrong_call_is_a_usage_error(invoke: Invoke, arguments: tuple[str, ...], message: str) -> None:
    """Told in one line, with the likely fix."""
    result = invoke("new", "Mine", *arguments, env={"COLUMNS": "200"})
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"error: {message}\n")


@pytest.mark.usefixtures("_here")
def test_faults_of_the_other_spec_are_shown(invoke: Invoke) -> None:
    """A new spec is not built on one that is wrong."""
    Path("bad.yaml").write_text("archspec: 1\ninput: [N, 4]\nmodel: [Relu]\n", encoding="utf-8")
    for option in ((), ("--copy",)):
        result = invoke("new", "Mine", "--from", "bad.yaml", *option, "-o", "mine.yaml")
        assert result.exit_code == 1
        assert "bad.yaml:3:9: error[E0301]" in result.stderr
        assert not Path("mine.yaml").exists()
