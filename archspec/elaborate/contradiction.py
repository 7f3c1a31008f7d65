"""What the input contradicts: in come a written argument and the input's shape, out goes a fault, if they disagree."""

from dataclasses import dataclass
from math import prod

from archspec.catalog.inferred import Dimension
from archspec.elaborate.context import Context
from archspec.elaborate.inputs import Inputs
from archspec.errors import Fault
from archspec.fix import Fix, replaced
from archspec.graph.types import TensorType, describe
from archspec.spec.arguments import is_constant
from archspec.spec.node import LayerNode
from archspec.syntax.removal import removal
from archspec.syntax.tree import Mapping, Scalar

__all__ = ["Claim", "check_claim"]

_BATCH_AND_FEATURES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An argument that says what a dimension of the input is.

    Attributes:
        node: the layer.
        name: the argument.
        value: an int, or for `normalized_shape` a tuple of the last dimensions.
        dimension: the dimension that decides it.
        kind: the input.
    """

    node: LayerNode
    name: str
    value: object
    dimension: Dimension
    kind: TensorType

    @property
    def actual(self) -> object:
        """What the input says."""
        shape, dim = self.kind.shape, self.dimension.dim
        if isinstance(self.value, tuple):
            return tuple(shape[-len(self.value) :])
        return shape[dim] if -len(shape) <= dim < len(shape) else self.value

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return self.dimension.dim % max(1, len(self.kind.shape))


def check_claim(claim: Claim, inputs: Inputs, context: Context) -> object:
    """What the layer is made with: what the input says. A written argument that contradicts it is a fault, E0601.

    The fault is collected and not raised: what comes after the layer can be checked all the same. Of layers that
    expect one number and get another, as where a stem has become narrower, the first is told.
    """
    disagreement = (claim.value, claim.actual)
    if claim.actual != claim.value and disagreement not in context.told:
        context.told.add(disagreement)
        context.collect(_fault(claim, inputs, context))
    return claim.actual


def _fault(claim: Claim, inputs: Inputs, context: Context) -> Fault:
    name, node = claim.name, claim.node
    what, source = _NOUNS.get(name, name), inputs.source(claim.dimension.input)
    wanted, actual = _plain(claim.value), _plain(claim.actual)
    doubt = _doubt(claim)
    return context.fault(
        "E0601",
        f"{context.name()} expects {wanted} {what} and gets {actual} from {source}",
        node.arguments.span(name) or node.span,
        trail=inputs.sources,
        found=f"{describe(claim.kind)} from {source}, whose dimension {claim.axis} is {actual}",
        expected=f"{wanted} {what} (`{name}` of {node.layer.name})",
        hint=doubt or _advice(claim),
        fix=None if doubt or not _is_clear(claim) else _fix(claim, context),
    )


_NOUNS = {"in_channels": "channels", "in_features": "features", "num_features": "channels", "num_channels": "channels"}
_NOUNS |= {"embed_dim": "features", "d_model": "features", "input_size": "features", "normalized_shape": "features"}


def _plain(value: object) -> str:
    return "×".join(str(item) for item in value) if isinstance(value, tuple) else str(value)


def _doubt(claim: Claim) -> str:
    """What may be wrong with the input instead; empty when nothing points to it."""
    shape, value = claim.kind.shape, claim.value
    if claim.name == "in_features" and len(shape) > _BATCH_AND_FEATURES and value == prod(shape[1:]):
        return f"put `Flatten` before it: {_plain(shape[1:])} is {value:,}"
    if claim.dimension.dim == 1 and len(shape) > _BATCH_AND_FEATURES and value == shape[-1]:
        order = ("N×C×L", "N×C×H×W", "N×C×D×H×W")[min(len(shape), 5) - 3]
        return f"PyTorch has the channels second, {order}; this input has {value:,} in its last dimension"
    return ""


def _advice(claim: Claim) -> str:
    by_name = " and name the other arguments" if _behind(claim.node) is None else ""
    return f"leave `{claim.name}` out{by_name}: archspec reads it from the input"


def _behind(node: LayerNode) -> Mapping | None:
    """The arguments by name; None where they are a list, or one alone."""
    behind = node.tree.get(node.type) if isinstance(node.tree, Mapping) else None
    return behind if isinstance(behind, Mapping) else None


def _is_clear(claim: Claim) -> bool:
    """Whether only the number can be wrong: not where a `Flatten` or a `transpose` may be missing."""
    shape, written = claim.kind.shape, claim.node.arguments.values[claim.name]
    return is_constant(written) and (claim.dimension.dim == 1 or len(shape) == _BATCH_AND_FEATURES)


def _fix(claim: Claim, context: Context) -> Fix | None:
    """Leave the argument out; where the place of a value says which it is, write what the input has.

    Not for the channels of a convolution: `[64, 7, 2]` may well be meant without them, as out_channels and so on.
    """
    name, value = claim.name, claim.node.arguments.trees[claim.name]
    behind = _behind(claim.node)
    if behind is not None and behind.get(name) is value:
        span = removal(behind, name)
        title = f"leave out `{name}: {_plain(claim.value)}`: the input has {_plain(claim.actual)}"
        return None if span is None else replaced(span, "", title)
    if not isinstance(value, Scalar) or not isinstance(value.value, int) or context.frames or context.loops:
        return None
    if name == "in_channels":
        return None
    title = f"write {_plain(claim.actual)}, which the input has, for `{name}` {_plain(claim.value)}"
    return replaced(value.span, str(claim.actual), title)
