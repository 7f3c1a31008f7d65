"""torcharc: `modules` holds layers of `torch.nn` by name, and `graph` says what each reads."""

from collections.abc import Sequence
from typing import Any

import torcharc
import yaml
from torch import nn

from benchmarks.peers.parts import Add, Concat, Layer, Part, Parts
from benchmarks.peers.peer import Peer
from benchmarks.peers.trees import dump
from benchmarks.peers.wiring import Tokens

__all__ = ["PEER", "load", "write"]

if not hasattr(nn, Tokens.__name__):
    torcharc.register_nn(Tokens)


class _Spec:
    """Gathers the modules and the graph while the parts are walked."""

    def __init__(self) -> None:
        self.modules: dict[str, Any] = {}
        self.graph: dict[str, list[Any]] = {}

    def chain(self, parts: Parts, source: str) -> str:
        """The node that the parts end in; layers that follow each other become one Sequential."""
        run: list[Layer] = []
        for part in parts:
            if isinstance(part, Layer) and part.kind not in {"SelfAttention", "First"}:
                run.append(part)
            else:
                source = self._wired(part, self._run(run, source))
                run = []
        return self._run(run, source)

    def _run(self, layers: Sequence[Layer], source: str) -> str:
        if not layers:
            return source
        modules = [{part.kind: part.arguments or None} for part in layers]
        return self._node({"Sequential": modules} if len(modules) > 1 else modules[0], [source])

    def _wired(self, part: Part, source: str) -> str:
        if isinstance(part, Add):
            ends = [self.chain(part.branch, source), self.chain(part.shortcut, source)]
            return self._node({"MergeSum": {"dim": 1}}, [ends])
        if isinstance(part, Concat):
            return self._node({"MergeConcat": {"dim": 1}}, [[source, self.chain(part.branch, source)]])
        if part.kind == "SelfAttention":
            attention = self._node({"MultiheadAttention": {**part.arguments, "batch_first": True}}, [source] * 3)
            return self._node({"Get": {"key": 0}}, [attention])
        first = self._node({"Narrow": {"dim": 1, "start": 0, "length": 1}}, [source])
        return self._node({"Flatten": None}, [first])

    def _node(self, module: dict[str, Any], inputs: list[Any]) -> str:
        name = f"{next(iter(module)).lower()}_{len(self.graph)}"
        self.modules[name], self.graph[name] = module, inputs
        return name


def write(_: str, parts: Parts) -> str:
    """A YAML file with `modules` and `graph`."""
    spec = _Spec()
    output = spec.chain(parts, "image")
    graph = {"input": "image", "modules": spec.graph, "output": output}
    return dump({"modules": spec.modules, "graph": graph})


def load(text: str) -> nn.Module:
    """Read the text, validate it, and build it."""
    module: nn.Module = torcharc.Spec(**yaml.safe_load(text)).build()
    return module


PEER = Peer(write=write, load=load, wires=frozenset({"Add", "Concat", "SelfAttention", "First"}))
