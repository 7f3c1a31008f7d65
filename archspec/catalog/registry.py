"""The registry: in come the caller's classes and functions, out come the layers and operations that a spec can name."""

import inspect
import re
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from threading import Lock, RLock
from types import MappingProxyType
from typing import TypeVar, overload

from archspec.catalog.function_operations import operation_of
from archspec.catalog.modules import Layer, layer_of, torch_layers
from archspec.catalog.operations import OPERATIONS, Operation

__all__ = ["ENTRY_POINT_GROUP", "Registry", "default_registry"]

ENTRY_POINT_GROUP = "archspec.modules"

_PASCAL_CASE = re.compile(r"[A-Z][A-Za-z0-9]{0,63}")
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]{0,63}")

_LANGUAGE = ("Graph", "compute", "call")

_Target = TypeVar("_Target", bound=Callable[..., object])


class Registry:
    """Names that a spec can use beside the language's own: classes are layers, functions are operations.

    Packages add theirs by the entry-point group `archspec.modules`; it is read once, when a name is first not known.
    All methods may be called from several threads.
    """

    def __init__(self) -> None:
        """Start empty: `torch.nn` alone is known."""
        self._layers: dict[str, Layer] = {}
        self._operations: dict[str, Callable[..., object]] = {}
        self._lock = Lock()
        # A lock of its own: a plug-in registers its names while it is being loaded, perhaps from another thread.
        self._loading = RLock()
        self._loaded = False

    @overload
    def register(self, target: _Target, *, name: str | None = None) -> _Target: ...

    @overload
    def register(self, target: None = None, *, name: str | None = None) -> Callable[[_Target], _Target]: ...

    def register(
        self, target: _Target | None = None, *, name: str | None = None
    ) -> _Target | Callable[[_Target], _Target]:
        """Let specs name a class of modules, or a function on tensors. Works as a decorator, with and without a name.

        Args:
            target: a subclass of `nn.Module`, or a function.
            name: the name in a spec, when it is not the target's own.

        Returns:
            The target.

        Raises:
            TypeError: the target is neither a class of modules nor a function.
            ValueError: the name is not PascalCase (a class) or snake_case (a function), or is taken.
        """
        if target is None:
            return lambda decorated: self.register(decorated, name=name)
        register = self._register_layer if inspect.isclass(target) else self._register_operation
        register(target, name or str(getattr(target, "__name__", "")))
        return target

    def _register_layer(self, cls: Callable[..., object], name: str) -> None:
        from torch import nn

        if not (isinstance(cls, type) and issubclass(cls, nn.Module)):
            raise TypeError(f"{cls!r} is no subclass of torch.nn.Module")
        if not _PASCAL_CASE.fullmatch(name):
            raise ValueError(f"a layer's name must be PascalCase, and {name!r} is not")
        if name in _LANGUAGE or hasattr(nn, name):
            raise ValueError(f"{name!r} has a meaning of its own in a spec; register the class by another name")
        layer = layer_of(cls, name)
        with self._lock:
            known = self._layers.get(name)
            if known is not None and known.cls is not cls:
                raise ValueError(f"{name!r} is registered already, for {known.cls.__module__}.{known.cls.__qualname__}")
            self._layers[name] = layer

    def _register_operation(self, function: Callable[..., object], name: str) -> None:
        if not callable(function):
            raise TypeError(f"{function!r} is neither a class nor a function")
        if not _SNAKE_CASE.fullmatch(name):
            raise ValueError(f"an operation's name must be snake_case, and {name!r} is not")
        if name in _LANGUAGE or name in OPERATIONS:
            raise ValueError(f"{name!r} has a meaning of its own in a spec; register the function by another name")
        with self._lock:
            if self._operations.get(name, function) is not function:
                raise ValueError(f"{name!r} is registered already, for {self._operations[name]!r}")
            self._operations[name] = function

    def unregister(self, name: str) -> None:
        """Forget a registered name.

        Raises:
            KeyError: no such name is registered.
        """
        with self._lock:
            del (self._layers if name in self._layers else self._operations)[name]

    def layer(self, name: str) -> Layer | None:
        """The layer of this name: a registered one, else one of `torch.nn`, else None."""
        layer = self._layers.get(name) or torch_layers().get(name)
        if layer is None:
            self.load_plugins()
            layer = self._layers.get(name)
        return layer

    def layer_names(self) -> list[str]:
        """The names of all layers, sorted."""
        self.load_plugins()
        with self._lock:
            return sorted({*self._layers, *torch_layers()})

    def operation(self, name: str) -> Operation | None:
        """The operation of this name: one of the table, else a registered one, else None."""
        if name in OPERATIONS:
            return OPERATIONS[name]
        function = self.operation_function(name)
        return None if function is None else operation_of(function, name)

    def operation_names(self) -> list[str]:
        """The names of all operations, sorted."""
        return sorted({*self.operation_functions, *OPERATIONS})

    def operation_function(self, name: str) -> Callable[..., object] | None:
        """The registered function of this name, or None."""
        if name not in self._operations:
            self.load_plugins()
        return self._operations.get(name)

    @property
    def operation_functions(self) -> Mapping[str, Callable[..., object]]:
        """All registered functions by name."""
        self.load_plugins()
        return MappingProxyType(self._operations)

    def load_plugins(self) -> None:
        """Register what the installed packages offer, once; one that cannot be loaded is a warning."""
        with self._loading:
            if self._loaded:
                return
            self._loaded = True
            for entry_point in entry_points(group=ENTRY_POINT_GROUP):
                self._load(entry_point)

    def _load(self, entry_point: EntryPoint) -> None:
        try:
            self.register(entry_point.load(), name=entry_point.name)
        except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way
            warnings.warn(
                f"the plug-in {entry_point.name!r} ({entry_point.value}) cannot be loaded: {error!r}",
                RuntimeWarning,
                stacklevel=4,
            )

    def copy(self) -> "Registry":
        """A registry with the same names that can change on its own."""
        other = Registry()
        with self._loading, self._lock:
            other._layers = dict(self._layers)
            other._operations = dict(self._operations)
            other._loaded = self._loaded
        return other


@cache
def default_registry() -> Registry:
    """The registry that `archspec.register` fills and that specs are compiled with."""
    return Registry()
