"""Keys: in come a mapping and the Pydantic model of its keys, out go their values; what is wrong is collected."""

from typing import Any

from pydantic import BaseModel, ValidationError

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector
from archspec.fix import respelled
from archspec.spec.document import LANGUAGE_VERSION
from archspec.spec.locate import Described, describe_errors
from archspec.suggest import closest, did_you_mean
from archspec.syntax.tree import Mapping, Tree, plain

__all__ = ["check_keys"]

_MISSING_KEY = {
    "archspec": f"begin the file with `archspec: {LANGUAGE_VERSION}`",
    "extends": "name the architecture that is changed, such as `extends: resnet50`",
    "model": "add `model:` with the nodes",
    "sha256": "add the first 8 or more digits of the file's SHA-256, which `sha256sum FILE` prints",
    "shape": "add, for example, `shape: [N, 16]`",
    "type": "add, for example, `type: int`",
    "url": "add the address of the file, `url: https://…`",
}
_NO_KEY = {
    "preset": "a preset is chosen when a spec is built, with `--preset`; to extend one, name it: `extends: resnet50`",
    "layers": "the nodes stand behind `model`",
}
_WRONG_KIND = {
    "archspec": f"write `archspec: {LANGUAGE_VERSION}`",
    "blocks": "write {Name: {model: …}}",
    "init": "write [{match: Conv2d, weight: zeros}]",
    "input": "write, for example, [N, 3, 224, 224]",
    "let": "write {name: value}",
    "params": "write {name: default}",
    "presets": "write {preset: {param: value}}",
    "tie": "write {head.weight: embed.weight}",
    "transforms": "write {train: [transform, …], eval: [transform, …]}",
    "use": "write {Name: ./file.yaml}",
    "weights": "write {NAME: {url: https://…, sha256: …}}, or {preset: {NAME: {url: https://…, sha256: …}}}",
}


def check_keys(model: type[BaseModel], tree: Mapping, what: str, collector: Collector) -> BaseModel | None:
    """The values of a mapping, or None when a key or the kind of a value is wrong; every fault is collected.

    Args:
        model: the keys that there are.
        tree: the mapping.
        what: what the mapping is, in words.
        collector: takes the faults.
    """
    try:
        return model.model_validate({name: _value(value, model, name) for name, _, value in tree.items()})
    except ValidationError as error:
        free = [name for name in model.model_fields if name not in tree]
        meant = {closest(name, free) for name in tree if name not in model.model_fields}
        for item in describe_errors(error, {name: value for name, _, value in tree.items()}):
            if item.kind == "extra_forbidden":
                collector.add(_unknown(item.name, model, free, tree, what))
            elif item.kind != "missing":
                collector.add(_wrong(item, tree))
            elif item.name not in meant:
                message, hint = f"{what} has no `{item.name}`", _MISSING_KEY.get(item.name, "")
                collector.add(Diagnostic(code="E0202", message=message, span=tree.span, hint=hint))
        return None


def _value(tree: Tree, model: type[BaseModel], name: str) -> object:
    """What Pydantic looks at: a key that may hold anything is read elsewhere, from its tree."""
    known = model.model_fields.get(name)
    return tree if known is not None and known.annotation is Any else plain(tree)


def _unknown(name: str, model: type[BaseModel], free: list[str], tree: Mapping, what: str) -> Diagnostic:
    span, hint = tree.entries[name][0].span, _NO_KEY.get(name, "")
    return Diagnostic(
        code="E0201",
        message=f"{what} has no key {quote(name)}",
        span=span,
        expected=", ".join(model.model_fields),
        hint=hint or did_you_mean(name, free),
        fix=None if hint else respelled(span, name, free),
    )


def _wrong(item: Described, tree: Mapping) -> Diagnostic:
    return Diagnostic(
        code="E0203",
        message=f"`{item.path}` has a wrong value",
        span=(item.tree or tree).span,
        found=item.found,
        expected=item.expected,
        hint=_WRONG_KIND.get(item.name, ""),
    )
