"""`extends`: in come a block and the spec it extends, out goes the block with everything it does not say itself."""

from dataclasses import replace

from archspec.spec.document import Block, Spec, SpecKeys
from archspec.spec.params import Param
from archspec.syntax.tree import Mapping

__all__ = ["inherit"]


def inherit(block: Block, base: Spec, keys: SpecKeys | None) -> None:
    """What an extending spec takes from its base: everything that it does not say itself."""
    parent = base.block
    block.name = keys.name if keys is not None and keys.name else parent.name
    block.doc = block.doc or parent.doc
    own = block.params
    block.params = {name: _with_default(param, own.get(name)) for name, param in parent.params.items()} | {
        name: param for name, param in own.items() if name not in parent.params
    }
    block.let = dict(parent.let)
    block.tie, block.patches = dict(parent.tie), parent.patches
    block.inputs = block.inputs if block.inputs is not None else parent.inputs
    block.body, block.output, block.output_tree, block.init = (
        parent.body,
        parent.output,
        parent.output_tree,
        parent.init,
    )


def _with_default(param: Param, own: Param | None) -> Param:
    if own is None:
        return param
    if own.required or isinstance(own.tree, Mapping):
        return own
    return replace(param, default=own.default, tree=own.tree)
