"""How much work a build is: counted, not timed, so that what would make the compiler slow fails here on any machine."""

import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from archspec.catalog.modules import Layer
from archspec.catalog.operation import Operation
from archspec.catalog.registry import Registry
from archspec.compiler import Compilation
from archspec.elaborate import elaborate, shapes
from archspec.source import Source
from archspec.spec import load, shipped
from archspec.syntax.parse import parse
from archspec.syntax.tree import Tree

# What a build needs to know of a layer is asked of torch's meta kernels. Were `torch._dynamo` imported for it, the
# command would take a second more.
FRESH_PROCESS = """
import sys
from archspec.cli import app
try:
    app(["build", sys.argv[1]])
except SystemExit as end:
    print(end.code, "torch._dynamo" in sys.modules)
"""


@dataclass(kw_only=True)
class Work:
    """What was done since the fixture was asked for."""

    modules: int = 0
    validations: int = 0
    elaborations: list[shapes.Shapes] = field(default_factory=list)

    @property
    def executions(self) -> int:
        """How often something ran on meta."""
        return sum(item.executions for item in self.elaborations)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Counts modules made, Pydantic validations of arguments, and executions on meta, none of them remembered."""
    Compilation("lenet").graph  # noqa: B018 - torch imports what its meta kernels need, and makes modules doing so
    done = Work()

    class Counted(shapes.Shapes):
        def __init__(self, registry: Registry) -> None:
            super().__init__(registry)
            done.elaborations.append(self)

    def count(owner: type, method: str, what: str) -> None:
        original = getattr(owner, method)

        def counting(*arguments: Any, **keywords: Any) -> Any:
            setattr(done, what, getattr(done, what) + 1)
            return original(*arguments, **keywords)

        monkeypatch.setattr(owner, method, counting)

    monkeypatch.setattr(elaborate, "Shapes", Counted)
    monkeypatch.setattr(shapes, "_KNOWN", {})
    count(nn.Module, "__init__", "modules")
    count(Layer, "validate", "validations")
    count(Operation, "validate", "validations")
    return done


def test_each_set_of_arguments_is_validated_once_as_written(work: Work) -> None:
    """Validation grows with the text, not with the model: a node that is repeated is validated once."""
    Compilation("resnet", preset="resnet50").spec  # noqa: B018 - the stage is what is counted
    # resnet.yaml writes 11 layers and 1 operation with arguments. A second pass over the nodes would double it.
    assert work.validations == 12


@pytest.mark.parametrize("preset", ["resnet50", "resnet152"])
def test_elaboration_grows_with_the_distinct_calls_of_blocks(work: Work, preset: str) -> None:
    """ResNet-152 has three times the blocks of ResNet-50 and no other work: equal calls are elaborated once."""
    compilation = Compilation("resnet", preset=preset)
    compilation.spec  # noqa: B018 - so that only elaboration is counted
    work.validations = 0
    compilation.graph  # noqa: B018 - the stage is what is counted
    # Two kinds of block a stage, each with two 1x1 convolutions whose arguments are expressions; the 3x3 convolutions,
    # of which both blocks of the first stage have the same one; four shortcuts, and the classifier: 8 × 2 + 7 + 4 + 1.
    # Elaborating every call of a block would make it 53 for ResNet-50, 155 for ResNet-152.
    assert work.validations == 28
    # 51 distinct layers with their inputs, each made once to run it, and 5 distinct operations, and 3 trials of `init`.
    # A key that told equal layers apart (by their path, or by where they stand in the text) would make it hundreds.
    assert work.modules == 51
    assert work.executions == 51 + 5 + 3


def test_what_torch_gave_is_remembered_for_the_next_build(work: Work) -> None:
    """A process that builds a model again makes no layer to look at it; only the trials of `init` are made anew."""
    Compilation("resnet", preset="resnet50").graph  # noqa: B018 - the stage is what is counted
    work.modules, work.elaborations[:] = 0, []
    Compilation("resnet", preset="resnet50").graph  # noqa: B018 - the stage is what is counted
    assert work.modules == 0
    assert work.executions == 3


def test_what_a_text_says_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec that is built again, or is the base of one that is edited, is not parsed again; an edited text is."""
    texts: list[str] = []

    def counting(source: Source, *rest: Any) -> Tree:
        texts.append(source.text)
        return parse(source, *rest)

    monkeypatch.setattr(load, "parse", counting)
    load._remembered.cache_clear()
    for edit in ("# one\n", "# two\n", "# two\n"):
        Compilation(f"archspec: 1\nextends: lenet\n{edit}").graph  # noqa: B018 - the stage is what is counted
    assert [text.splitlines()[-1] for text in texts if "extends" in text] == ["# one", "# two"]
    assert len(texts) == 3


def test_a_build_makes_each_module_of_the_model_once(work: Work) -> None:
    """What the emitter makes is the model and nothing else, on any device."""
    compilation = Compilation("resnet", preset="resnet18")
    compilation.graph  # noqa: B018 - so that only emitting is counted
    work.modules = 0
    model = compilation.build(device="cpu")
    assert work.modules == len(list(model.modules())) == 68


def test_only_the_file_of_a_preset_is_parsed_to_find_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finding one preset does not parse every architecture that ships."""
    parsed: list[str] = []

    def describe(path: Path) -> shipped.Shipped:
        parsed.append(path.name)
        return original(path)

    original = shipped._describe.__wrapped__
    monkeypatch.setattr(shipped, "_describe", cache(describe))
    found = shipped.shipped_source("wide_resnet50_2")
    assert found is not None
    assert found[1] == "wide_resnet50_2"
    assert parsed == ["resnet.yaml"]  # a file that only mentions the name would be here, too


@pytest.mark.parametrize("name", ["lenet", "resnet18"])
def test_a_build_does_not_load_the_compiler_of_torch(name: str) -> None:
    """The command line does not import TorchDynamo, which takes as long as importing torch."""
    command = [sys.executable, "-c", FRESH_PROCESS, name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n0 False\n")
