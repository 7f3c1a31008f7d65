"""`archspec build`."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from typer.testing import Result

import archspec
from archspec.diagnostic import Diagnostic
from archspec.errors import Fault

Invoke = Callable[..., Result]
Write = Callable[..., str]

LENET = Path(__file__).parents[2] / "architectures" / "lenet.yaml"

TREE = """\
Name          Type        Output      Parameters   MACs  Arguments
LeNet         LeNet       2×10            62,006   652K
  features    Sequential  2×16×5×5         2,872   593K
    conv1     Conv2d      2×6×28×28          456   353K  3, 6, kernel_size=5
    relu1     ReLU        2×6×28×28            -      -  inplace=True
    pool1     MaxPool2d   2×6×14×14            -      -  2, stride=2
    conv2     Conv2d      2×16×10×10       2,416   240K  6, 16, kernel_size=5
    relu2     ReLU        2×16×10×10           -      -  inplace=True
    pool2     MaxPool2d   2×16×5×5             -      -  2, stride=2
  flatten     flatten     2×400                -      -  start_dim=1
  classifier  Sequential  2×10            59,134  58.9K
    fc1       Linear      2×120           48,120  48.0K  400, 120
    relu3     ReLU        2×120                -      -  inplace=True
    fc2       Linear      2×84            10,164  10.1K  120, 84
    relu4     ReLU        2×84                 -      -  inplace=True
    fc3       Linear      2×10               850    840  84, 10

Parameters  62,006 (all trainable), 242.2 KiB
MACs        651,720 (652K) at input 1×3×32×32
Input       input 2×3×32×32 (N may vary)
Output      2×10
Forward     TIME ms on cpu, the first run
"""

DRAWN = """\
Name           Type        Output      Parameters   MACs  Arguments
LeNet          LeNet       2×10            62,006   652K
├─ features    Sequential  2×16×5×5         2,872   593K
│  ├─ conv1    Conv2d      2×6×28×28          456   353K  3, 6, kernel_size=5
│  ├─ relu1    ReLU        2×6×28×28            -      -  inplace=True
│  ├─ pool1    MaxPool2d   2×6×14×14            -      -  2, stride=2
│  ├─ conv2    Conv2d      2×16×10×10       2,416   240K  6, 16, kernel_size=5
│  ├─ relu2    ReLU        2×16×10×10           -      -  inplace=True
│  └─ pool2    MaxPool2d   2×16×5×5             -      -  2, stride=2
├─ flatten     flatten     2×400                -      -  start_dim=1
└─ classifier  Sequential  2×10            59,134  58.9K
   ├─ fc1      Linear      2×120           48,120  48.0K  400, 120
   ├─ relu3    ReLU        2×120                -      -  inplace=True
   ├─ fc2      Linear      2×84            10,164  10.1K  120, 84
   ├─ relu4    ReLU        2×84                 -      -  inplace=True
   └─ fc3      Linear      2×10               850    840  84, 10
"""

REUSED = """\
archspec: 1
name: Reused
input: [N, 4]
model:
  relu: ReLU
  head: {Linear: 4}
  again: {call: relu}
  aux: {Linear: 2, from: head, only: train}
output: again
"""


def _timeless(text: str) -> str:
    return re.sub(r"Forward     [\d,.]+ ms", "Forward     TIME ms", text)


def test_lenet_is_shown_as_a_table(invoke: Invoke) -> None:
    """Piped, the tree is indented text without a drawn line, which other programs can read by columns."""
    result = invoke("build", LENET)
    assert (result.exit_code, result.stderr) == (0, "")
    assert _timeless(result.stdout) == TREE


def test_a_terminal_draws_the_tree(invoke: Invoke) -> None:
    """Lines lead from each module to its children, and the colours change no column."""
    result = invoke("build", LENET, env={"FORCE_COLOR": "1", "NO_COLOR": None, "TERM": "xterm"})
    assert "\x1b[36mConv2d\x1b[0m" in result.stdout
    plain = re.sub(r"\x1b\[[\d;]*m", "", result.stdout)
    assert plain.startswith(DRAWN + "\n")


@pytest.mark.parametrize("width", [80, 60])
def test_no_line_is_wider_than_the_terminal(invoke: Invoke, width: int) -> None:
    """A deep model stays one line a node: what is too much is cut, arguments first."""
    lines = invoke("build", "resnet50", "--device", "meta", env={"COLUMNS": str(width)}).stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) == len(invoke("build", "resnet50", "--device", "meta", env={"COLUMNS": None}).stdout.splitlines())


def test_a_preset_and_params_choose_the_model(invoke: Invoke, spec: Write) -> None:
    """The later word wins: `-p` over the preset, the preset over the default."""
    name = spec()
    wide = ("--preset", "wide")
    for arguments, width in (((), 3), (wide, 30), ((*wide, "-p", "width=7"), 7)):
        linear = invoke("build", name, *arguments).stdout.splitlines()[3]
        assert linear.split()[:3] == ["0", "Linear", f"2×{width}"]


def test_a_shipped_preset_builds_by_its_name(invoke: Invoke) -> None:
    """`archspec build resnet50` needs no path."""
    result = invoke("build", "resnet50", "--device", "meta")
    assert result.exit_code == 0
    assert "Parameters  25,557,032 (all trainable), 97.7 MiB" in result.stdout.splitlines()
    assert result.stdout.endswith("Forward     ran on meta\n")


def test_inputs_are_checked_at_the_sizes_asked_for(invoke: Invoke) -> None:
    """Sizes of named dimensions, or the whole shape."""
    assert "Input       input 5×3×32×32 (N may vary)" in invoke("build", LENET, "--input", "N=5").stdout
    assert "Input       input 1×3×32×32 (N may vary)" in invoke("build", LENET, "--input", "input=1x3x32x32").stdout
    result = invoke("build", LENET, "--input", "M=5")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: LeNet has no dimension `M`: its named dimensions are N\n"


def test_the_arithmetic_is_counted_for_one_sample(invoke: Invoke, spec: Write) -> None:
    """Whatever the batch, and at the sizes asked for; a small number needs no short form."""
    facts = invoke("build", "resnet18", "--device", "meta", "--input", "N=8,H=64,W=64").stdout.splitlines()
    assert "MACs        148,557,824 (149M) at input 1×3×64×64" in facts
    assert "MACs        18 at input 1×4" in invoke("build", spec()).stdout.splitlines()


def test_a_class_that_cannot_be_counted_is_no_failure(
    invoke: Invoke, spec: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is built and shown all the same, and the reader learns why a number is missing."""

    def refuse(*_: object, **__: object) -> None:
        raise Fault(Diagnostic(code="E0602", message="Odd cannot take 1×4"))

    monkeypatch.setattr("archspec.elaborate.macs.count_macs", refuse)
    result = invoke("build", spec())
    assert result.exit_code == 0
    assert "MACs        not counted: Odd cannot take 1×4" in result.stdout.splitlines()


def test_what_fixes_a_dimension_is_told(invoke: Invoke, spec: Write) -> None:
    """The reader learns which sizes the model takes without trying them."""
    text = "archspec: 1\nname: F\ninput: [N, T=4, 6]\nmodel:\n  flat: {flatten: {start_dim: 1}}\n  head: {Linear: 2}\n"
    assert (
        "Input       input 2×4×6 (N may vary, T is fixed by head, small.yaml:6)\n" in invoke("build", spec(text)).stdout
    )


def test_reuse_and_training_only_are_told(invoke: Invoke, spec: Write) -> None:
    """A module that runs twice, and one that runs in training only, say so where arguments stand."""
    lines = invoke("build", spec(REUSED)).stdout.splitlines()
    again, aux = (next(line for line in lines if line.startswith(f"  {name} ")) for name in ("again", "aux"))
    assert again.endswith("runs relu again")
    assert aux.endswith("4, 2, in training only")


def test_a_seed_makes_the_parameters_the_same(invoke: Invoke, spec: Write) -> None:
    """The file holds what `archspec.build` gives with that seed."""
    result = invoke("build", spec(), "--seed", "3", "-o", "a.safetensors")
    size = Path("a.safetensors").stat().st_size
    assert result.stdout.splitlines()[-1] == f"Wrote       a.safetensors ({size} B)"
    expected = archspec.compile("small.yaml").build(seed=3).state_dict()
    assert {key: value.tolist() for key, value in load_file("a.safetensors").items()} == {
        key: value.tolist() for key, value in expected.items()
    }


def test_parameters_have_the_dtype_asked_for(invoke: Invoke, spec: Write) -> None:
    """In the file as in the totals."""
    result = invoke("build", spec(), "--dtype", "bfloat16", "-o", "a.safetensors")
    assert "Parameters  23 (all trainable), 46 B" in result.stdout.splitlines()
    assert {value.dtype for value in load_file("a.safetensors").values()} == {torch.bfloat16}


def test_several_files_are_written(invoke: Invoke, spec: Write) -> None:
    """Each in the format of its suffix, each told."""
    result = invoke("build", spec(), "-o", "a.safetensors", "-o", "a.yaml")
    assert [line.split()[1] for line in result.stdout.splitlines() if line.startswith("Wrote")] == [
        "a.safetensors",
        "a.yaml",
    ]
    assert archspec.check("a.yaml") == ()


def test_a_file_is_not_written_over_unless_forced(invoke: Invoke, spec: Write) -> None:
    """The refusal comes before the work."""
    name = spec()
    Path("a.safetensors").write_bytes(b"mine")
    result = invoke("build", name, "-o", "a.safetensors")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: `a.safetensors` exists; write over it with --force, or force=True\n"
    assert Path("a.safetensors").read_bytes() == b"mine"
    assert invoke("build", name, "-o", "a.safetensors", "--force").exit_code == 0
    assert load_file("a.safetensors")


def test_an_unknown_format_is_refused_before_the_work(invoke: Invoke, spec: Write) -> None:
    """Nobody waits for a model that cannot be written."""
    result = invoke("build", spec(), "-o", "a.savetensors")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean `.safetensors`?" in result.stderr


def test_weights_that_do_not_exist_are_the_exports_fault(invoke: Invoke, spec: Write) -> None:
    """On meta there is nothing to write; the tree is shown all the same."""
    result = invoke("build", spec(), "--device", "meta", "-o", "a.safetensors")
    assert result.exit_code == 1
    assert result.stderr == ("error: a model on the device meta has no weights to write; build it on another device\n")


def test_a_limit_is_raised_by_name(invoke: Invoke, spec: Write) -> None:
    """The message of a limit that is exceeded says which option lets the spec pass."""
    result = invoke("build", spec(), "--limit", "parameter_bytes=10")
    assert result.exit_code == 1
    assert "raise it: --limit parameter_bytes=92" in result.stderr
    assert result.stderr.endswith("\n1 error in small.yaml\n")
    assert invoke("build", spec(), "--limit", "parameter_bytes=92").exit_code == 0


def test_warnings_are_beside_the_result(invoke: Invoke, spec: Write) -> None:
    """The model is built; what looks wrong is told on stderr."""
    text = "archspec: 1\nname: P\nparams: {unused: 3}\ninput: [N, 4]\nmodel: {head: {Linear: 2}}\n"
    result = invoke("build", spec(text))
    assert result.exit_code == 0
    assert result.stderr.startswith("small.yaml:3:10: warning[W0102]:")
    assert "warning" not in result.stdout


def test_a_spec_from_standard_input_is_built(invoke: Invoke) -> None:
    """`-` stands for it."""
    result = invoke("build", "-", stdin="archspec: 1\nname: Piped\ninput: [N, 4]\nmodel: {head: {Linear: 2}}\n")
    assert result.stdout.splitlines()[1].split() == ["Piped", "Piped", "2×2", "10", "8"]


def test_the_linter_speaks_before_the_model_is_shown(invoke: Callable[..., Result], spec: Callable[..., str]) -> None:
    """Its warnings are on standard error, and can be switched off."""
    text = "archspec: 1\nname: N\ninput: [N, 4]\nmodel:\n  - Linear: 4\n  - BatchNorm1d\n"
    name = spec(text, "net.yaml")
    assert invoke("build", name).stderr.startswith("net.yaml:5:5: warning[W0201]")
    assert invoke("build", name, "--ignore", "W0201").stderr == ""
