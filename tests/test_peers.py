"""The comparison with peers: they are given the same models, and what came of hostile files is told rightly."""

import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from benchmarks.build import FLOOR, Column
from benchmarks.build import table as peer_table
from benchmarks.hostile.cases import CASES, Case
from benchmarks.hostile.openers import attribute
from benchmarks.hostile.table import fill, table
from benchmarks.hostile.tries import NOTHING_SUCH, try_with, verdict
from benchmarks.measure import NOT_INSTALLED, Comparison, Sample, Times
from benchmarks.peers.models import MODELS
from benchmarks.peers.parts import Add, classes_of_ours, layer, positional
from benchmarks.peers.peer import NAMES, Peer, peer

ROOT = Path(__file__).parents[1]
ANSWER: Mapping[str, Any] = {"ran": False, "signal": 0, "printed": ""}


def _installed(name: str) -> Peer:
    found = peer(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def _parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # what a peer warns of is its own matter
@pytest.mark.parametrize("title", MODELS)
@pytest.mark.parametrize("name", NAMES)
def test_a_peer_has_as_many_parameters_as_the_model_by_hand(name: str, title: str) -> None:
    """What is timed is the same model, whoever describes it."""
    found, model = _installed(name), MODELS[title]
    if title in found.cannot:
        pytest.skip(found.cannot[title])
    with torch.device("meta"):
        made = found.load(found.write(title, model.parts))
        assert _parameters(made) == _parameters(model.by_hand())
    assert {parameter.device.type for parameter in made.parameters()} == {"meta"}


def test_the_positions_of_arguments_are_those_of_torch() -> None:
    """Where a peer has no names for arguments, what is not given before the last keeps its default."""
    part = layer("Conv2d", in_channels=3, out_channels=8, kernel_size=3, padding=1)
    assert positional(part) == [3, 8, 3, 1, 1]
    assert repr(nn.Conv2d(*positional(part))) == repr(nn.Conv2d(**part.arguments))
    assert positional(layer("ReLU")) == []


def test_what_torch_has_no_class_for_is_found_inside_branches() -> None:
    """The mark in the table is set for every class of ours, however deep."""
    parts = [layer("ReLU"), Add([layer("Linear", in_features=2, out_features=2)], [Add([layer("First")])])]
    assert classes_of_ours(parts) == {"Add", "First"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"error": "ValueError", "text": "spec.yaml:3:1: no"}, "refused, with the line"),
        ({"error": "ScannerError", "text": 'no\n  in "spec.yaml", line 3, column 1'}, "refused, with the line"),
        ({"error": "ValueError", "text": "no"}, "refused"),
        ({"error": "ValueError", "text": "no \x1b[2J"}, "**printed it**"),
        ({"error": "MemoryError", "text": ""}, "**over 2 GiB**"),
        ({"error": "RuntimeError", "text": "DefaultCPUAllocator: can't allocate memory"}, "**over 2 GiB**"),
        ({"error": "ValueError", "text": "line 3", "ran": True}, "**ran code**"),
        ({"accepted": "4", "ran": True}, "**ran code**"),
        ({"accepted": "4"}, "right"),
        ({"accepted": "6"}, "**accepted** as `6`"),
        ({"accepted": "None"}, "**accepted**"),
        ({"signal": signal.SIGPROF}, "**over 10 s**"),
        ({"signal": signal.SIGSEGV}, "**crashed** (SIGSEGV)"),
    ],
)
def test_a_verdict_is_the_worst_that_happened(answer: dict[str, Any], expected: str) -> None:
    """An error that is raised after the harm does not hide it."""
    assert verdict({**ANSWER, **answer}, right=4) == expected


@pytest.mark.slow
def test_archspec_refuses_each_hostile_file() -> None:
    """The column of archspec in the table: nothing is run, nothing is costly, and no wrong value is taken."""
    verdicts = dict(zip((case.title for case in CASES), try_with("archspec", CASES), strict=True))
    weights = "a pickle that calls `os.system`, as weights"  # the fault is in no line of the spec
    assert verdicts.pop(weights) == "refused"
    assert {*verdicts.values()} == {"refused, with the line", "right", NOTHING_SUCH}


def test_the_page_has_the_table_of_the_cases() -> None:
    """A case that is added or renamed asks for the table to be measured anew."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    measured = text.partition("<!-- measured: peers -->")[2].partition("<!-- end -->")[0]
    rows = [line.removeprefix("| ").partition(" | ")[0] for line in measured.splitlines() if line.startswith("| ")]
    assert rows[1:] == [case.title for case in CASES]


def test_the_table_takes_the_place_of_the_old_one() -> None:
    """The rest of the page stays, and a peer that is missing is told so."""
    page = "before\n<!-- measured: peers -->\nold\n<!-- end -->\nafter\n"
    case = Case(title="a | b", files={})
    filled = fill(page, table([case], {"archspec": ["refused"], "Hydra": [NOT_INSTALLED]}))
    assert "| a \\| b | refused | not installed |\n" in filled
    assert filled.startswith("before\n<!-- measured: peers -->\n| the file has | archspec | Hydra |\n|---|---|---|\n")
    assert filled.endswith("<!-- end -->\nafter\n")
    assert "old" not in filled


def test_an_attribute_is_that_of_a_layer() -> None:
    """A value is read where the layer has it, not at the container around it."""
    chain = nn.Sequential(nn.Linear(8, 4))
    assert attribute(chain, ("units", "out_features")) == 4
    assert attribute(chain, ("nothing",)) is None


@pytest.mark.parametrize("case", [case for case in CASES if "Keras" in case.files and "brackets" not in case.title])
def test_the_files_of_keras_are_json(case: Case) -> None:
    """What Keras is given is broken where it should be, not in its form."""
    text = case.files["Keras"].replace("9" * 100_000, "9")
    assert json.loads(text)["class_name"] == "Sequential"


def test_peers_that_are_missing_or_silent_say_so() -> None:
    """A run without a peer, or with a model that one cannot say, still fills its table."""
    names = [*NAMES]
    seconds = {FLOOR: (0.01, 0.02, 0.01), "archspec": (0.02,) * 3, names[2]: (1.0,) * 3}
    ways = {name: Times({n: Sample(s, s) for n, s in enumerate(each)}) for name, each in seconds.items()}
    silent = {name: NOT_INSTALLED for name in names if name != names[2]} | {names[0]: "has no word for it"}
    measured = Comparison(title="AlexNet on meta", floor=FLOOR, ways=ways, silent=silent)
    column = Column(device="meta", measured=measured, helped=frozenset({names[2]}))
    text = "\n".join(peer_table("meta", [column]).lines())
    assert text.startswith("On meta, where nothing is allocated (3 to 3 rounds):\n\n| way | AlexNet |\n")
    assert f"| {FLOOR} | 10 / 10 / 20 ms |" in text
    assert "| archspec | 2.00 (1.00 to 2.00) |" in text
    assert f"| {names[2]} | 100 (50 to 100) † |" in text
    assert f"| {names[0]} | cannot say it |" in text
    assert f"| {names[1]} | not installed |" in text
    assert text.endswith(f"- {names[0]} cannot say AlexNet: has no word for it.")
