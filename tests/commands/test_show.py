"""`archspec show`."""

import json
from collections.abc import Callable

from typer.testing import Result

import archspec
from archspec.emit.fingerprint import fingerprint

Invoke = Callable[..., Result]


def test_a_model_is_shown_as_build_shows_it(invoke: Invoke) -> None:
    """The same tree and facts, with the fingerprint in place of what a run takes."""
    built, shown = (invoke(verb, "lenet").stdout.splitlines() for verb in ("build", "show"))
    assert shown[:-5] == built[:-5]
    assert shown[-5:] == [
        "Parameters  62,006, 242.2 KiB",
        "MACs        651,720 (652K) at input 1×3×32×32",
        "Input       input 2×3×32×32 (N may vary)",
        "Output      2×10",
        f"Fingerprint {fingerprint(archspec.compile('lenet').graph)}",
    ]


def test_nothing_is_allocated(invoke: Invoke) -> None:
    """A model that fits no machine is shown."""
    result = invoke("show", "llama3_405b")
    assert result.exit_code == 0
    assert "Parameters  405,853,388,800, 1.5 TiB" in result.stdout.splitlines()


def test_params_and_sizes_choose_the_model(invoke: Invoke) -> None:
    """As for every verb."""
    assert "Output      5×7" in invoke("show", "lenet", "-p", "classes=7", "--input", "N=5").stdout.splitlines()


def test_json_says_what_the_tree_says(invoke: Invoke) -> None:
    """The sizes of the whole model, its inputs, and each node with the keys that `diff --format json` has."""
    result = invoke("show", "lenet", "--input", "N=5", "--format", "json")
    document = json.loads(result.stdout)
    nodes = {node["path"]: node for node in document.pop("nodes")}
    assert document == {
        "version": 1,
        "name": "LeNet",
        "fingerprint": fingerprint(archspec.compile("lenet").graph),
        "parameters": 62_006,
        "macs": 651_720,
        "buffers": 0,
        "modules": 14,
        "bytes": 248_024,
        "inputs": {
            "input": {
                "shape": [5, 3, 32, 32],
                "dtype": "float32",
                "dimensions": ["N", None, None, None],
                "varies": ["N"],
                "optional": False,
            }
        },
        "output": "5×10",
    }
    assert list(nodes)[:3] == ["", "features", "features.conv1"]
    assert nodes["features.conv1"] == {
        "path": "features.conv1",
        "type": "Conv2d",
        "arguments": "3, 6, kernel_size=5",
        "parameters": 456,
        "macs": 352_800,
        "output": "5×6×28×28",
        "kind": "layer",
        "shared": False,
        "only_train": False,
    }
    assert sum(node["parameters"] for node in nodes.values() if node["kind"] == "layer") == document["parameters"]
    assert (result.exit_code, result.stderr) == (0, "")


def test_json_has_null_for_what_no_input_has(invoke: Invoke, spec: Callable[..., str]) -> None:
    """An input that chooses by a string, or that is left out, has no shape."""
    text = """\
archspec: 1
name: Net
inputs: {x: [2, 4], key: str}
model:
  body: {ModuleDict: {a: {Linear: 4}, b: Identity}, select: key, from: x}
"""
    document = json.loads(invoke("show", spec(text), "--format", "json").stdout)
    assert document["inputs"]["x"]["dimensions"] == [None, None]
    assert document["inputs"]["key"] == {
        "shape": None,
        "dtype": None,
        "dimensions": [],
        "varies": [],
        "optional": False,
    }
