"""The same model in each compiler's own form: in come a layer's arguments, out go the files by compiler.

What all of them share is one layer on an input of 8 features (or 3 channels), one argument a line.
"""

from collections.abc import Sequence

__all__ = ["GRAPH", "keras_layer", "keras_layers", "layer"]

GRAPH = "graph:\n  input: x\n  modules:\n    net: [x]\n  output: net\n"


def layer(
    name: str,
    arguments: str,
    *,
    inferred: str = "",
    shape: str = "8",
    keras: str | None = None,
) -> dict[str, str]:
    """One layer of torch.nn, or of Keras.

    Args:
        name: of the class in `torch.nn`.
        arguments: `key: value` in YAML, one a line, as in Python.
        inferred: what archspec leaves out, and the others must say.
        shape: of the input, without the batch.
        keras: the class and the arguments in Keras, `Dense "units": 4`; None where it does not apply.
    """
    files = _yaml_files(name, arguments, inferred=inferred, shape=shape)
    if keras is not None:
        kind, _, config = keras.partition(" ")
        files["Keras"] = keras_layers([keras_layer(kind, config)], shape)
    return files


def _yaml_files(name: str, arguments: str, *, inferred: str, shape: str) -> dict[str, str]:
    """The files of the compilers that read YAML."""
    own = arguments.split("\n")
    whole = [*filter(None, [inferred]), *own]
    return {
        "archspec": f"archspec: 1\nname: Net\ninput: [N, {shape}]\nmodel:\n  - {name}:\n{_indented(own, 6)}\n",
        "torcharc": f"modules:\n  net:\n    {name}:\n{_indented(whole, 6)}\n{GRAPH}",
        "Hydra": f"model:\n  _target_: torch.nn.{name}\n{_indented(whole, 2)}\n",
        "jsonargparse": f"model:\n  class_path: torch.nn.{name}\n  init_args:\n{_indented(whole, 4)}\n",
    }


def _indented(lines: list[str], by: int) -> str:
    return "\n".join(f"{' ' * by}{line}" for line in lines)


def keras_layer(kind: str, config: str, *, module: str = "keras.layers") -> str:
    """One layer in a model of Keras; `config` is what stands between the braces."""
    return f'{{"module": "{module}", "class_name": "{kind}", "config": {{{config}}}}}'


def keras_layers(layers: Sequence[str], shape: str = "8", more: str = "") -> str:
    """A Sequential of Keras, as `model.to_json()` writes one, with `more` behind its layers."""
    whole = [keras_layer("InputLayer", f'"batch_shape": [null, {shape}]'), *layers]
    inside = ",\n    ".join(whole)
    config = f'{{"name": "net", "layers": [\n    {inside}\n  ]{more}}}'
    return f'{{\n  "module": "keras",\n  "class_name": "Sequential",\n  "config": {config}\n}}\n'
