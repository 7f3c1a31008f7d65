"""How each compiler opens a file that a stranger wrote: in comes a path, out comes the module, or an exception.

Each is opened as its documentation says, in the safest way that it has. Everything is imported in the functions: one
process opens files with one of them, and another may not be installed.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from benchmarks.hostile.forms import keras_layer, keras_layers

__all__ = ["OPENERS", "Opener", "attribute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """One compiler.

    Attributes:
        packages: the distributions whose versions are told, the one that must be installed first.
        suffix: of its files.
        files: the name under which the cases hold its files.
        how: what is called, for the reader of the table.
        warm: imports all that opening needs, so that no case is charged with it.
        open: makes the module.
    """

    packages: tuple[str, ...]
    suffix: str
    files: str
    how: str
    warm: Callable[[], object]
    open: Callable[[Path], Any]


def _archspec(path: Path) -> nn.Module:
    import archspec

    weights = path.with_name("weights.pth")
    return archspec.build(path, weights=weights, allow_pickle=True) if weights.exists() else archspec.build(path)


def _torcharc(path: Path) -> nn.Module:
    import torcharc

    return torcharc.build(path)


def _hydra(path: Path) -> Any:
    from hydra import compose, initialize_config_dir
    from hydra.utils import instantiate

    with initialize_config_dir(config_dir=str(path.parent.resolve()), version_base=None):
        return instantiate(compose(path.stem).model)


def _jsonargparse(path: Path) -> Any:
    from jsonargparse import ArgumentParser

    parser = ArgumentParser(exit_on_error=False)
    parser.add_argument("--model", type=nn.Module)
    return parser.instantiate_classes(parser.parse_path(path)).model


def _keras(path: Path) -> Any:
    import keras

    return keras.models.model_from_json(path.read_text(encoding="utf-8"))


def _keras_unsafe(path: Path) -> Any:
    import keras

    keras.config.enable_unsafe_deserialization()
    return _keras(path)


_TRIVIAL = {
    "archspec": "archspec: 1\nname: Net\ninput: [N, 8]\nmodel: [{Linear: 4}]\n",
    "torcharc": "modules: {net: {Linear: {in_features: 8, out_features: 4}}}\n"
    "graph: {input: x, modules: {net: [x]}, output: net}\n",
    "Hydra": "model: {_target_: torch.nn.Linear, in_features: 8, out_features: 4}\n",
    "jsonargparse": "model: {class_path: torch.nn.Linear, init_args: {in_features: 8, out_features: 4}}\n",
    "Keras": keras_layers([keras_layer("Dense", '"units": 4')]),
}


def _warm(open_: Callable[[Path], Any], files: str, suffix: str) -> Callable[[], object]:
    def warm() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"spec{suffix}")
            path.write_text(_TRIVIAL[files], encoding="utf-8")
            open_(path)

    return warm


def _opener(open_: Callable[[Path], Any], files: str, how: str, *packages: str) -> Opener:
    suffix = ".json" if files == "Keras" else ".yaml"
    warm = _warm(_keras if open_ is _keras_unsafe else open_, files, suffix)
    return Opener(packages=packages, suffix=suffix, files=files, how=how, warm=warm, open=open_)


OPENERS: Mapping[str, Opener] = MappingProxyType(
    {
        "archspec": _opener(_archspec, "archspec", "`archspec.build(path)`", "archspec-torch"),
        "torcharc": _opener(_torcharc, "torcharc", "`torcharc.build(path)`", "torcharc"),
        "Hydra": _opener(_hydra, "Hydra", "`instantiate(compose(name).model)`", "hydra-core", "omegaconf"),
        "jsonargparse": _opener(
            _jsonargparse, "jsonargparse", "`--model` of the type `nn.Module`, `parse_path`", "jsonargparse"
        ),
        "Keras": _opener(_keras, "Keras", "`model_from_json(text)`, in safe mode, its default", "keras"),
        "Keras, unsafe": _opener(
            _keras_unsafe, "Keras", "the same after `keras.config.enable_unsafe_deserialization()`", "keras"
        ),
    }
)


def attribute(model: Any, names: tuple[str, ...]) -> object:
    """The first of the attributes that a layer of the model has, as a plain value where it is a tensor of one."""
    for layer in _layers(model):
        for name in names:
            if hasattr(layer, name):
                value = getattr(layer, name)
                return value.tolist() if isinstance(value, torch.Tensor) else value
    return None


def _layers(model: Any) -> Iterator[Any]:
    if hasattr(model, "layers"):  # of Keras
        yield from reversed(model.layers)
    elif isinstance(model, nn.Module):
        yield from reversed([*model.modules()])
