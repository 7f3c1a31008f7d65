"""`weights:`: in comes the tree of the key, out go the published checkpoints by preset and name."""

import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from typing import cast

from pydantic import ValidationError

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector
from archspec.fix import Fix, respelled
from archspec.spec.document import WeightsKeys
from archspec.spec.keys import check_keys
from archspec.spec.locate import describe_errors
from archspec.spec.params import Param, params_model
from archspec.spec.rename import MOST_STARS, STAR
from archspec.suggest import did_you_mean
from archspec.syntax.tree import Mapping, Scalar, Tree, plain

__all__ = ["DIGEST", "NAME", "NO_PRESET", "SUFFIXES", "URL", "Published", "read_weights"]

NO_PRESET = ""
SUFFIXES = (".safetensors", ".pth", ".pt", ".bin", ".ckpt")

# Each is a whole pattern of JSON Schema too. The url is part of a command that people paste into a shell.
NAME = r"^[A-Za-z][A-Za-z0-9_]{0,63}$"
DIGEST = r"^[0-9a-f]{8,64}$"
_ENDS = "|".join(suffix.removeprefix(".") for suffix in SUFFIXES)
URL = rf"^https://[A-Za-z0-9.-]+(:[0-9]+)?/([A-Za-z0-9._~@+=-]+/)*[A-Za-z0-9_][A-Za-z0-9._+=-]*\.({_ENDS})$"
_ONE = "{url: https://…, sha256: …}"
_FORM = f"{_ONE}, or for a preset {{NAME: {_ONE}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One published checkpoint.

    Attributes:
        name: what it is called beside the others of its preset, such as `IMAGENET1K_V1`.
        url: where it is.
        sha256: the first 8 to 64 hexadecimal digits of its SHA-256.
        rename: what its keys are called in this model, rule by rule; see `rename.py`.
        params: the params that it was trained with, each with the tree of its value.
    """

    name: str
    url: str
    sha256: str
    rename: tuple[tuple[str, str], ...] = ()
    params: dict[str, Tree] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """The name of the file: the end of the url."""
        return self.url.rpartition("/")[2]


def read_weights(
    tree: Mapping, presets: AnyMapping[str, Mapping], params: AnyMapping[str, Param], collector: Collector
) -> dict[str, dict[str, Published]]:
    """The checkpoints of a file: by preset, and by name; those of the spec as it stands are under `NO_PRESET`.

    Args:
        tree: what stands behind `weights:`.
        presets: the presets of the file.
        params: its params.
        collector: takes the faults.
    """
    reader = _Reader(collector=collector, params=params)
    found: dict[str, dict[str, Published]] = {}
    for name, key, value in tree.items():
        if not isinstance(value, Mapping):
            reader.wrong(name, value, _FORM)
        elif name in presets:
            found[name] = reader.all_of(name, value)
        elif not value.entries.keys().isdisjoint(WeightsKeys.model_fields):
            found.setdefault(NO_PRESET, {}).update(reader.one(name, key, value))
        else:
            message = f"`weights` has {quote(name)}, which is no preset of this file"
            expected = ", ".join(presets) or "names of checkpoints, because this file has no presets"
            hint = did_you_mean(name, presets, otherwise="a checkpoint of the spec as it stands has `url` and `sha256`")
            reader.fault(
                message, key, expected=expected, hint=hint, fix=respelled(key.span, name, set(presets) - set(tree))
            )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    collector: Collector
    params: AnyMapping[str, Param]

    def fault(  # noqa: PLR0913 - the parts of a diagnostic
        self, message: str, tree: Tree, *, found: str = "", expected: str = "", hint: str = "", fix: Fix | None = None
    ) -> None:
        """Collect one fault."""
        self.collector.add(
            Diagnostic(
                code="E0208", message=message, span=tree.span, found=found, expected=expected, hint=hint, fix=fix
            )
        )

    def wrong(self, path: str, tree: Tree, expected: str) -> None:
        """Collect that something else stands where a mapping should."""
        found = quote(tree.text) if isinstance(tree, Scalar) else "a list"
        self.fault(f"`weights.{path}` has a wrong value", tree, found=found, expected=expected)

    def all_of(self, preset: str, tree: Mapping) -> dict[str, Published]:
        """The checkpoints of one preset by name."""
        found: dict[str, Published] = {}
        for name, key, value in tree.items():
            if isinstance(value, Mapping):
                found |= self.one(name, key, value)
            else:
                self.wrong(f"{preset}.{name}", value, _ONE)
        return found

    def one(self, name: str, key: Scalar, tree: Mapping) -> dict[str, Published]:
        """One checkpoint under its name, or nothing where it has faults."""
        if not re.fullmatch(NAME, name):
            expected = "a letter, then letters, digits and underscores, 64 characters at most"
            self.fault(f"{quote(name)} cannot be the name of weights", key, expected=expected)
        digest = tree.get("sha256")
        if isinstance(digest, Scalar) and isinstance(digest.value, int | float):
            hint = f'write it in quotes: "{digest.text}"'
            self.fault("`sha256` is read as a number", digest, found=quote(digest.text), expected="text", hint=hint)
            return {}
        keys = cast("WeightsKeys | None", check_keys(WeightsKeys, tree, f"`{name}` of weights", self.collector))
        if keys is None:
            return {}
        self._check_url(keys.url, cast("Tree", tree.get("url")))
        self._check_digest(keys.sha256, cast("Tree", tree.get("sha256")))
        rename, params = tree.get("rename"), tree.get("params")
        return {
            name: Published(
                name=name,
                url=keys.url,
                sha256=keys.sha256,
                rename=self._rules(rename) if isinstance(rename, Mapping) else (),
                params=self._params(params) if isinstance(params, Mapping) else {},
            )
        }

    def _check_url(self, url: str, tree: Tree) -> None:
        if not re.fullmatch(URL, url):
            expected = f"https://, a host, and a path of plain characters that ends in {', '.join(SUFFIXES)}"
            self.fault("`url` is no address of a checkpoint", tree, found=quote(url), expected=expected)

    def _check_digest(self, digest: str, tree: Tree) -> None:
        if not re.fullmatch(DIGEST, digest):
            expected = "8 to 64 hexadecimal digits in lower case, the first of the file's SHA-256"
            self.fault("`sha256` is no digest", tree, found=quote(digest), expected=expected)

    def _rules(self, tree: Mapping) -> tuple[tuple[str, str], ...]:
        rules = [(old, value.text, value) for old, _, value in tree.items() if isinstance(value, Scalar)]
        for old, new, value in rules:
            if old.count(STAR) != new.count(STAR):
                message = f"{quote(old)} and its new name have a different number of `*`"
                expected = f"{old.count(STAR)} `*`, one for each of {quote(old)}"
                self.fault(message, value, found=quote(new), expected=expected)
            elif old.count(STAR) > MOST_STARS:
                self.fault(f"{quote(old)} has more than {MOST_STARS} `*`", tree.entries[old][0])
        return tuple((old, new) for old, new, _ in rules)

    def _params(self, tree: Mapping) -> dict[str, Tree]:
        for name, key, _ in tree.items():
            if name not in self.params:
                message = f"these weights are for a param {quote(name)} that does not exist"
                expected = ", ".join(self.params) or "no params"
                hint, fix = did_you_mean(name, self.params), respelled(key.span, name, self.params)
                self.fault(message, key, expected=expected, hint=hint, fix=fix)
        self._check_values({name: value for name, _, value in tree.items() if name in self.params})
        return {name: value for name, _, value in tree.items()}

    def _check_values(self, trees: dict[str, Tree]) -> None:
        """Refuse values of another type than their params have; a module is written as a node, and compared as one."""
        values = {name: plain(tree) for name, tree in trees.items() if not self.params[name].is_module}
        try:
            params_model(self.params[name] for name in values).model_validate(values)
        except ValidationError as error:
            for item in describe_errors(error, trees):
                message = "these weights are for a value that a param cannot have"
                self.fault(message, item.tree or trees[item.name], found=item.found, expected=item.expected)
