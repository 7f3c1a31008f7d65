"""What archspec's models have in common with those that others published: measured, and compared with `docs/parity.md`.

To write the page anew after a change, run `UPDATE_GOLDEN=1 pytest tests/architectures/test_parity.py`, and read it.
"""

import fcntl
import hashlib
import os
import platform
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from torch import nn
from torch.utils._pytree import tree_leaves
from torchvision import models

import archspec
from archspec.spec.shipped import shipped_names

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"
UPDATE = "UPDATE_GOLDEN"
MEASURED = re.compile(r"^Measured with .*$", re.MULTILINE)

COLUMNS = {
    "keys": "the `state_dict` has the same keys in the same order, with the same shapes and dtypes",
    "loads": "the `state_dict` of either loads into the other, strictly",
    "first": "after `torch.manual_seed(0)` both start with the same weights",
    "eval": "with the same weights, the output in evaluation",
    "train": "the output in training, dropout and stochastic depth included, and what batch norm remembers of it",
    "gradients": "the gradient of every parameter after a backward pass",
}

Entries = list[tuple[str, tuple[int, ...], torch.dtype]]
Digests = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A published model.

    Attributes:
        make: makes it with random weights, as its users do.
        shape: of the input that is compared, as small as the model takes it.
        tokens: how many different ones there are where the input is text; 0 where it is an image.
        more: the further inputs that go with the first.
        read: takes from what it returns what is compared.
        unequal: the columns in which it is known to be another than ours.
    """

    make: Callable[[], nn.Module]
    shape: tuple[int, ...] = (2, 3, 64, 64)
    tokens: int = 0
    more: Callable[[torch.Tensor], tuple[torch.Tensor, ...]] = lambda _: ()
    read: Callable[[Any], object] = lambda output: output
    unequal: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the page: a preset, and in what it is equal to the original."""

    name: str
    parameters: int
    shape: tuple[int, ...]
    equal: Mapping[str, bool]

    def __str__(self) -> str:
        """As the page has it."""
        cells = ["yes" if self.equal[column] else "no" for column in COLUMNS]
        return f"| {' | '.join([self.name, f'{self.parameters:,}', *cells, '×'.join(map(str, self.shape))])} |"


def _classifier(name: str) -> Original:
    # torchvision asks with these two whether the slow first weights are wanted; archspec always gives them.
    wanted = {"init_weights": True} if name in ("googlenet", "inception_v3") else {}
    shape = (2, 3, 64, 64)
    if name.startswith(("vit", "maxvit")):  # these take images of one size
        shape = (1, 3, 224, 224)
    elif name == "inception_v3":  # its auxiliary head needs the size that it was made for
        shape = (2, 3, 299, 299)
    unequal = frozenset({"gradients"} if name == "googlenet" else ())
    return Original(make=partial(models.get_model, name, **wanted), shape=shape, unequal=unequal)


def _segmenter(name: str) -> Original:
    return Original(make=partial(models.get_model, name, weights_backbone=None), unequal=frozenset({"first"}))


def _of_transformers(model: str, config: str, **settings: Any) -> nn.Module:
    os.environ["HF_HUB_OFFLINE"] = "1"  # nothing may be downloaded
    import transformers

    made: nn.Module = getattr(transformers, model)(
        getattr(transformers, config)(**settings, attn_implementation="sdpa")
    )
    return made


ORIGINALS: dict[str, dict[str, Original]] = {
    "Classification, by torchvision": {name: _classifier(name) for name in sorted(models.list_models(module=models))},
    "Segmentation, by torchvision": {
        name: _segmenter(name)
        for name in ("deeplabv3_resnet50", "deeplabv3_resnet101", "fcn_resnet50", "fcn_resnet101")
    },
    "Text, by transformers": {
        "gpt2": Original(
            make=partial(_of_transformers, "GPT2LMHeadModel", "GPT2Config", activation_function="gelu_pytorch_tanh"),
            shape=(2, 16),
            tokens=50_257,
            read=lambda output: getattr(output, "logits", output),
            unequal=frozenset({"first"}),
        ),
        "bert_base": Original(
            make=partial(_of_transformers, "BertModel", "BertConfig"),
            shape=(2, 16),
            tokens=30_522,
            more=lambda tokens: (torch.ones_like(tokens), torch.zeros_like(tokens)),
            read=lambda output: [output[key] for key in ("last_hidden_state", "pooler_output")],
            unequal=frozenset({"first"}),
        ),
    },
}
ALL = {name: original for originals in ORIGINALS.values() for name, original in originals.items()}

# These are compared whenever tests run; all others, which take longer, with the slow ones.
FAST = {
    *("alexnet", "densenet121", "efficientnet_b0", "googlenet", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small"),
    *("regnet_x_400mf", "regnet_y_400mf", "resnet18", "resnet50", "shufflenet_v2_x0_5", "squeezenet1_1"),
}
# More than 600 million parameters: one worker takes both, so that never more than one is in memory.
GIANTS = {"regnet_y_128gf", "vit_h_14"}


def _cases() -> Iterator[Any]:
    for name in ALL:
        marks = [] if name in FAST else [pytest.mark.slow]
        yield pytest.param(name, marks=[*marks, pytest.mark.xdist_group("giants")] if name in GIANTS else marks)


def test_every_classifier_of_torchvision_is_shipped() -> None:
    """Whoever knows a model by torchvision's name finds it under that name: no builder is missing."""
    assert set(models.list_models(module=models)) - set(shipped_names()) == set()


def test_the_page_has_a_row_for_each() -> None:
    """Nothing that is compared is left out of the page, nothing else is on it, and it counts rightly."""
    text = PAGE.read_text(encoding="utf-8")
    rows = _rows(text)
    assert list(rows) == list(ALL)
    assert MEASURED.sub("", text) == MEASURED.sub("", _page(rows))


@pytest.mark.parametrize("name", [*_cases()])
def test_row(name: str, entries: Callable[[nn.Module], Entries], disturb: Callable[[nn.Module], None]) -> None:
    """The row of a model on the page is what is found, and nothing that should be equal is not."""
    row = _measured(name, entries, disturb)
    if os.environ.get(UPDATE):
        _write(row)
        pytest.fail(f"wrote the row of {name} in {PAGE.name}; read it, then run again without {UPDATE}")
    assert {column for column, equal in row.equal.items() if not equal} == ALL[name].unequal
    assert str(row) == _rows(PAGE.read_text(encoding="utf-8")).get(name)


def _measured(name: str, entries: Callable[[nn.Module], Entries], disturb: Callable[[nn.Module], None]) -> Row:
    """Compare a preset with its original. Both share their weights in memory, so that the largest fit."""
    original, compilation = ALL[name], archspec.compile(name)
    torch.manual_seed(0)
    first = _digests(compilation.build().state_dict())
    torch.manual_seed(0)
    theirs = original.make()
    shares = not compilation.graph.tie  # weights that are assigned would no longer be tied
    ours = compilation.build(device="meta" if shares else None)
    equal = {"keys": entries(theirs) == entries(ours), "first": _digests(theirs.state_dict()) == first}
    disturb(theirs)
    buffers = {key for key, _ in theirs.named_buffers()}
    state = {key: value.clone() if key in buffers else value for key, value in theirs.state_dict().items()}
    equal["loads"] = _loads(ours, state, assign=shares) and _loads(theirs, _state(ours, name))
    found = [_ran(model, original) for model in (theirs, ours)]
    equal |= {column: found[0][column] == found[1][column] for column in found[0]}
    return Row(name=name, parameters=compilation.graph.parameters, shape=original.shape, equal=equal)


def _state(model: nn.Module, name: str) -> dict[str, Any]:
    """A `state_dict` as torchvision takes it: its MNASNet asks for a version that is in no file of plain tensors."""
    state = model.state_dict()
    if name.startswith("mnasnet"):
        state._metadata[""]["version"] = 2
    return state


def _loads(model: nn.Module, state: dict[str, Any], *, assign: bool = False) -> bool:
    try:
        model.load_state_dict(state, strict=True, assign=assign)
    except RuntimeError:
        return False
    return True


def _ran(model: nn.Module, original: Original) -> dict[str, Digests]:
    """What a model gives in both modes, its buffers after training, and its gradients."""
    generator = torch.Generator().manual_seed(1)
    if original.tokens:
        given = torch.randint(original.tokens, original.shape, generator=generator)
    else:
        given = torch.randn(original.shape, generator=generator)
    inputs = (given, *original.more(given))
    with torch.no_grad():
        evaluation = _tensors(original.read(model.eval()(*inputs)))
    torch.manual_seed(2)
    training = _tensors(original.read(model.train()(*inputs)))
    torch.stack([tensor.square().sum() for tensor in training.values()]).sum().backward()
    parameters = dict(model.named_parameters())
    buffers = {key: value for key, value in model.state_dict().items() if key not in parameters}
    gradients = {key: value.grad for key, value in parameters.items() if value.grad is not None}
    assert len(gradients) == len(parameters)
    model.zero_grad()
    return {
        "eval": _digests(evaluation),
        "train": _digests(training | buffers),
        "gradients": _digests(gradients),
    }


def _tensors(output: object) -> dict[str, torch.Tensor]:
    """The tensors of an output, each worth comparing: finite and not all one number."""
    tensors = {str(index): tensor for index, tensor in enumerate(tree_leaves(output))}
    assert all(tensor.isfinite().all() and tensor.std() > 0 for tensor in tensors.values())
    return tensors


def _digests(tensors: Mapping[str, torch.Tensor]) -> Digests:
    """Each tensor's bits in short: equal for equal bits, and for practical purposes for no others."""
    flat = {key: value.detach().contiguous().view(-1).view(torch.uint8) for key, value in tensors.items()}
    return {key: hashlib.blake2b(value.numpy()).hexdigest() for key, value in flat.items()}


def _rows(page: str) -> dict[str, str]:
    """The rows of models on a page, by name, in order."""
    return {match[1]: match[0] for match in re.finditer(r"^\| (\w+) \| [\d,]+ \|.*$", page, re.MULTILINE)}


def _write(row: Row) -> None:
    """Put a row on the page. Tests that run at the same time do so one after the other."""
    with PAGE.open("a+", encoding="utf-8") as page:
        fcntl.flock(page, fcntl.LOCK_EX)
        page.seek(0)
        text = _page(_rows(page.read()) | {row.name: str(row)})
        page.truncate(0)
        page.write(text)


def _page(rows: Mapping[str, str]) -> str:
    """The whole page."""
    parts = {title: [rows[name] for name in originals if name in rows] for title, originals in ORIGINALS.items()}
    return "\n".join([_head(parts), *(_table(title, lines) for title, lines in parts.items())])


def _head(parts: Mapping[str, list[str]]) -> str:
    """What stands above the tables, with how many of each are equal in each column."""
    lines = [f"| | what is compared | {' | '.join(parts)} |", f"|---|---|{'--:|' * len(parts)}"]
    for column, meaning in COLUMNS.items():
        counts = [f"{sum(_cells(row)[column] == 'yes' for row in rows)} of {len(rows)}" for rows in parts.values()]
        lines.append(f"| {column} | {meaning} | {' | '.join(counts)} |")
    versions = f"torch {torch.__version__} and torchvision {torchvision.__version__}, {platform.machine()}"
    return HEAD.format(counts="\n".join(lines), versions=versions)


def _cells(row: str) -> dict[str, str]:
    return dict(zip(COLUMNS, [cell.strip() for cell in row.split("|")][3:], strict=False))


def _table(title: str, rows: list[str]) -> str:
    heads = ["preset", "parameters", *COLUMNS, "input"]
    lines = [f"| {' | '.join(heads)} |", f"|---|--:|{'---|' * (len(COLUMNS) + 1)}", *rows]
    return "\n".join([f"## {title}", "", *lines, ""])


HEAD = """\
# Parity

<!-- Written by tests/architectures/test_parity.py, which measures every row again. Do not edit. -->

Each preset below is compared with the published model of that name. Every one is allocated in full, the largest too,
and compared bit by bit, on the CPU, in float32. So many are equal:

{counts}

What is not, and why:

- `googlenet` runs its auxiliary heads last, torchvision in between. So the same gradients are added up in another
  order, which changes their last bits.
- torchvision makes the backbone of its segmentation models with a last layer that it throws away, and so draws random
  numbers for the rest later. With that layer left out the first weights are the same too, as
  `tests/architectures/test_segmentation.py` shows.
- `transformers` fills its models with random numbers in an order of its own.

Before outputs are compared, what starts as one number (a bias of zeros, a scale of ones) is disturbed in both, so that
no part of a model goes unseen. Inputs are random, and as small as the model takes them. torchvision's MNASNet asks a
`state_dict` for a version, which no file of plain tensors holds, its own neither; for the comparison it is given one.

Measured with {versions}.
"""
