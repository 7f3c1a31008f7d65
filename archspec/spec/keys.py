"""Keys: in come a mapping and the Pydantic model of its keys, out go their values; what is wrong is collected."""

from pydantic import BaseModel, ValidationError

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector
from archspec.spec.document import LANGUAGE_VERSION
from archspec.spec.locate import describe_errors
from archspec.suggest import closest, did_you_mean
from archspec.syntax.tree import Mapping, Tree, plain

__all__ = ["check_keys"]

_MISSING_KEY = {
    "archspec": f"begin the file with `archspec: {LANGUAGE_VERSION}`",
    "model": "add `model:` with the nodes",
    "shape": "add, for example, `shape: [N, 16]`",
    "type": "add, for example, `type: int`",
}
_WRONG_KIND = {
    "archspec": f"write `archspec: {LANGUAGE_VERSION}`",
    "blocks": "write {Name: {model: …}}",
    "init": "write [{match: Conv2d, weight: zeros}]",
    "input": "write, for example, [N, 3, 224, 224]",
    "params": "write {name: default}",
    "presets": "write {preset: {param: value}}",
    "use": "write {Name: ./file.yaml}",
}


def check_keys(model: type[BaseModel], tree: Mapping, what: str, collector: Collector) -> BaseModel | None:
    """The values of a mapping, or None when a key or the kind of a value is wrong; every fault is collected.

    Args:
        model: the keys that there are.
        tree: the mapping.
        what: what the mapping is, in words.
        collector: takes the faults.
    """

    def error(code: str, message: str, place: Tree, *, found: str = "", expected: str = "", hint: str = "") -> None:
        collector.add(
            Diagnostic(code=code, message=message, span=place.span, found=found, expected=expected, hint=hint)
        )

    try:
        return model.model_validate(plain(tree))
    except ValidationError as error:
        known = [name for name in model.model_fields if name not in tree]
        meant = {closest(name, known) for name in tree if name not in model.model_fields}
        for item in describe_errors(error, {name: value for name, _, value in tree.items()}):
            if item.kind == "extra_forbidden":
                key = tree.entries[item.name][0]
                message, expected = f"{what} has no key {quote(item.name)}", ", ".join(model.model_fields)
                error("E0201", message, key, expected=expected, hint=did_you_mean(item.name, known))
            elif item.kind != "missing":
                message = f"`{item.path}` has a wrong value"
                hint = _WRONG_KIND.get(item.name, "")
                error("E0203", message, item.tree or tree, found=item.found, expected=item.expected, hint=hint)
            elif item.name not in meant:
                error("E0202", f"{what} has no `{item.name}`", tree, hint=_MISSING_KEY.get(item.name, ""))
        return None
