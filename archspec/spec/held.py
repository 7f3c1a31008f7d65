"""Nodes that params may hold: in come a spec and the reader of its file; every fault in one is collected."""

from collections.abc import Iterator

from archspec.errors import Fault
from archspec.spec.document import Spec
from archspec.spec.reader import Reader
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree

__all__ = ["check_held"]


def check_held(spec: Spec, reader: Reader) -> None:
    """Collect what is wrong with the nodes in defaults and presets, used or not; whoever uses one reads it again."""
    for tree in _held(spec):
        try:
            reader.param_value(tree, is_module=True)
        except Fault as fault:
            reader.collector.add(fault.diagnostic)


def _held(spec: Spec) -> Iterator[Tree]:
    for block in (spec.block, *spec.own_blocks.values()):
        for param in block.params.values():
            if param.is_module and isinstance(param.default, (Scalar, Sequence, Mapping)):
                yield param.default
    for settings in spec.presets.values():
        for name, _, value in settings.items():
            if name in spec.block.params and spec.block.params[name].is_module:
                yield value
