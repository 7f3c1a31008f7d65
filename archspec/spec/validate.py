"""Validation: in comes the tree of a file, out goes its `Spec`; every fault of the file is collected."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel

from archspec.catalog.registry import Registry
from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector, Fault
from archspec.fix import Fix, respelled
from archspec.limits import Limits
from archspec.source import Source
from archspec.spec.document import (
    LANGUAGE_VERSION,
    Block,
    BlockKeys,
    InitRule,
    InputDeclaration,
    InputKeys,
    InputKind,
    ParamKeys,
    Spec,
    SpecKeys,
    UsedKeys,
)
from archspec.spec.dtypes import DTYPES, unknown_dtype
from archspec.spec.held import check_held
from archspec.spec.inherit import inherit
from archspec.spec.keys import check_keys
from archspec.spec.names import class_name, input_name_fault, is_type_name, module_name_fault, value_name_fault
from archspec.spec.params import Param, param_of
from archspec.spec.patch import read_patch
from archspec.spec.presets import read_presets
from archspec.spec.reader import SPECIAL, Reader
from archspec.spec.transforms import read_transforms
from archspec.spec.weights import read_weights
from archspec.spec.wiring import found_in
from archspec.suggest import did_you_mean
from archspec.syntax.expression import Written, parse_written
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree, plain

if TYPE_CHECKING:
    from archspec.spec.node import Child, Node

__all__ = ["validate"]


@dataclass(slots=True, kw_only=True)
class _Validation:
    """The tools of one validation, and the blocks that the file's nodes can name."""

    registry: Registry
    limits: Limits
    collector: Collector
    base: Spec | None = None
    reader: Reader = field(init=False)
    blocks: dict[str, Block] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reader = Reader(
            registry=self.registry,
            limits=self.limits,
            collector=self.collector,
            blocks=self.blocks,
            read_block=self.graph_block,
        )

    def error(self, code: str, message: str, tree: Tree, *, fix: Fix | None = None, **more: str) -> None:
        """Collect one fault."""
        self.collector.add(Diagnostic(code=code, message=message, span=tree.span, fix=fix, **more))  # type: ignore[arg-type]

    def keys(self, model: type[BaseModel], tree: Mapping, what: str) -> BaseModel | None:
        """Check the keys of a mapping and the kinds of their values."""
        return check_keys(model, tree, what, self.collector)

    def declare(self, name: str, tree: Mapping, keys: BlockKeys | None) -> Block:
        """A block without its model: its name, params and inputs, which the nodes of the file need to know."""
        block = Block(name=name, tree=tree, sound=keys is not None)
        if keys is not None:
            block.name, block.doc = name if keys.name is None else keys.name, keys.doc or ""
        if (doc := tree.get("doc")) is not None:
            self.limits.check("doc_bytes", len(block.doc.encode()), doc.span, "bytes in this doc")
        block.params = self._params(tree.get("params"))
        block.inputs = self._inputs(tree)
        return block

    def fill(self, block: Block, tree: Mapping, reader: Reader) -> None:
        """Read the rest of a block: `let`, `model`, `output` and `init`; what it does not say stays as it is."""
        let = tree.get("let")
        if isinstance(let, Mapping):
            named = [item for item in let.items() if self._is_value_name(item[0], let, "a value")]
            block.let |= {name: (key, self._written(value)) for name, key, value in named}
        model = tree.get("model")
        if model is not None:
            block.body = self._body(model, reader)
        output = tree.get("output")
        if output is not None:
            block.output, block.output_tree = self._written(output), output
        init = tree.get("init")
        if init is not None:
            block.init = self._init(init)

    def graph_block(self, name: str, tree: Mapping, reader: Reader) -> Block:
        """A block written in place (`Graph: {model: …}`), whose faults the collector of `reader` takes."""
        here = replace(self, collector=reader.collector)
        block = here.declare(name, tree, cast("BlockKeys | None", here.keys(BlockKeys, tree, "a Graph")))
        here.fill(block, tree, reader)
        return block

    def _body(self, tree: Tree, reader: Reader) -> "Node | tuple[Child, ...] | None":
        try:
            if isinstance(tree, Mapping) and not reader.is_node(tree):
                return reader.children(tree, "`model`")
            return reader.read(tree)
        except Fault as fault:
            self.collector.add(fault.diagnostic)
            return None

    def _written(self, tree: Tree) -> Written:
        try:
            return parse_written(tree, self.limits)
        except Fault as fault:
            self.collector.add(fault.diagnostic)
            return None

    def _params(self, tree: Tree | None) -> dict[str, Param]:
        params: dict[str, Param] = {}
        if not isinstance(tree, Mapping):
            return params
        for name, _, value in tree.items():
            if self._is_value_name(name, tree, "a param"):
                params[name] = self._param(name, value)
        return params

    def _is_value_name(self, name: str, tree: Mapping, what: str) -> bool:
        """Whether an expression can read the value `name` of a mapping; a name that it cannot read is collected."""
        reason = value_name_fault(name)
        # The rest of an expression that YAML cut off at a comma is no name; the expression itself is refused.
        is_rest = name.endswith(")") and any(
            "$(" in value.text for _, _, value in tree.items() if isinstance(value, Scalar)
        )
        if reason is not None and not is_rest:
            self.error("E0205", f"{quote(name)} cannot be the name of {what}: {reason}", tree.entries[name][0])
        return reason is None

    def _param(self, name: str, tree: Tree) -> Param:
        """One param; of one that is declared wrongly only the name is known."""
        try:
            if not isinstance(tree, Mapping):
                return param_of(name, tree, None)
            keys = cast("ParamKeys | None", self.keys(ParamKeys, tree, f"param `{name}`"))
            if keys is not None:
                return param_of(name, tree, keys)
        except Fault as fault:
            self.collector.add(fault.diagnostic)
        return Param(name=name, type="any", default=tree, tree=tree)

    def _inputs(self, tree: Mapping) -> tuple[InputDeclaration, ...] | None:
        single, several = tree.get("input"), tree.get("inputs")
        if single is not None and several is not None:
            self.error("E0206", "a block has `input` or `inputs`, not both", tree.entries["inputs"][0])
        if isinstance(single, (Sequence, Mapping)):
            return (self._input("input", tree.entries["input"][0], single),)
        if isinstance(several, Mapping):
            return tuple(self._input(name, key, value) for name, key, value in several.items())
        return None

    def _input(self, name: str, key: Scalar, tree: Tree) -> InputDeclaration:
        if reason := input_name_fault(name):
            self.error("E0205", f"{quote(name)} cannot be the name of an input: {reason}", key)
        if isinstance(tree, Scalar) and (kind := _INPUT_WORDS.get(str(tree.value))) is not None:
            return InputDeclaration(name=name, kind=kind, optional=kind == "none", tree=tree)
        if isinstance(tree, Sequence):
            return InputDeclaration(name=name, kind="tensor", shape=self._shape(tree), tree=tree)
        if isinstance(tree, Mapping):
            keys = cast("InputKeys | None", self.keys(InputKeys, tree, f"input `{name}`"))
            if keys is not None:
                return self._input_mapping(name, tree, keys)
        else:
            self._wrong_input(name, tree)
        return InputDeclaration(name=name, kind="none", tree=tree)

    def _wrong_input(self, name: str, tree: Scalar) -> None:
        message, found = f"input `{name}` is declared wrongly", quote(tree.text)
        expected = "a shape such as [N, 3, 224, 224], {shape: […], dtype: int64}, str, optional, or in a block any"
        hint, fix = did_you_mean(tree.text, _INPUT_WORDS), respelled(tree.span, tree.text, _INPUT_WORDS)
        self.error("E0206", message, tree, found=found, expected=expected, hint=hint, fix=fix)

    def _input_mapping(self, name: str, tree: Mapping, keys: InputKeys) -> InputDeclaration:
        if keys.dtype not in DTYPES:
            self.collector.add(unknown_dtype(keys.dtype, cast("Tree", tree.get("dtype")).span))
        shape = self._shape(cast("Sequence", tree.get("shape")))
        return InputDeclaration(
            name=name,
            kind="tensor",
            shape=shape,
            dtype=keys.dtype,
            optional=keys.optional,
            max=None if keys.max is None else self._written(cast("Tree", tree.get("max"))),
            tree=tree,
        )

    def _shape(self, tree: Sequence) -> tuple[Written, ...]:
        dims: list[Written] = []
        for item in tree.items:
            value = item.value if isinstance(item, Scalar) else None
            if not isinstance(value, (int, str)) or isinstance(value, bool) or value == "":
                expected = "a number, a name such as N, or a name with a size such as H=224"
                found = quote(item.text) if isinstance(item, Scalar) else quote(plain(item))
                self.error("E0206", "a dimension is a number or a name", item, found=found, expected=expected)
            elif isinstance(value, int) and value < 0:
                self.error("E0206", "a dimension is not negative", item, found=quote(value), expected="0 or more")
            else:
                dims.append(self._written(item))
        return tuple(dims)

    def _init(self, tree: Tree | None) -> tuple[InitRule, ...]:
        if not isinstance(tree, Sequence):
            return ()
        rules = [self._init_rule(item) for item in tree.items if isinstance(item, Mapping)]
        return tuple(rule for rule in rules if rule is not None)

    def _init_rule(self, tree: Mapping) -> InitRule | None:
        match = tree.get("match")
        if not isinstance(match, Scalar) or not isinstance(match.value, str):
            expected = "the type or path of the modules, such as `match: Conv2d` or `match: features.*.conv`"
            self.error("E0901", "an init rule says what it is for with `match`", match or tree, expected=expected)
            return None
        fills = {name: (value, self._written(value)) for name, _, value in tree.items() if name != "match"}
        return InitRule(match=match.value, fills=fills, tree=tree)


_INPUT_WORDS: dict[str, InputKind] = {"str": "text", "optional": "none", "any": "any"}


def validate(  # noqa: PLR0913 - the stage's inputs, each named by its caller
    tree: Tree,
    source: Source,
    *,
    registry: Registry,
    limits: Limits,
    collector: Collector,
    base: Spec | None = None,
    uses: dict[str, Spec | None] | None = None,
    in_place: bool = False,
) -> Spec:
    """Make the `Spec` of one file.

    Args:
        tree: what the file says.
        source: the file.
        registry: the layers and operations that exist.
        limits: the budgets.
        collector: takes every fault.
        base: the spec that the file extends, if it does.
        uses: the specs that the file uses, by the name their block has here; None where one could not be read.
        in_place: it is no file, but stands under `use`.

    Raises:
        Fault: the file is no mapping, so that nothing in it can be read.
    """
    if not isinstance(tree, Mapping):
        message = "a spec is a mapping of keys"
        expected = "archspec: 1, name: …, input: …, model: …"
        found = "a list" if isinstance(tree, Sequence) else quote(tree.text)
        raise Fault(Diagnostic(code="E0203", message=message, span=tree.span, found=found, expected=expected))
    validation = _Validation(registry=registry, limits=limits, collector=collector, base=base)
    if in_place:
        keys = cast("SpecKeys | None", validation.keys(UsedKeys, tree, "a spec under `use`"))
    else:
        keys = cast("SpecKeys | None", validation.keys(SpecKeys, tree, "a spec"))
        _check_version(validation, tree, keys)
    return _spec(validation, tree, source, keys, uses or {})


def _check_version(validation: _Validation, tree: Mapping, keys: SpecKeys | None) -> None:
    if keys is not None and keys.archspec != LANGUAGE_VERSION:
        message = f"this archspec reads version {LANGUAGE_VERSION} of the language"
        version = cast("Tree", tree.get("archspec"))
        validation.error("E0204", message, version, found=quote(keys.archspec), expected=str(LANGUAGE_VERSION))
    if keys is not None and keys.extends is None and "model" not in tree:
        validation.error("E0202", "a spec has no `model`", tree, hint="add `model:` with the nodes, or `extends:`")
    if "model" in tree and "extends" in tree:
        message = "a spec that extends another has no `model` of its own"
        hint = "change the other's model with `patch`"
        validation.error("E0201", message, tree.entries["model"][0], hint=hint)


def _spec(
    validation: _Validation, tree: Mapping, source: Source, keys: SpecKeys | None, uses: dict[str, Spec | None]
) -> Spec:
    base = validation.base
    name = class_name("" if source.path is None else source.path.stem)
    block = validation.declare(name, tree, keys)
    if (tree_name := tree.get("name")) is not None and (reason := module_name_fault(block.name)):
        near = class_name(block.name)
        hint = f"call it `{near}`" if module_name_fault(near) is None else ""
        validation.error("E0205", f"{quote(block.name)} cannot be a class name: {reason}", tree_name, hint=hint)
    read = {name: used for name, used in uses.items() if used is not None}
    spec = Spec(source=source, block=block, uses=read, base=base)
    validation.blocks.update({name: Block(name=name, tree=tree, sound=False) for name in uses if name not in read})
    _declare_blocks(validation, tree, spec)
    if base is not None:
        inherit(block, base, keys)
    validation.fill(block, tree, validation.reader)
    _fill_blocks(validation, spec)
    _file_keys(validation, tree, spec)
    check_held(spec, validation.reader)
    for owned in (block, *spec.own_blocks.values()):
        owned.spec = spec
        owned.reader = validation.reader
    block.is_file = True
    return spec


def _is_block_name(validation: _Validation, name: str, key: Scalar) -> bool:
    """Whether nodes can name a block so; a name that they cannot use is collected."""
    reason = module_name_fault(name)
    if is_type_name(name) and reason is None and name not in SPECIAL:
        return True
    if name in SPECIAL:
        validation.error("E0205", f"{quote(name)} has a meaning of its own, so no block can be called that", key)
        return False
    expected = "a name in PascalCase, as classes have: letters, digits and underscores"
    hint = f"call it `{name[:1].upper()}{name[1:]}`" if reason is None else ""
    validation.error("E0205", f"{quote(name)} cannot be the name of a block", key, expected=expected, hint=hint)
    return False


def _declare_blocks(validation: _Validation, tree: Mapping, spec: Spec) -> None:
    if spec.base is not None:
        validation.blocks.update(spec.base.blocks)
    validation.blocks.update({name: used.block for name, used in spec.uses.items()})
    use, blocks = tree.get("use"), tree.get("blocks")
    for name, key, value in use.items() if isinstance(use, Mapping) else ():
        _is_block_name(validation, name, key)
        if not isinstance(value, Mapping) and not (isinstance(value, Scalar) and isinstance(value.value, str)):
            message, found = f"`use.{name}` has a wrong value", found_in(value)
            expected = "a path, the name of an architecture that ships, or {extends: …, patch: …}"
            validation.error("E0203", message, value, found=found, expected=expected)
    if isinstance(blocks, Mapping):
        for name, key, value in blocks.items():
            if not isinstance(value, Mapping):
                spec.own_blocks[name] = Block(name=name, tree=value, sound=False)
                continue
            if _is_block_name(validation, name, key) and validation.registry.layer(name) is not None:
                message = f"block {name} hides the layer of the same name"
                hint = f"nodes that say `{name}` mean the block; rename it if that is not wanted"
                validation.error("W0104", message, key, hint=hint)
            if spec.base is not None and name in spec.base.blocks:
                message = f"the spec that this one extends has a block {name} too, and keeps using its own"
                hint = "call this one otherwise, and use `patch` to put it in the place of the other"
                validation.error("E0308", message, key, hint=hint)
            own = cast("BlockKeys | None", validation.keys(BlockKeys, value, f"block `{name}`"))
            spec.own_blocks[name] = validation.declare(name, value, own)
    validation.blocks.update(spec.own_blocks)
    spec.blocks = validation.blocks


def _fill_blocks(validation: _Validation, spec: Spec) -> None:
    for block in spec.own_blocks.values():
        if isinstance(block.tree, Mapping):
            validation.fill(block, block.tree, validation.reader)


def _file_keys(validation: _Validation, tree: Mapping, spec: Spec) -> None:
    known = spec.base is not None or "extends" not in tree
    spec.presets = read_presets(tree.get("presets"), spec.block.params if known else None, validation.collector)
    weights = tree.get("weights")
    if isinstance(weights, Mapping):
        spec.weights = read_weights(weights, spec.presets, spec.block.params, validation.collector)
    inherited = {} if spec.base is None else spec.base.transforms
    spec.transforms = inherited | read_transforms(tree.get("transforms"), validation.limits, validation.collector)
    tie = tree.get("tie")
    if isinstance(tie, Mapping):
        spec.block.tie |= {name: (value, value.text) for name, _, value in tie.items() if isinstance(value, Scalar)}
    patch = tree.get("patch")
    if patch is not None and "extends" not in tree:
        validation.error(
            "E0704", "`patch` changes a spec that this one extends", tree.entries["patch"][0], hint="add `extends:`"
        )
    elif isinstance(patch, Mapping):
        spec.block.patches += (read_patch(patch, validation.reader),)
