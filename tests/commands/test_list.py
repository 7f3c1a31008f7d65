"""`archspec list`."""

import json
from collections.abc import Callable
from types import MappingProxyType

import pytest
from typer.testing import Result

from archspec.spec.gallery import Figures
from archspec.spec.shipped import shipped, shipped_names

Invoke = Callable[..., Result]


def test_every_architecture_has_a_line(invoke: Invoke) -> None:
    """Its presets are folded into how many there are and how large they are."""
    lines = invoke("list").stdout.splitlines()
    table, prose = lines[: lines.index("")], lines[lines.index("") + 1 :]
    assert [line.split()[0] for line in table[1:]] == list(shipped())
    resnet = next(line for line in table if line.startswith("resnet "))
    assert resnet.split()[:4] == ["resnet", "10", "11.7M-127M", "1.81G-22.8G"]
    alone = next(line for line in table if line.startswith("mobilenet_v2 "))
    assert alone.split()[:4] == ["mobilenet_v2", "-", "3.50M", "301M"]
    assert " ".join(prose).startswith("`archspec list NAME` shows")


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_the_terminal(invoke: Invoke, width: int) -> None:
    """A long description is cut, not wrapped."""
    lines = invoke("list", env={"COLUMNS": str(width)}).stdout.splitlines()
    assert max(map(len, lines)) == width
    assert lines[0].split() == ["Name", "Presets", "Parameters", "MACs", "Description"]


def test_a_pipe_gets_every_name_and_whole_descriptions(invoke: Invoke) -> None:
    """What another program reads has no edge: `archspec list | grep resnet50` finds where it is."""
    text = invoke("list", env={"COLUMNS": None}).stdout
    assert [item.name for item in shipped().values() if item.doc not in text] == []
    words = set(text.replace(",", "").split())
    assert [name for name in shipped_names() if name not in words] == []


@pytest.mark.parametrize("name", ["squeezenet", "squeezenet1_0"])
def test_one_is_shown_in_full(invoke: Invoke, name: str) -> None:
    """What it is, its paper, all that can be built with their sizes, and what can be set; a preset shows its family."""
    result = invoke("list", name)
    assert result.exit_code == 0
    paragraphs = result.stdout.split("\n\n")
    assert paragraphs[0] == "SqueezeNet (2016): as accurate as AlexNet, with a fiftieth of its parameters."
    assert "arXiv:1602.07360" in paragraphs[1]
    rows = [line.split()[:4] for line in paragraphs[3].splitlines()]
    assert rows == [
        ["Name", "Parameters", "MACs", "Input"],
        ["squeezenet", "1,235,496", "349M", "1×3×224×224"],
        ["squeezenet1_0", "1,248,424", "819M", "1×3×224×224"],
        ["squeezenet1_1", "1,235,496", "349M", "1×3×224×224"],
    ]
    assert paragraphs[4] == "Params  stem_width, stem_kernel, stages, num_classes, dropout\n"


@pytest.mark.parametrize("name", shipped())
def test_no_line_is_wider_than_the_terminal(invoke: Invoke, name: str) -> None:
    """Prose is broken, tables are cut."""
    assert max(map(len, invoke("list", name).stdout.splitlines())) <= 80


def test_several_inputs_are_named(invoke: Invoke) -> None:
    """The reader sees how long the text was that was counted."""
    lines = invoke("list", "bert", env={"COLUMNS": None}).stdout.splitlines()
    bert = next(line for line in lines if line.startswith("bert_base "))
    assert "input_ids 1×16, attention_mask 1×16, token_type_ids 1×16" in bert


def test_published_weights_are_named(invoke: Invoke) -> None:
    """By the name that `--weights` takes."""
    lines = invoke("list", "alexnet").stdout.splitlines()
    assert next(line for line in lines if line.startswith("alexnet ")).split()[-1] == "IMAGENET1K_V1"
    assert "Weights" not in invoke("list", "llama").stdout


def test_what_was_not_measured_is_listed_all_the_same(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever adds a spec sees it before its size is known."""
    known = MappingProxyType({"resnet50": Figures(parameters=25_557_032, macs=4_089_184_256, inputs={"input": (1, 3)})})
    monkeypatch.setattr("archspec.commands.list.gallery", lambda: known)
    lines = invoke("list").stdout.splitlines()
    assert next(line for line in lines if line.startswith("vgg ")).split()[:4] == ["vgg", "8", "-", "-"]
    assert next(line for line in lines if line.startswith("resnet ")).split()[:4] == ["resnet", "10", "25.6M", "4.09G"]
    family = invoke("list", "resnet").stdout.splitlines()
    assert next(line for line in family if line.startswith("resnet18 ")).split()[:4] == ["resnet18", "-", "-", "-"]
    [item] = json.loads(invoke("list", "resnet", "--format", "json").stdout)
    assert item["models"][1]["parameters"] is None


def test_an_unknown_name_is_a_usage_error(invoke: Invoke) -> None:
    """With the one that was meant."""
    result = invoke("list", "resnet5O", env={"COLUMNS": "200"})
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: no architecture that ships is called `resnet5O`: did you mean `resnet50`?\n"


def test_the_list_is_also_json(invoke: Invoke) -> None:
    """Programs read the same facts, and more of them."""
    listed = json.loads(invoke("list", "--format", "json").stdout)
    assert [item["name"] for item in listed] == list(shipped())
    lenet = next(item for item in listed if item["name"] == "lenet")
    assert lenet == {
        "name": "lenet",
        "presets": [],
        "doc": shipped()["lenet"].doc,
        "paper": shipped()["lenet"].paper,
        "text": "\n\n".join(shipped()["lenet"].paragraphs),
        "params": ["classes"],
        "models": [
            {"name": "lenet", "parameters": 62_006, "macs": 651_720, "inputs": {"input": [1, 3, 32, 32]}, "weights": []}
        ],
    }
    resnet = next(item for item in listed if item["name"] == "resnet")
    assert [model["name"] for model in resnet["models"]] == ["resnet", *resnet["presets"]]
    assert json.loads(invoke("list", "resnet34", "--format", "json").stdout) == [resnet]
