"""The YAML is the source code: what goes wrong when a model runs is shown at the spec's own line."""

import json
import linecache
import os
import subprocess
import sys
import traceback
from hashlib import sha256
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.emit.filenames import SHOWN_TEXTS

SPEC = dedent(
    """\
    archspec: 1
    name: Net
    input: [N, 4]
    model:
      fc1: {Linear: 8}
      body:
        Inner: {width: 8}
      out:
        compute: body + fc1
    blocks:
      Inner:
        params: {width: int}
        model:
          fc: {Linear: $width}
          act: ReLU
    """
)


def frames(error: BaseException, name: str) -> list[tuple[int | None, str | None]]:
    """The line numbers and the lines that the traceback shows of the file `name`, outermost first."""
    return [(frame.lineno, frame.line) for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]


def failing(model: nn.Module, *inputs: Any) -> Exception:
    """What calling the model raises."""
    with pytest.raises((RuntimeError, TypeError, KeyError, ValueError)) as raised:
        model(*inputs)
    return raised.value


def test_a_file(tmp_path: Path) -> None:
    """A wrong shape deep inside is shown at the line of each call that leads there, in the file of the spec."""
    path = tmp_path / "net.yaml"
    path.write_text(SPEC, encoding="utf-8")
    model = archspec.build(path)
    model.body.fc = nn.Linear(5, 8)
    error = failing(model, torch.randn(2, 4))
    assert str(error) == "mat1 and mat2 shapes cannot be multiplied (2x8 and 5x8)"
    assert frames(error, str(path)) == [(7, "Inner: {width: 8}"), (14, "fc: {Linear: $width}")]


def test_a_text() -> None:
    """A spec that is in no file lends its lines to the traceback, which underlines the node."""
    model = archspec.build(SPEC)
    model.fc1 = nn.Linear(4, 7)
    model.body = nn.Linear(7, 8)
    error = failing(model, torch.randn(2, 4))
    name = f"<archspec text {sha256(SPEC.encode()).hexdigest()[:8]}>"
    shown = "".join(traceback.format_exception(error))
    assert shown.endswith(
        f'  File "{name}", line 9, in forward\n'
        "    compute: body + fc1\n"
        "    ^^^^^^^\n"
        "RuntimeError: The size of tensor a (8) must match the size of tensor b (7) at non-singleton dimension 1\n"
    )


def test_a_mapping() -> None:
    """A mapping is shown as the JSON that it was read as."""
    mapping = {
        "archspec": 1,
        "name": "Net",
        "input": ["N", 4],
        "model": {"fc": {"Linear": 4}, "sum": {"add": {}, "from": ["fc", "input"]}},
    }
    model = archspec.build(mapping)
    model.fc = nn.Linear(4, 3)
    error = failing(model, torch.randn(2, 4))
    name = f"<archspec mapping {sha256(json.dumps(mapping, indent=2).encode()).hexdigest()[:8]}>"
    assert frames(error, name) == [(13, '"add": {},')]


def test_a_shipped_architecture() -> None:
    """An image of the wrong size fails at the classifier of LeNet."""
    error = failing(archspec.build("lenet"), torch.randn(2, 3, 40, 40))
    path = Path(__file__).parents[2] / "architectures" / "lenet.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    line = lines.index("  classifier:") + 2
    assert frames(error, str(path)) == [(line, "Sequential:")]
    assert lines[line - 1] == "    Sequential:"


PLACES = {
    "an operation": ("{fc: {Linear: 4},\n  sum: {add: , from: [fc, input]}}", "fc", 5),
    "a formula": ("{fc: {Linear: 4},\n  sum: {compute: fc * 2 + input}}", "fc", 5),
    "a module run again": ("{fc: {Linear: 4},\n  act: ReLU,\n  again: {call: fc}}", "fc", 6),
    "a module of a chain": ("{fc: {Linear: 4},\n  list:\n  {ModuleList: [{Linear: 4},\n ReLU]}}", "list.0", 6),
    "a module of a dictionary": (
        "{fc: {Linear: 4},\n  dict:\n  {ModuleDict: {a: {Linear: 3}}, select: a}}",
        "dict.a",
        6,
    ),
}


@pytest.mark.parametrize("what", PLACES)
def test_places(what: str) -> None:
    """Every kind of node has its own line."""
    body, broken, line = PLACES[what]
    model = archspec.build(f"archspec: 1\nname: Net\ninput: [N, 4]\nmodel: {body}")
    parent, _, name = broken.rpartition(".")
    model.get_submodule(parent).register_module(name, nn.Linear(4 if name == "fc" else 9, 3))
    error = failing(model, torch.randn(2, 4))
    name = type(model).forward.__code__.co_filename
    assert [number for number, _ in frames(error, name)] == [line]


def test_a_key_that_is_not_there() -> None:
    """So has the choice of a module."""
    text = "archspec: 1\nname: Net\ninputs: {x: [N, 4], key: str}\nmodel:\n  dict:\n    select: key\n    from: x\n"
    model = archspec.build(text + "    ModuleDict: {a: ReLU}\n")
    error = failing(model, torch.randn(2, 4), "b")
    assert frames(error, type(model).forward.__code__.co_filename) == [(8, "ModuleDict: {a: ReLU}")]


def test_every_line_of_the_code_is_a_line_of_the_spec() -> None:
    """A debugger that steps through `forward` and a profiler that counts its lines stay inside the spec."""
    model = archspec.build(SPEC)
    for cls, lines in ((type(model), {5, 7, 9}), (type(model.body), {14, 15})):
        code = cls.forward.__code__
        assert {line for _, _, line in code.co_lines() if line is not None} - {code.co_firstlineno} <= lines


def test_a_program_that_ends_with_an_error(tmp_path: Path) -> None:
    """What Python itself prints when a script fails has the spec's file, line and text, and a caret under the node."""
    spec = tmp_path / "net.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    program = f"import archspec, torch; archspec.build({str(spec)!r})(torch.randn(2, 5))"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    finished = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, encoding="utf-8", check=False
    )
    expected = f'  File "{spec}", line 5, in forward\n    fc1: {{Linear: 8}}\n          ^^^^^^\n'
    assert expected in finished.stderr


def test_a_file_that_python_cannot_indent(tmp_path: Path) -> None:
    """`torch.compile` reads the file of a function as Python; one that it would stumble over lends its lines only."""
    doc = "doc: A net\n      of one layer, indented\n   as YAML allows.\n"
    text = f"archspec: 1\nname: Net\n{doc}input: [N, 4]\nmodel:\n  fc: {{Linear: 3}}\n  act: ReLU\n"
    path = tmp_path / "net.yaml"
    path.write_text(text, encoding="utf-8")
    model, x = archspec.build(path), torch.randn(2, 4)
    assert torch.equal(torch.compile(model, fullgraph=True, backend="eager")(x), model(x))
    name = f"<archspec {path} {sha256(text.encode()).hexdigest()[:8]}>"
    assert frames(failing(model, torch.randn(2, 5)), name) == [(8, "fc: {Linear: 3}")]


def test_only_the_latest_texts_are_kept() -> None:
    """Building texts without end does not fill the memory: the oldest lines are forgotten, the newest are shown."""
    names = []
    for index in range(SHOWN_TEXTS + 2):
        model = archspec.build(f"archspec: 1\nname: Net{index}\ninput: [N, 4]\nmodel: {{a: ReLU}}")
        names.append(type(model).forward.__code__.co_filename)
    assert linecache.getline(names[-1], 4) == "model: {a: ReLU}\n"
    assert linecache.getline(names[0], 4) == ""
    assert len([name for name in linecache.cache if name.startswith("<archspec ")]) == SHOWN_TEXTS
