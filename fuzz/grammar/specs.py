"""Specs: out come whole files, made so that they are valid whatever their params are, with values for these."""

from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import strategies as st

from fuzz.grammar.entries import Entries
from fuzz.grammar.graphs import graph
from fuzz.grammar.widths import AXES, Width, number, written

__all__ = ["Asked", "specs"]

SHAPES = {"flat": ["N", ...], "sequence": ["N", "T=3", ...], "image": ["N", ..., "H=4", 5]}
MODULES = ("ReLU", "Tanh", {"LeakyReLU": 0.2}, {"ELU": {"alpha": 0.5}})
VOCABULARY = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the compiler: a spec, with a preset and params."""

    text: str
    preset: str | None = None
    params: dict[str, Any] = field(default_factory=dict)


@st.composite
def specs(draw: st.DrawFn) -> Asked:
    """A valid spec: params, presets, `let`, blocks, loops, graphs and what stands in them, `init` and `tie`."""
    params, names = _params(draw)
    settings = st.dictionaries(st.sampled_from(names), st.integers(1, 6), max_size=2)
    presets = draw(st.dictionaries(st.sampled_from(["small", "large"]), settings, max_size=2))
    blocks, entries = _blocks(draw, Entries(draw=draw, mode=draw(st.sampled_from([*AXES])), names=names))
    let, entries = _let(draw, entries)
    model = draw(st.sampled_from([_container, _graph]))(draw, entries, number(draw, names))
    spec = {"archspec": 1, "name": "Made", "params": params, "presets": presets, "let": let, **model, "blocks": blocks}
    return Asked(
        text=yaml.safe_dump({key: value for key, value in spec.items() if value not in ({}, [])}, sort_keys=False),
        preset=draw(st.sampled_from([None, *presets])),
        params=draw(settings),
    )


def _params(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[Width, ...]]:
    """The params of a file, each declared in one of the ways there are, and the names of those that are numbers."""
    size = st.integers(1, 6)
    full = st.fixed_dictionaries({"type": st.just("int"), "default": size, "min": st.just(1), "max": st.just(64)})
    params: dict[str, Any] = {}
    for index in range(draw(st.integers(1, 3))):
        computed = st.just(written(number(draw, tuple(params))))
        params[f"p{index}"] = draw(st.one_of(size, full, *([computed] if params else [])))
    activation = {"type": "module", "default": draw(st.sampled_from(MODULES))}
    return {**params, "act": activation}, tuple(params)


def _blocks(draw: st.DrawFn, entries: Entries) -> tuple[dict[str, Any], Entries]:
    """Blocks that call those before them, and the entries that can call all of them."""
    blocks: dict[str, Any] = {}
    for index in range(draw(st.integers(0, 2))):
        name, param = f"Block{index}", f"out{index}"
        inner = entries.reading(param)
        block: dict[str, Any] = {"params": {param: draw(st.sampled_from(["int", 3, {"type": "int", "min": 1}]))}}
        if draw(st.booleans()):
            block["model"], out = inner.sequence(entries.axis, depth=2)
        else:
            block["model"], out, _ = graph(inner, entries.axis, depth=2)
        if draw(st.booleans()):
            block["init"] = [{"match": "*", "bias": "zeros"}]
        blocks[name] = block
        entries = entries.with_block(name, param, out)
    return blocks, entries


def _let(draw: st.DrawFn, entries: Entries) -> tuple[dict[str, Any], Entries]:
    """A value that is computed once, and the entries that can read it."""
    if draw(st.booleans()):
        return {}, entries
    return {"computed": written(entries.number())}, entries.reading("computed")


def _container(draw: st.DrawFn, entries: Entries, width: Width) -> dict[str, Any]:
    model, _ = entries.sequence(width, depth=0)
    return {"input": _shape(entries.mode, width), "model": model, "init": _init(draw, entries.mode)}


def _shape(mode: str, width: Width) -> list[Any]:
    return [written(width) if size is ... else size for size in SHAPES[mode]]


def _graph(draw: st.DrawFn, entries: Entries, width: Width) -> dict[str, Any]:
    """A graph, perhaps with inputs of other types, tied parameters and several results."""
    inputs: dict[str, Any] = {"x": _shape(entries.mode, width)}
    nodes, _, values = graph(entries, width, depth=0, first="x")
    last, _ = values[-1]
    spec: dict[str, Any] = {"inputs": inputs, "model": nodes}
    for extra in draw(st.lists(st.sampled_from([_choice, _tokens, _tied]), unique=True, max_size=3)):
        last = extra(draw, entries, spec, values[-1][0])
    outputs = (last, [last, "x"], {"result": last, "first": values[-1][0]})
    return {**spec, "output": draw(st.sampled_from(outputs)), "init": _init(draw, entries.mode)}


def _choice(_draw: st.DrawFn, entries: Entries, spec: dict[str, Any], name: str) -> str:
    """A module that is chosen when the model runs."""
    spec["inputs"]["choice"] = "str"
    members = {"keep": entries.keeping(), "other": entries.keeping()}
    spec["model"]["chosen"] = {"ModuleDict": members, "select": "choice", "from": name}
    return "chosen"


def _tokens(draw: st.DrawFn, entries: Entries, spec: dict[str, Any], _name: str) -> str:
    """An input of integers."""
    spec["inputs"]["tokens"] = {"shape": ["N", "L=3"], "dtype": "int64", "max": VOCABULARY}
    features = written(entries.number())
    spec["model"]["embedded"] = {"Embedding": [VOCABULARY, features], "from": "tokens"}
    spec["model"]["pooled"] = {"mean": {"dim": 1, "keepdim": draw(st.booleans())}}
    return "pooled"


def _tied(_draw: st.DrawFn, _entries: Entries, spec: dict[str, Any], name: str) -> str:
    """Two layers with one weight."""
    spec["model"]["left"] = {"PReLU": {"init": 0.1}, "from": name}
    spec["model"]["between"] = "LeakyReLU"
    spec["model"]["right"] = {"PReLU": {"init": 0.2}}
    spec["tie"] = {"right.weight": "left.weight"}
    return "right"


def _init(draw: st.DrawFn, mode: str) -> list[dict[str, Any]]:
    layer = "Conv2d" if mode == "image" else "Linear"
    rules = (
        {"match": layer, "weight": {"xavier_uniform": {"gain": 0.5}}, "bias": {"constant": 0.1}},
        {"match": "*", "bias": "zeros"},
    )
    return draw(st.lists(st.sampled_from(rules), unique_by=repr, max_size=2))
