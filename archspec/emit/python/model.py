"""Writes `model.py`: in comes a `Graph`, out goes plain PyTorch that gives the same keys and the same numbers."""

import ast
from collections.abc import Iterator

from archspec.catalog.registry import Registry, default_registry
from archspec.emit.python.classes import ClassWriter
from archspec.emit.python.docstrings import docstring_of
from archspec.emit.python.imports import Imports
from archspec.emit.python.initialising import Initialiser, walked
from archspec.emit.python.layout import Documented, lay_out
from archspec.emit.python.making import Maker
from archspec.emit.python.operations import PlainOperations
from archspec.emit.python.registered import imported
from archspec.emit.python.shapes import Shapes
from archspec.emit.syntax import assign, attribute, call, constant, load
from archspec.fold.design import Container, Folded, Initialised, Instance, Layer, Rule
from archspec.fold.fold import fold
from archspec.fold.naming import unused
from archspec.graph.graph import Graph

__all__ = ["emit_python"]


def emit_python(graph: Graph, *, registry: Registry | None = None) -> str:
    """The source of a Python file with one class for each kind of block; the last one is the model.

    Args:
        graph: the model.
        registry: where its layers and operations are looked up.

    Raises:
        ExportError: something in it is the caller's own and cannot be imported by name.
    """
    return _File(graph, registry or default_registry()).text()


_STOCHASTIC_DEPTH = '''
def stochastic_depth(x: Tensor, p: float, training: bool) -> Tensor:
    """Set random items of a batch to 0: what they come from is skipped."""
    return torch.feature_dropout(x.unsqueeze(0), p, training).squeeze(0)
'''


class _File:
    def __init__(self, graph: Graph, registry: Registry) -> None:
        self.graph = graph
        self.registry = registry
        self.registered = imported(graph, registry)
        self.folded: Folded = fold(graph, registry, reserved={item.local for item in self.registered.values()})
        self.imports = Imports()
        self.helpers: dict[tuple[Rule, ...], str] = {}
        self.classes = {cls.name: cls for cls in self.folded.classes}
        self.maker = Maker(
            registry=registry,
            imports=self.imports,
            classes=self.classes,
            registered=self.registered,
            helper=self._helper,
        )
        self.initialiser = Initialiser(self.imports, self._types)

    def text(self) -> str:
        """The whole file."""
        definitions = [*self._definitions()]
        functions = [*self._stochastic_depth()]
        functions += [self._function(rules, name) for rules, name in self.helpers.items()]
        blocks = ["\n".join(lay_out([definition])) for definition in (*functions, *definitions)]
        return "\n\n\n".join(["\n".join(self.imports.lines()), *blocks]) + "\n"

    def _definitions(self) -> Iterator[ast.stmt]:
        root = self.folded.root
        writer = ClassWriter(
            registry=self.registry,
            imports=self.imports,
            maker=self.maker,
            initialiser=self.initialiser,
            operations=PlainOperations(self.imports, self.registered),
            shapes=Shapes(self.graph),
        )
        last = [*self._last()]
        for cls in self.folded.classes:
            is_root = isinstance(root, Instance) and root.cls == cls.name
            yield writer.write(cls, last if is_root else [])
        if not isinstance(root, Instance):
            yield self._subclass(root, last)

    def _subclass(self, root: object, last: list[ast.stmt]) -> ast.ClassDef:
        """A model that is a container, or one layer: it inherits from that."""
        rules: list[ast.stmt] = []
        if isinstance(root, Initialised):
            rules = [*self.initialiser.lines(root.rules, load("self"))]
            root = root.design
        assert isinstance(root, Layer | Container)
        base = self.maker.type(root.type) if isinstance(root, Layer) else self.imports.nn(root.kind)
        given = self.maker.arguments(root) if isinstance(root, Layer) else self.maker.members(root)
        start = ast.Expr(value=call(attribute(call(load("super")), "__init__"), *given))
        args = ast.arguments(posonlyargs=[], args=[ast.arg(arg="self")], kwonlyargs=[], kw_defaults=[], defaults=[])
        init = ast.FunctionDef(
            name="__init__", args=args, body=[start, *rules, *last], decorator_list=[], returns=constant(None)
        )
        body: list[ast.stmt] = [*docstring_of(self.graph.doc), init]
        name = unused(
            self.graph.name, {*self.classes, *self.helpers.values(), *(item.local for item in self.registered.values())}
        )
        return ast.ClassDef(name=name, bases=[base], keywords=[], body=body, decorator_list=[])

    def _last(self) -> Iterator[ast.stmt]:
        """What the model's `__init__` does in the end: the rules of the whole spec, and ties."""
        if self.folded.rules:
            yield from self.initialiser.lines(self.folded.rules, load("self"))
        for key, other in self.folded.tie:
            yield assign(walked(load("self"), key), walked(load("self"), other))

    def _types(self, name: str) -> list[ast.expr]:
        """The classes that a type of a rule means."""
        if self.registry.layer(name) is not None:
            return [self.maker.type(name)]
        return [load(cls.name) for cls in self.folded.classes if cls.block == name]

    def _helper(self, rules: tuple[Rule, ...]) -> str:
        if rules not in self.helpers:
            taken = {*self.helpers.values(), *self.classes, *(item.local for item in self.registered.values())}
            self.helpers[rules] = unused("initialised", taken)
        return self.helpers[rules]

    def _stochastic_depth(self) -> Iterator[ast.FunctionDef]:
        """The one operation that takes more than a call."""
        if self.imports.uses_stochastic_depth:
            self.imports.torch("feature_dropout")
            self.imports.tensor()
            function = ast.parse(_STOCHASTIC_DEPTH).body[0]
            assert isinstance(function, ast.FunctionDef)
            function.body[0] = Documented([ast.get_docstring(function) or ""])
            yield function

    def _function(self, rules: tuple[Rule, ...], name: str) -> ast.FunctionDef:
        """A function that applies rules to a module and gives it back."""
        root = "root"
        body = [*self.initialiser.lines(rules, load(root)), ast.Return(value=load(root))]
        hint = self.imports.nn("Module")
        args = ast.arguments(
            posonlyargs=[], args=[ast.arg(arg=root, annotation=hint)], kwonlyargs=[], kw_defaults=[], defaults=[]
        )
        return ast.FunctionDef(name=name, args=args, body=body, decorator_list=[], returns=hint)
