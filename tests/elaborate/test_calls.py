"""What is checked when a module runs again, by `call` or for every key of a run-time string."""

import pytest

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
