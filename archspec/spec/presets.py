"""`presets:`: in comes the tree of the key, out go the settings of the params by name; every fault is collected."""

from collections.abc import Mapping as AnyMapping

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector
from archspec.fix import respelled
from archspec.spec.names import refuse_label
from archspec.spec.params import Param
from archspec.suggest import did_you_mean
from archspec.syntax.tree import Mapping, Tree

__all__ = ["read_presets"]


def read_presets(tree: Tree | None, params: AnyMapping[str, Param] | None, collector: Collector) -> dict[str, Mapping]:
    """The presets of a file.

    Args:
        tree: what stands behind `presets:`.
        params: the params that they can set; None where those are not known.
        collector: takes the faults.
    """
    found: dict[str, Mapping] = {}
    for name, key, settings in tree.items() if isinstance(tree, Mapping) else ():
        refuse_label(key, "a preset", collector)
        if isinstance(settings, Mapping):
            if params is not None:
                _refuse_unknown(name, settings, params, collector)
            found[name] = settings
    return found


def _refuse_unknown(name: str, settings: Mapping, params: AnyMapping[str, Param], collector: Collector) -> None:
    for param, key, _ in settings.items():
        if param not in params:
            message = f"preset `{name}` sets a param {quote(param)} that does not exist"
            known = list(params)
            collector.add(
                Diagnostic(
                    code="E0406",
                    message=message,
                    span=key.span,
                    expected=", ".join(known) or "no params",
                    hint=did_you_mean(param, known),
                    fix=respelled(key.span, param, known),
                )
            )
