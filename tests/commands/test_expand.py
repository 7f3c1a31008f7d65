"""`archspec expand`."""

from collections.abc import Callable

import torch
from typer.testing import Result

import archspec

Invoke = Callable[..., Result]
Write = Callable[..., str]


def test_the_expanded_spec_builds_the_same_model(invoke: Invoke, spec: Write) -> None:
    """Its params and presets are worked out; names, order and numbers are those of the original."""
    result = invoke("expand", spec(), "--preset", "wide", "-p", "width=7")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "$" not in result.stdout
    expanded = archspec.build(result.stdout, seed=0)
    original = archspec.compile("small.yaml", params={"width": 7}).build(seed=0)
    assert list(expanded.state_dict()) == list(original.state_dict())
    x = torch.randn(3, 4)
    assert torch.equal(expanded(x), original(x))


def test_a_shipped_architecture_expands(invoke: Invoke) -> None:
    """Blocks, loops and a preset are all worked out."""
    text = invoke("expand", "resnet18").stdout
    expanded, original = archspec.build(text, device="meta"), archspec.build("resnet18", device="meta")
    assert list(expanded.state_dict()) == list(original.state_dict())


def test_warnings_do_not_mix_with_the_spec(invoke: Invoke, spec: Write) -> None:
    """What is on standard output is a spec, whatever there is to say about the first one."""
    text = "archspec: 1\nname: P\nparams: {unused: 3}\ninput: [N, 4]\nmodel: {head: {Linear: 2}}\n"
    result = invoke("expand", spec(text))
    assert "warning[W0102]" in result.stderr
    assert archspec.check(result.stdout) == ()


def test_a_wrong_spec_prints_no_spec(invoke: Invoke, spec: Write) -> None:
    """`archspec expand a.yaml > b.yaml` leaves no half of a spec behind."""
    result = invoke("expand", spec("archspec: 1\n"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith(" in small.yaml\n")


def test_control_characters_of_a_doc_stay_escaped(invoke: Invoke, spec: Write) -> None:
    """YAML can hold them in quotes, and a terminal would obey them."""
    doc = '"a\\e[2J\\u202Eb"'
    result = invoke(
        "expand", spec(f"archspec: 1\nname: P\ndoc: {doc}\ninput: [N, 4]\nmodel: {{head: {{Linear: 2}}}}\n")
    )
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
