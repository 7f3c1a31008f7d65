"""The hostile files, each an attack or a slip in the form that each compiler reads.

The payload of those that would run code writes one file, `ran`, into the folder of the case, and does nothing else.
"""

import base64
import io
import json
import marshal
import os
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.hostile.forms import GRAPH, keras_layer, keras_layers, layer

__all__ = ["CASES", "Case"]

NOTHING = object()
PAYLOAD = "touch ran"
VARIABLE = "OMP_NUM_THREADS"  # set where the files are opened, and a number
_BESIDE = f"import os\nfrom torch import nn\nos.system({PAYLOAD!r})\nclass Net(nn.Linear): pass\n"
CODE = "__import__('os').system('touch ran')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the table.

    Attributes:
        title: what is tried.
        files: the text by compiler; one that is missing has no such thing.
        right: what the attribute of a built layer must be; where nothing is right, the file should be refused.
        probe: the names of the attribute, of which a layer has one.
        beside: makes what lies beside the file, given its folder.
    """

    title: str
    files: Mapping[str, str]
    right: object = NOTHING
    probe: tuple[str, ...] = ()
    beside: Callable[[Path], object] = field(default=lambda _: None)


def linear(value: str, title: str, *, keras: str | None = None, right: object = NOTHING) -> Case:
    """A case with something in the place of how many features a Linear has."""
    files = layer(
        "Linear",
        f"out_features: {value}",
        inferred="in_features: 8",
        keras=None if keras is None else f'Dense "units": {keras}',
    )
    return Case(title=title, files=files, right=right, probe=("out_features", "units"))


def _yaml() -> list[Case]:
    laughs = [f"&{a} [{', '.join([f'*{b}'] * 9)}]" for b, a in zip("abcdefgh", "bcdefghi", strict=True)]
    doubles = ", ".join(["&a0 [x, x]", *(f"&a{n + 1} [*a{n}, *a{n}]" for n in range(40))])
    merges = ", ".join(["&a0 {x: 1, y: 2}", *(f"&a{n + 1} {{<<: [*a{n}, *a{n}]}}" for n in range(40))])
    deep = "[" * 50_000 + "]" * 50_000
    return [
        linear(f"[&a [{', '.join(['lol'] * 9)}], {', '.join(laughs)}]", "the billion laughs: aliases of aliases"),
        linear(f"[{doubles}]", "two aliases of two, forty times over"),
        linear(f"[{merges}]", "merge keys (`<<`) of two merge keys, forty times over"),
        linear("&a [*a]", "a list that holds itself"),
        linear(deep, "50,000 brackets, each in the one before", keras=deep),
        linear(f"!!python/object/apply:os.system ['{PAYLOAD}']", "a YAML tag that calls `os.system`"),
        linear("9" * 100_000, "a number of 100,000 digits", keras="9" * 100_000),
        linear("4\nout_features: 6", "a key written twice", keras='4, "units": 6'),
    ]


def _code() -> list[Case]:
    function = '{"module": "builtins", "class_name": "function", "config": "exec", "registered_name": "exec"}'
    return [
        Case(
            title="a name that calls `os.system`",
            files=_call("os.system", f"command: {PAYLOAD}", f'"command": "{PAYLOAD}"'),
        ),
        Case(
            title="a name that calls `builtins.eval`",
            files=_call("builtins.eval", f'_args_: ["{CODE}"]', f'"expression": "{CODE}"'),
        ),
        linear(f'"{CODE}"', "Python code as a value", keras=f'"{CODE}"'),
        linear(f"$({CODE})", "the same, in the brackets of an expression"),
        linear(f"${{oc.decode:${{oc.env:{VARIABLE}}}}}", "a variable of the environment as a value"),
        Case(
            title="a class in a Python file beside the spec",
            files=_call("beside.Net", "in_features: 8, out_features: 4", '"units": 4'),
            beside=lambda folder: (folder / "beside.py").write_text(_BESIDE, encoding="utf-8"),
        ),
        Case(title="bytecode of a Python function (a layer `Lambda`)", files=_lambda_layer(_bytecode())),
        Case(title="`builtins.exec` as the function of a layer `Lambda`", files=_lambda_layer(function)),
        Case(
            title="a pickle that calls `os.system`, as weights",
            files={
                "archspec": "archspec: 1\nname: Net\ninput: [N, 8]\nmodel: [{Linear: 4}]\n",
                "Hydra": "model: {_target_: torch.load, f: weights.pth, weights_only: false}\n",
            },
            beside=lambda folder: (folder / "weights.pth").write_bytes(_pickle()),
        ),
    ]


def _call(name: str, arguments: str, keras: str) -> dict[str, str]:
    module, _, last = name.rpartition(".")
    given, lines = arguments.replace("_args_", "args"), "\n  ".join(arguments.split(", "))
    return {
        "archspec": f"archspec: 1\nname: Net\ninput: [N, 8]\nmodel:\n  - {name}: {{{given}}}\n",
        "torcharc": f"modules:\n  net:\n    {name}: {{{given}}}\n{GRAPH}",
        "Hydra": f"model:\n  _target_: {name}\n  {lines}\n",
        "jsonargparse": f"model:\n  class_path: {name}\n  init_args: {{{given}}}\n",
        "Keras": keras_layers([keras_layer(last, keras, module=module)]),
    }


class _Payload:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (PAYLOAD,)


def _pickle() -> bytes:
    """A checkpoint in the old format of torch, which begins with a pickle."""
    stream = io.BytesIO()
    pickle.dump(_Payload(), stream, protocol=2)
    return stream.getvalue()


def _lambda_layer(function: str) -> dict[str, str]:
    return {"Keras": keras_layers([keras_layer("Lambda", f'"function": {function}, "arguments": {{}}')])}


def _bytecode() -> str:
    """The layer's function as Keras writes it: the bytecode of a Python function, in base64."""
    function = eval(f"lambda x: {CODE} or x")
    code = base64.b64encode(marshal.dumps(function.__code__)).decode("ascii")
    return json.dumps({"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}})


def _sizes() -> list[Case]:
    convolution = "out_channels: 4\nkernel_size: 3\nstride: 0"
    keras_convolution = 'Conv2D "filters": 4, "kernel_size": 3, "strides": 0'
    return [
        linear("1000000000", "a layer of 32 GB", keras="1000000000"),
        Case(
            title="2^40 layers (`num_layers` of an LSTM)",
            files=layer("LSTM", "hidden_size: 8\nnum_layers: 1099511627776", inferred="input_size: 8", shape="T, 8"),
        ),
        linear("9223372036854775808", "a size beyond 64 bits", keras="9223372036854775808"),
        linear("-4", "a size below 0", keras="-4"),
        Case(
            title="a stride of 0",
            files=layer("Conv2d", convolution, inferred="in_channels: 3", shape="3, 9, 9", keras=keras_convolution),
        ),
        Case(title="a probability that is no number", files=layer("Dropout", "p: .nan", keras='Dropout "rate": NaN')),
    ]


def _values() -> list[Case]:
    norm = layer("LayerNorm", "eps: 1e-5", inferred="normalized_shape: 8", keras='LayerNormalization "epsilon": 1e-5')
    return [
        Case(title="`eps: 1e-5`, which YAML 1.1 reads as text", files=norm, right=1e-5, probe=("eps", "epsilon")),
        linear("010", "`010`, which YAML 1.1 reads as 8", right=10),
        linear("1:30", "`1:30`, which YAML 1.1 reads as 90"),
        linear("true", "`true` where a number belongs", keras="true"),
        Case(title='the text `"no"` where a truth value belongs', files=_text_for_a_truth_value()),
        linear("4\nout_feature: 6", "a misspelt argument", keras='4, "unit": 6'),
        Case(title="an unknown key beside known ones", files=_unknown_key()),
        Case(title="two layers that do not fit each other", files=_misfit()),
        Case(title="a name that clears the terminal when an error shows it", files=_escapes()),
        Case(title="a file outside the folder, used by the spec", files=_outside(), beside=_secret),
    ]


def _text_for_a_truth_value() -> dict[str, str]:
    arguments, keras = 'out_features: 4\nbias: "no"', 'Dense "units": 4, "use_bias": "no"'
    return layer("Linear", arguments, inferred="in_features: 8", keras=keras)


_DENSE = keras_layer("Dense", '"units": 4')


def _unknown_key() -> dict[str, str]:
    files = layer("Linear", "out_features: 4", inferred="in_features: 8")
    frozen = {name: f"{text}freeze: true\n" for name, text in files.items()}
    return frozen | {"Keras": keras_layers([_DENSE], more=', "freeze": true')}


def _misfit() -> dict[str, str]:
    arguments = "{in_features: 8, out_features: 4}"
    return {
        "archspec": f"archspec: 1\nname: Net\ninput: [N, 8]\nmodel:\n  - Linear: 4\n  - Linear: {arguments}\n",
        "torcharc": "modules:\n  net:\n    Sequential:\n" + f"      - Linear: {arguments}\n" * 2 + GRAPH,
        "Hydra": "model:\n  _target_: torch.nn.Sequential\n  _args_:\n"
        + "    - {_target_: torch.nn.Linear, in_features: 8, out_features: 4}\n" * 2,
        "jsonargparse": "model:\n  class_path: benchmarks.peers.wiring.Chain\n  init_args:\n    layers:\n"
        + f"      - {{class_path: torch.nn.Linear, init_args: {arguments}}}\n" * 2,
        "Keras": keras_layers([_DENSE, keras_layer("Conv2D", '"filters": 4, "kernel_size": 3')]),
    }


def _escapes() -> dict[str, str]:
    return {
        "archspec": 'archspec: 1\nname: Net\ninput: [N, 8]\nmodel:\n  - "\\e[2J": {x: 1}\n',
        "torcharc": 'modules:\n  net:\n    "\\e[2J": {x: 1}\n' + GRAPH,
        "Hydra": 'model:\n  _target_: "torch.nn.\\e[2J"\n',
        "jsonargparse": 'model:\n  class_path: "torch.nn.\\e[2J"\n',
        "Keras": keras_layers([keras_layer("\\u001b[2J", '"x": 1')]),
    }


def _outside() -> dict[str, str]:
    return {
        "archspec": "archspec: 1\nname: Net\nuse:\n  Secret: ../secret.yaml\ninput: [N, 8]\nmodel: [Secret]\n",
        "Hydra": "defaults:\n  - ../secret@model\n  - _self_\n",
        "jsonargparse": "model: ../secret.yaml\n",
    }


def _secret(folder: Path) -> None:
    texts = {
        "archspec": "archspec: 1\nname: Secret\ninput: [N, 8]\nmodel: [{Linear: 4}]\n",
        "Hydra": "_target_: torch.nn.Linear\nin_features: 8\nout_features: 4\n",
        "jsonargparse": "class_path: torch.nn.Linear\ninit_args: {in_features: 8, out_features: 4}\n",
    }
    (folder.parent / "secret.yaml").write_text(texts.get(folder.parent.name, ""), encoding="utf-8")


CASES: tuple[Case, ...] = (*_yaml(), *_code(), *_sizes(), *_values())
