"""What a spec file says beside its nodes: the Pydantic models of its keys, and the `Spec` and `Block` they make."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from archspec.source import Source, Span
from archspec.syntax.expression import Written
from archspec.syntax.tree import Mapping, Tree

if TYPE_CHECKING:
    from archspec.spec.node import Child, Node
    from archspec.spec.params import Param
    from archspec.spec.patch import Patches
    from archspec.spec.reader import Reader
    from archspec.spec.transforms import Pipelines
    from archspec.spec.weights import Published

__all__ = [
    "Block",
    "BlockKeys",
    "InitRule",
    "InputDeclaration",
    "InputKeys",
    "InputKind",
    "ParamKeys",
    "Spec",
    "SpecKeys",
    "UsedKeys",
    "WeightsKeys",
    "WiringKeys",
]

LANGUAGE_VERSION = 1

InputKind = Literal["tensor", "text", "none", "any"]

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)


class BlockKeys(BaseModel):
    """The keys of a block. Values that need more than their kind checked are read by `validate`."""

    model_config = _STRICT

    name: str | None = Field(None, description="The class name that print(model) shows.")
    doc: str | None = Field(None, description="What this block is, for people.")
    params: dict[str, Any] | None = Field(
        None, description="What a caller may set: a default, a type, or {type, default, min, max, choices, doc}."
    )
    let: dict[str, Any] | None = Field(
        None, description="Values computed once, in order; later ones may read earlier ones."
    )
    input: list[Any] | dict[str, Any] | None = Field(
        None, description="The shape of the one input: numbers are fixed, names may vary."
    )
    inputs: dict[str, Any] | None = Field(None, description="Several inputs by name.")
    model: Any = Field(description="A node, a list of nodes (Sequential), or named nodes (a graph).")
    output: Any = Field(
        None, description="What is returned: one name, a list (tuple) or a mapping (dict); by default the last node."
    )
    init: list[dict[str, Any]] | None = Field(
        None, description="Ordered initialisation rules: {match: Conv2d, weight: zeros}."
    )


class SpecKeys(BlockKeys):
    """The keys of a spec file."""

    archspec: int = Field(description="The version of the language: 1.")
    model: Any = Field(None, description="A node, a list of nodes (Sequential), or named nodes (a graph).")
    presets: dict[str, dict[str, Any]] | None = Field(None, description="Named settings of the params.")
    blocks: dict[str, dict[str, Any]] | None = Field(None, description="Blocks that nodes of this file can name.")
    use: dict[str, Any] | None = Field(
        None,
        description="Blocks from other files: a path, a shipped architecture, or {extends: …, patch: …} to change it.",
    )
    extends: str | None = Field(
        None, description="The architecture that this spec changes: a preset, a name or a path."
    )
    patch: dict[str, Any] | None = Field(
        None, description="Changes by module path: a new node, null to delete, or append/extend/insert/pop."
    )
    tie: dict[str, str] | None = Field(None, description="Parameters that are one: {lm_head.weight: wte.weight}.")
    transforms: dict[str, list[Any]] | None = Field(
        None, description="Preprocessing of images, by name: {train: [transform, …], eval: [transform, …]}."
    )
    weights: dict[str, Any] | None = Field(
        None, description="Published checkpoints, by preset and name: {url, sha256, rename, params}."
    )


class UsedKeys(BaseModel):
    """A spec that stands in place under `use`: another one, changed."""

    model_config = _STRICT

    extends: str = Field(description="The architecture that is changed: a preset, a name or a path.")
    name: str | None = Field(None, description="The class name that print(model) shows.")
    doc: str | None = Field(None, description="What this block is, for people.")
    params: dict[str, Any] | None = Field(None, description="Further params, or other defaults.")
    output: Any = Field(None, description="What is returned instead: one name, a list or a mapping.")
    init: list[dict[str, Any]] | None = Field(None, description="Initialisation rules that take the place of its own.")
    patch: dict[str, Any] | None = Field(
        None, description="Changes by module path: a new node, null to delete, or append/extend/insert/pop."
    )
    tie: dict[str, str] | None = Field(None, description="Parameters that are one: {lm_head.weight: wte.weight}.")


class InputKeys(BaseModel):
    """An input written as a mapping."""

    model_config = _STRICT

    shape: list[int | str] = Field(description="Numbers are fixed, names may vary; `H=224` is checked at 224.")
    dtype: str = Field("float32", description="The dtype, by PyTorch's name.")
    optional: bool = Field(False, description="Whether callers may leave it out (None).")
    max: int | str | None = Field(None, description="Integers stay below this, such as the size of a vocabulary.")


class ParamKeys(BaseModel):
    """A param written as a mapping."""

    model_config = _STRICT

    type: str = Field(
        description="int, float, bool, str, module, list, list[int], …; `int | null` where null is allowed."
    )
    default: Any = Field(None, description="The value where a caller sets none.")
    min: int | float | None = Field(None, description="The smallest value, or for a list the shortest length.")
    max: int | float | None = Field(None, description="The largest value, or for a list the greatest length.")
    choices: list[Any] | None = Field(None, description="The only values allowed.")
    doc: str | None = Field(None, description="What the param does.")


class WeightsKeys(BaseModel):
    """A published checkpoint."""

    model_config = _STRICT

    url: str = Field(description="Where it is: https://…/resnet50-0676ba61.pth. archspec itself downloads nothing.")
    sha256: str = Field(description="The first 8 to 64 digits of the file's SHA-256.")
    rename: dict[str, str] | None = Field(
        None, description="What its keys are called in this model: {old: new}, where `*` stands for any text."
    )
    params: dict[str, Any] | None = Field(
        None, description="The params that it was trained with, where they are not those of the preset."
    )


class WiringKeys(BaseModel):
    """The keys beside the type of a node."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)

    from_: Any = Field(
        None, alias="from", description="Where the inputs come from: a name, a list, or a mapping of keywords."
    )
    with_: dict[str, Any] | None = Field(None, alias="with", description="Constant arguments of the call.")
    when: bool | int | str | None = Field(None, description="The node exists only where this expression is true.")
    else_: str | None = Field(
        None,
        alias="else",
        description="What stands in where `when` is false, or with `only: train` in evaluation; null for nothing.",
    )
    only: Literal["train"] | None = Field(None, description="Runs in training only.")
    mode: Literal["chain", "branch", "zip", "hold", "select"] | None = Field(
        None, description="How a ModuleList or ModuleDict is run; `hold`, beside any module: a `call` runs it."
    )
    select: str | None = Field(None, description="The input, or the key, that picks the module of a ModuleDict.")
    repeat: int | str | None = Field(None, description="How many times the node is repeated.")
    for_: str | None = Field(None, alias="for", description="A loop: `i in range(n)`.")
    do: Any = Field(None, description="The nodes of a loop.")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDeclaration:
    """An input as declared: `kind` says whether it is a tensor, text, something left out in the check, or anything."""

    name: str
    kind: InputKind
    shape: tuple[Written, ...] | None = None
    dtype: str = "float32"
    optional: bool = False
    max: Written = None
    tree: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class InitRule:
    """One rule of `init:` as written."""

    match: str
    fills: dict[str, tuple[Tree, Written]]
    tree: Mapping


@dataclass(slots=True, kw_only=True, eq=False)
class Block:
    """A block: params in, a model out. A spec is a block with a file around it.

    `body` is one node, or named nodes wired together. It is filled in after all blocks of the file are known by name.
    `patches` change the model that a file has from those it extends, and `tie` makes two of its parameters one.
    `reader` reads the nodes that params hold, which is done when they are used.
    One that is not `sound` has faults that are collected; it is kept so that the nodes which name it find it.
    """

    name: str
    doc: str = ""
    params: dict[str, "Param"] = field(default_factory=dict)
    let: dict[str, tuple[Tree, Written]] = field(default_factory=dict)
    inputs: tuple[InputDeclaration, ...] | None = None
    body: "Node | tuple[Child, ...] | None" = None
    output: Written = None
    output_tree: Tree | None = None
    init: tuple[InitRule, ...] = ()
    tree: Tree
    spec: "Spec | None" = None
    patches: "Patches" = ()
    tie: dict[str, tuple[Tree, str]] = field(default_factory=dict)
    is_file: bool = False
    reader: "Reader | None" = None
    sound: bool = True

    @property
    def span(self) -> Span:
        """Where the block stands."""
        return self.tree.span


@dataclass(slots=True, kw_only=True, eq=False)
class Spec:
    """A validated spec file.

    Attributes:
        source: the text it came from.
        block: the file as a block.
        presets: named settings, each a mapping of params to the trees of their values.
        blocks: every block that a node of this file can name, used files included.
        base: the spec that this one extends, whose nodes it then has.
        transforms: the preprocessing of images, each pipeline under its name.
        weights: published checkpoints by preset and name; see `weights.py`.
    """

    source: Source
    block: Block
    presets: dict[str, Mapping] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    own_blocks: dict[str, Block] = field(default_factory=dict)
    uses: dict[str, "Spec"] = field(default_factory=dict)
    base: "Spec | None" = None
    transforms: "Pipelines" = field(default_factory=dict)
    weights: "dict[str, dict[str, Published]]" = field(default_factory=dict)
