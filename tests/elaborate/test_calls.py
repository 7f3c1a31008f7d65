"""What is checked when a module runs again, by `call` or for every key of a run-time string."""

from pathlib import Path

import pytest
import torch

import archspec
from archspec.errors import LimitError, SpecError
from archspec.limits import Limits

TWO = (
    "archspec: 1\ninput: [N, 4]\nblocks: {B: {inputs: {x: [N, 4], y: [N, 4]}, model: {f: {add: , from: [x, y]}}}}\n"
    "model: {b: {B: , from: [input, input]}, again: CALL}\n"
)
RELU = "{ReLU: , from: input}"
CHOICE = "archspec: 1\ninputs: {x: [N, 4], c: str}\nmodel:\n"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("{call: b, from: b}", "`b` takes x, y and gets 1 inputs"),
        ("{call: b, from: [b, b, b]}", "`b` takes x, y and gets 3 inputs"),
        ("{call: b, from: {x: b, y: b, z: b}}", "`b` has no further input `z`"),
        ("{call: b, from: [b, b], with: {z: 1}}", "`b` has no further input `z`"),
    ],
)
def test_a_call_gives_a_block_what_its_forward_takes(call: str, message: str) -> None:
    """Too few, too many and unknown inputs are found before anything runs."""
    (diagnostic,) = archspec.check(TWO.replace("CALL", call))
    assert (diagnostic.code, diagnostic.message) == ("E0503", message)


def test_a_chain_is_called_by_position() -> None:
    """`nn.Sequential` takes one input and has no name for it that is ours."""
    text = "archspec: 1\ninput: [N, 4]\nmodel: {f: [{Linear: 4}, ReLU], g: {call: f, from: {input: f}}}\n"
    (diagnostic,) = archspec.check(text)
    assert diagnostic.message == "`f` takes one input, by position, and nothing else"


@pytest.mark.parametrize(
    "model",
    [
        "  d: {ModuleDict: {k$(i): {Linear: $i, for: 'i in range(4, 6)'}}, from: x, select: c}\n",
        (
            "  d: {ModuleDict: {a: {Linear: 4}, b: {Linear: 4}}, from: x, select: c}\n"
            "  e: {ModuleDict: {b: {Linear: 5}, a: {Linear: 6}}, select: c}\n"
        ),
    ],
)
def test_every_key_is_checked(model: str) -> None:
    """Keys that a loop names, and keys that dictionaries have in another order, are run like the first one."""
    (diagnostic,) = archspec.check(f"{CHOICE}{model}  h: {{Linear: 3}}\n")
    assert diagnostic.code == "E0602"
    assert diagnostic.path == "h"


def test_a_key_that_is_switched_off_is_none() -> None:
    """Only the modules that are there can be selected."""
    model = "  d: {ModuleDict: {a: {Linear: 4}, b: {Linear: 5, when: 1 > 2}}, from: x, select: c}\n  h: {Linear: 3}\n"
    assert archspec.compile(CHOICE + model).graph.choices == (("c", ("a",)),)


def test_running_again_has_a_budget() -> None:
    """Many keys of a large model, and many dimensions that may vary, are counted like expanded nodes."""
    keys = ", ".join(f"k{index}: ReLU" for index in range(100))
    text = f"{CHOICE}  d: {{ModuleDict: {{{keys}}}, from: x, select: c}}\n  e: [{{ReLU: , repeat: 1000}}]\n"
    with pytest.raises(LimitError, match="expansion_steps"):
        archspec.compile(text, limits=Limits(expansion_steps=50_000))


def test_a_glob_counts_what_it_names() -> None:
    """Three thousand nodes that each read three thousand others are nine million references."""
    text = (
        "archspec: 1\ninput: [N, 4]\nmodel:\n  r$(i): {ReLU: , from: input, for: i in range(1000)}\n"
        "  c$(i): {stack: {dim: 0}, from: 'r*', for: i in range(1000)}\n"
    )
    with pytest.raises(LimitError, match="expansion_steps"):
        archspec.compile(text)


def test_a_stage_ends_when_there_are_more_faults_than_anybody_reads() -> None:
    """Two thousand misspelt names are refused at once, with the first two hundred of them."""
    lines = "".join(f"  node{index}: {{ReLU: , from: nod{index}}}\n" for index in range(2_000))
    with pytest.raises(SpecError) as caught:
        archspec.compile(f"archspec: 1\ninput: [N, 4]\nmodel:\n{lines}")
    assert len(caught.value.diagnostics) == 201


def test_warnings_end_no_stage() -> None:
    """However many there are, a spec that has only warnings compiles, and all of them are given."""
    dead = "".join(f"  dead{index}: {RELU}\n" for index in range(250))
    text = f"archspec: 1\ninput: [N, 4]\nmodel:\n{dead}  out: {RELU}\n"
    assert [item.code for item in archspec.check(text)] == ["W0101"] * 250
    params = ", ".join(f"p{index}: 1" for index in range(250))
    found = archspec.check(f"archspec: 1\nparams: {{{params}}}\ninput: [N, 4]\nmodel: [ReLU]\n")
    assert [item.code for item in found] == ["W0102"] * 250


@pytest.mark.parametrize("size", ["²", "9" * 5_000])
def test_a_size_is_a_number_of_some_digits(size: str) -> None:
    """What Python's own `int` would stumble over is an error of the spec."""
    (diagnostic,) = archspec.check(f'archspec: 1\ninput: [N, "H={size}"]\nmodel: [ReLU]\n')
    assert diagnostic.code == "E0206"


HELD = "archspec: 1\nname: Net\ninput: [N, 4]\n"


def test_a_held_module_is_registered_where_it_stands() -> None:
    """The tree, and so the `state_dict`, has it in its place; its arguments come from its first call."""
    text = f"{HELD}model: {{head: {{Linear: 3, mode: hold}}, body: {{Linear: 7}}, out: {{call: head}}}}\n"
    model = archspec.build(text)
    assert [(name, tuple(value.shape)) for name, value in model.state_dict().items()] == [
        ("head.weight", (3, 7)),
        ("head.bias", (3,)),
        ("body.weight", (7, 4)),
        ("body.bias", (7,)),
    ]
    x = torch.randn(2, 4)
    assert torch.equal(model(x), model.head(model.body(x)))


@pytest.mark.parametrize(
    ("held", "blocks"),
    [
        ("{Linear: 4, mode: hold}", ""),
        ("{Sequential: [{Linear: 4}, ReLU], mode: hold}", ""),
        ("{Graph: {fc: {Linear: 4}, act: relu}, mode: hold}", ""),
        ("{Head: {width: 4}, mode: hold}", "blocks: {Head: {params: {width: int}, model: {fc: {Linear: $width}}}}\n"),
        ("{$head: , mode: hold}", "params: {head: {type: module, default: {Linear: 4}}}\n"),
        ("{$head: , mode: hold}", "params: {head: {type: module, default: {Sequential: [{Linear: 4}]}}}\n"),
    ],
)
def test_whatever_has_a_place_in_the_tree_can_be_held(held: str, blocks: str) -> None:
    """Layers, chains, graphs, blocks and modules that a param passes; each can be called more than once."""
    nodes = f"{{h: {held}, body: {{Linear: 4}}, a: {{call: h}}, b: {{call: h}}}}"
    model = archspec.build(f"{HELD}{blocks}model: {nodes}\n")
    assert [name for name, _ in model.named_children()] == ["h", "body"]
    x = torch.randn(2, 4)
    assert torch.equal(model(x), model.h(model.h(model.body(x))))


def test_what_is_inside_a_held_module_can_be_called_once_it_is_known() -> None:
    """After the module has been called itself, paths lead into it."""
    nodes = "{h: {Sequential: [{Linear: 4}, ReLU], mode: hold}, a: {call: h}, b: {call: h.0}}"
    model = archspec.build(f"{HELD}model: {nodes}\n")
    x = torch.randn(2, 4)
    assert torch.equal(model(x), model.h[0](model.h(x)))


def test_held_modules_of_a_loop() -> None:
    """Held modules may be named by a loop, and called by one."""
    nodes = (
        "{n$i: {LayerNorm: , mode: hold, for: 'i in range(2)'}, fc: {Linear: 4}, "
        "o$i: {call: n$i, for: 'i in range(2)'}}"
    )
    assert [*archspec.build(f"{HELD}model: {nodes}\n").state_dict()] == [
        *("n0.weight", "n0.bias", "n1.weight", "n1.bias", "fc.weight", "fc.bias"),
    ]


def test_a_held_module_that_is_switched_off_leaves_nothing() -> None:
    """It needs no stand-in, whatever its place: a node that is only registered passes nothing on."""
    nodes = "{n: {LayerNorm: , mode: hold, when: norm}, s: {add: , from: [x, y]}, o: {call: n, when: norm}}"
    text = f"archspec: 1\nparams: {{norm: false}}\ninputs: {{x: [N, 4], y: [N, 4]}}\nmodel: {nodes}\n"
    assert [*archspec.build(text).state_dict()] == []
    assert [*archspec.build(text, norm=True).state_dict()] == ["n.weight", "n.bias"]


def test_a_patch_replaces_a_held_module(tmp_path: Path) -> None:
    """The new module is held in the same place; an operation there is an error, since a call runs modules."""
    nodes = "{h: {Linear: 4, mode: hold}, body: {Linear: 4}, o: {call: h}}"
    (tmp_path / "base.yaml").write_text(f"{HELD}model: {nodes}\n")
    head = "archspec: 1\nextends: ./base.yaml\npatch: {h: NEW}\n"
    path = tmp_path / "changed.yaml"
    path.write_text(head.replace("NEW", "[{Linear: 9}, ReLU]"))
    assert [*archspec.build(path).state_dict()] == ["h.0.weight", "h.0.bias", "body.weight", "body.bias"]
    path.write_text(head.replace("NEW", "{softmax: -1}"))
    assert [(item.code, item.path) for item in archspec.check(path)] == [("E0307", "h")]


def test_an_error_in_a_held_module_names_it_and_not_its_call() -> None:
    """The path of a fault is that of the module, as in the tree."""
    nodes = "{h: {Sequential: [{Linear: {in_features: 9, out_features: 4}}], mode: hold}, o: {call: h}}"
    assert [item.path for item in archspec.check(f"{HELD}model: {nodes}\n")] == ["h.0"]
    lists = "{h: {ModuleList: [{Linear: {in_features: 9, out_features: 4}}], mode: hold}, o: {call: h.0}}"
    assert [item.path for item in archspec.check(f"{HELD}model: {lists}\n")] == ["h.0"]


def test_a_path_with_a_name_twice_is_told_up_to_where_it_ends() -> None:
    """What is expected stands in the module that was reached, not in the first one of that name."""
    text = (
        "archspec: 1\nname: Net\ninput: [N, 4]\nblocks:\n  A: {model: {a: B}}\n  B: {model: {a: ReLU, b: Tanh}}\n"
        "model: {a: A, c: {call: a.a.c}}\n"
    )
    with pytest.raises(SpecError) as caught:
        archspec.compile(text).check()
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.message, diagnostic.expected) == ("no module before is called `a.a.c`", "a.a.a, a.a.b")


def test_a_flag_of_a_call_is_true_or_false() -> None:
    """PyTorch would take any text as true."""
    text = (
        "archspec: 1\nname: Net\ninput: [N, T=4, 8]\nmodel:\n"
        "  a: {MultiheadAttention: {num_heads: 2}, from: [input, input, input]}\n"
        "  b: {call: a, from: [input, input, input], with: {need_weights: WRITTEN}}\n"
    )
    assert archspec.compile(text.replace("WRITTEN", "false")).check() is not None
    with pytest.raises(SpecError) as caught:
        archspec.compile(text.replace("WRITTEN", '"false"')).check()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E0304"
    assert diagnostic.message == "`need_weights` of MultiheadAttention has a wrong value"
    assert (diagnostic.found, diagnostic.expected) == ("`false`", "true or false")
