"""`archspec.catalog.modules`: every layer of torch.nn is read rightly, and its model takes what torch takes."""

import inspect
import math
from collections.abc import Callable

import pytest
import torch
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from torch import nn

from archspec.catalog import modules
from archspec.catalog.hints import kind_of_argument
from archspec.catalog.kinds import TEXT, Anything, OneOf
from archspec.catalog.modules import layer_of, torch_layers
from archspec.source import Source, Span
from archspec.syntax.expression import Expression

LAYERS = torch_layers()
NAMES = sorted(LAYERS)

# What each layer needs, as YAML gives it; the others need nothing.
NEEDED: dict[str, dict[str, object]] = {
    **{f"{kind}Pool{n}d": {"kernel_size": 2} for kind in ("Avg", "Max") for n in (1, 2, 3)},
    **{f"Adaptive{kind}Pool{n}d": {"output_size": [1] * n} for kind in ("Avg", "Max") for n in (1, 2, 3)},
    **{f"MaxUnpool{n}d": {"kernel_size": [2] * n} for n in (1, 2, 3)},
    **{f"FractionalMaxPool{n}d": {"kernel_size": 2, "output_ratio": [0.5] * n} for n in (2, 3)},
    **{f"LPPool{n}d": {"norm_type": 2, "kernel_size": 2} for n in (1, 2, 3)},
    **{f"Conv{n}d": {"in_channels": 2, "out_channels": 4, "kernel_size": [3] * n} for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": {"in_channels": 2, "out_channels": 4, "kernel_size": 3} for n in (1, 2, 3)},
    **{f"{kind}Norm{n}d": {"num_features": 4} for kind in ("Batch", "Instance") for n in (1, 2, 3)},
    **{
        f"{kind}Pad{n}d": {"padding": [1, -1] * n}
        for kind in ("Circular", "Reflection", "Replication", "Zero")
        for n in (1, 2, 3)
    },
    **{f"ConstantPad{n}d": {"padding": 1, "value": 0} for n in (1, 2, 3)},
    **{name: {"input_size": 3, "hidden_size": 4} for name in ("LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell")},
    **{name: {"d_model": 8, "nhead": 2} for name in ("TransformerEncoderLayer", "TransformerDecoderLayer")},
    "AdaptiveLogSoftmaxWithLoss": {"in_features": 32, "n_classes": 20, "cutoffs": [5, 10]},
    "Bilinear": {"in1_features": 2, "in2_features": 3, "out_features": 4},
    "ChannelShuffle": {"groups": 2},
    "CrossMapLRN2d": {"size": 3},
    "Embedding": {"num_embeddings": 10, "embedding_dim": 4},
    "EmbeddingBag": {"num_embeddings": 10, "embedding_dim": 4},
    "Fold": {"output_size": [4, 4], "kernel_size": [2, 2]},
    "GroupNorm": {"num_groups": 2, "num_channels": 4},
    "LayerNorm": {"normalized_shape": [4, 4]},
    "Linear": {"in_features": 2, "out_features": 4},
    "LinearCrossEntropyLoss": {"in_features": 2, "num_classes": 4},
    "LocalResponseNorm": {"size": 3},
    "MultiheadAttention": {"embed_dim": 8, "num_heads": 2},
    "PixelShuffle": {"upscale_factor": 2},
    "PixelUnshuffle": {"downscale_factor": 2},
    "RMSNorm": {"normalized_shape": 4},
    "SyncBatchNorm": {"num_features": 4},
    "Threshold": {"threshold": 0, "value": 1},
    "Transformer": {"d_model": 8, "nhead": 2, "num_encoder_layers": 1, "num_decoder_layers": 1},
    "TransformerDecoder": {"num_layers": 1},
    "TransformerEncoder": {"num_layers": 1},
    "Unflatten": {"dim": 1, "unflattened_size": [2, -1]},
    "Unfold": {"kernel_size": [2, 2]},
}
MODULES: dict[str, dict[str, Callable[[], nn.Module]]] = {
    "TransformerDecoder": {"decoder_layer": lambda: nn.TransformerDecoderLayer(8, 2)},
    "TransformerEncoder": {"encoder_layer": lambda: nn.TransformerEncoderLayer(8, 2)},
}


def errors(name: str, values: dict[str, object]) -> list[tuple[tuple[int | str, ...], str]]:
    """The place and the message of each error in some arguments of a layer of torch.nn."""
    with pytest.raises(ValidationError) as caught:
        LAYERS[name].validate(values)
    return [(error["loc"], error["msg"]) for error in caught.value.errors()]


def expression(text: str) -> Expression:
    """An expression as the parser makes it of `$text`."""
    span = Span(Source.of_text(f"${text}"), 1, 1, 1, len(text) + 2)
    return Expression(text=text, span=span, names=frozenset({text}))


@pytest.mark.parametrize("name", NAMES)
def test_every_argument_of_the_signature_is_in_the_model(name: str) -> None:
    """A spec can write each argument that torch documents, and no other; `device` and `dtype` come from the caller."""
    layer = LAYERS[name]
    rnn = {"LSTM", "GRU", "RNN"}
    expected = set(inspect.signature(getattr(nn, name).__init__).parameters) - {"self", "args", "kwargs"}
    if name in rnn:
        expected = set(inspect.signature(nn.RNNBase.__init__).parameters) - {"self", "mode"}
        expected ^= {"LSTM": set(), "GRU": {"proj_size"}, "RNN": {"proj_size", "nonlinearity"}}[name]
    fields = {field.alias or key for key, field in layer.model.model_fields.items()}

    private = {item for item in expected if item.startswith("_")}  # such as `_freeze` of an Embedding
    assert fields == set(layer.arguments) == expected - {"device", "dtype"} - private
    assert (layer.takes_device, layer.takes_dtype) == ("device" in expected, "dtype" in expected)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_may_be_written_out(name: str) -> None:
    """Writing an argument's default means the same as leaving it out."""
    layer = LAYERS[name]
    defaults = {
        argument.name: argument.default.__name__ if inspect.isfunction(argument.default) else argument.default
        for argument in layer.arguments.values()
        if not argument.required
    }

    assert layer.validate(defaults) == defaults


@pytest.mark.parametrize("name", NAMES)
def test_right_arguments_build_the_layer(name: str) -> None:
    """What the model lets through, torch takes."""
    layer = LAYERS[name]
    arguments = layer.validate(NEEDED.get(name, {}))
    built = layer.cls(**arguments, **{key: make() for key, make in MODULES.get(name, {}).items()})

    assert type(built) is getattr(nn, name)
    assert {item.name for item in layer.arguments.values() if item.required} <= {*arguments, *MODULES.get(name, ())}


@pytest.mark.parametrize("name", NAMES)
def test_json_schema_agrees_with_the_model(name: str) -> None:
    """An editor accepts what archspec accepts, expressions included, and knows of no other argument."""
    schema = LAYERS[name].model.model_json_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)

    assert validator.is_valid(NEEDED.get(name, {}))
    assert validator.is_valid(dict.fromkeys(LAYERS[name].arguments, "$n"))
    assert not validator.is_valid({"no_such_argument": 1})
    assert set(schema["properties"]) == set(LAYERS[name].arguments)
    assert "\n" not in schema.get("description", "")


@pytest.mark.parametrize("name", NAMES)
def test_no_argument_of_torch_takes_just_anything(name: str) -> None:
    """Each argument of torch.nn has a known kind, and no text is free: a new torch that adds one is noticed here."""
    for kind in LAYERS[name].kinds.values():
        assert not isinstance(kind, Anything)
        assert not (isinstance(kind, OneOf) and TEXT in kind.kinds)


@pytest.mark.parametrize("name", NAMES)
def test_zero_and_negative_sizes_are_refused(name: str) -> None:
    """Torch makes layers of stride 0 or kernel 0 without a word and fails in forward, so they are refused here."""
    sizes = {"kernel_size", "stride", "dilation", "groups", "in_channels", "out_channels", "num_heads", "num_layers"}
    for argument in sizes & set(LAYERS[name].arguments):
        for value in (0, -1):
            (refused,) = errors(name, {argument: value})
            assert refused[0] == (argument,)
            assert refused[1] in {"Input should be at least 1", "Input should be from 1 to 1000"}


CONV_KERNEL = "an integer of at least 1 or a list of 2 items"

WRONG: list[tuple[str, dict[str, object], tuple[int | str, ...], str]] = [
    # kinds
    ("Linear", {"out_features": True}, ("out_features",), "an integer of at least 1"),
    ("Linear", {"out_features": "10"}, ("out_features",), "an integer of at least 1"),
    ("Linear", {"out_features": 10.0}, ("out_features",), "an integer of at least 1"),
    ("Linear", {"out_features": None}, ("out_features",), "an integer of at least 1"),
    ("Linear", {"out_features": [10]}, ("out_features",), "an integer of at least 1"),
    ("Linear", {"out_features": {"a": 1}}, ("out_features",), "an integer of at least 1"),
    ("Linear", {"bias": 1}, ("bias",), "true or false"),
    ("Linear", {"bias": "yes"}, ("bias",), "true or false"),
    ("Dropout", {"p": False}, ("p",), "a number from 0 to 1"),
    ("Dropout", {"p": "0.5"}, ("p",), "a number from 0 to 1"),
    ("Conv2d", {"kernel_size": True}, ("kernel_size",), CONV_KERNEL),
    ("Conv2d", {"kernel_size": "3"}, ("kernel_size",), CONV_KERNEL),
    ("Conv2d", {"kernel_size": [3, True]}, ("kernel_size", 1), "an integer of at least 1"),
    ("Conv2d", {"kernel_size": [3, None]}, ("kernel_size", 1), "an integer of at least 1"),
    ("Conv2d", {"kernel_size": [[3], 3]}, ("kernel_size", 0), "an integer of at least 1"),
    ("CrossEntropyLoss", {"weight": [1.0]}, ("weight",), "null or a `Tensor`, which a spec cannot write"),
    (
        "TripletMarginWithDistanceLoss",
        {"distance_function": "abs"},
        ("distance_function",),
        "null or a `Callable`, which a spec cannot write",
    ),
    # numbers
    ("Linear", {"out_features": 0}, ("out_features",), "at least 1"),
    ("Linear", {"out_features": 2**63}, ("out_features",), "an integer of 64 bits"),
    ("Flatten", {"start_dim": -(2**63)}, ("start_dim",), "an integer of 64 bits"),
    ("Dropout", {"p": 1.5}, ("p",), "from 0 to 1"),
    ("Dropout", {"p": -1}, ("p",), "from 0 to 1"),
    ("Dropout", {"p": math.nan}, ("p",), "a finite number"),
    ("ELU", {"alpha": math.inf}, ("alpha",), "a finite number"),
    ("ELU", {"alpha": -math.inf}, ("alpha",), "a finite number"),
    ("ELU", {"alpha": 10**400}, ("alpha",), "a finite number"),
    ("BatchNorm2d", {"eps": -1e-5}, ("eps",), "at least 0"),
    ("BatchNorm2d", {"momentum": 2}, ("momentum",), "from 0 to 1"),
    ("Upsample", {"scale_factor": 0}, ("scale_factor",), "above 0"),
    ("FractionalMaxPool2d", {"output_ratio": 1.0}, ("output_ratio",), "between 0 and 1"),
    ("LSTM", {"num_layers": 10**9}, ("num_layers",), "from 1 to 1000"),
    ("MultiMarginLoss", {"p": 3}, ("p",), "one of `1`, `2`"),
    # lists
    ("Conv2d", {"kernel_size": [3, 3, 3]}, ("kernel_size",), "a list of 2 items"),
    ("Conv2d", {"kernel_size": [3]}, ("kernel_size",), "a list of 2 items"),
    ("Conv2d", {"kernel_size": []}, ("kernel_size",), "a list of 2 items"),
    ("Conv1d", {"kernel_size": [3, 3]}, ("kernel_size",), "a list of 1 item"),
    ("Conv2d", {"stride": [2, 0]}, ("stride", 1), "at least 1"),
    ("Conv2d", {"padding": -1}, ("padding",), "at least 0"),
    ("Conv2d", {"padding": [-1, 0]}, ("padding", 0), "at least 0"),
    ("Conv2d", {"padding": "full"}, ("padding",), "one of `same`, `valid`"),
    ("ConvTranspose2d", {"padding": "same"}, ("padding",), "an integer of at least 0 or a list of 2 items"),
    ("ConvTranspose2d", {"output_padding": -1}, ("output_padding",), "at least 0"),
    ("ConvTranspose2d", {"padding_mode": "reflect"}, ("padding_mode",), "`zeros`"),
    ("MaxPool2d", {"kernel_size": [2]}, ("kernel_size",), "a list of 2 items"),
    ("MaxPool3d", {"kernel_size": [2, 2]}, ("kernel_size",), "a list of 3 items"),
    ("AvgPool1d", {"kernel_size": [2, 3]}, ("kernel_size",), "a list of 1 item"),
    ("AvgPool2d", {"divisor_override": 0}, ("divisor_override",), "at least 1"),
    ("LPPool1d", {"kernel_size": [2]}, ("kernel_size",), "an integer of at least 1"),
    ("Unfold", {"kernel_size": [2, 2, 2]}, ("kernel_size",), "a list of 2 items"),
    ("ZeroPad2d", {"padding": [1, 1]}, ("padding",), "a list of 4 items"),
    ("Upsample", {"size": [1, 2, 3, 4]}, ("size",), "a list of 1 to 3 items"),
    ("LayerNorm", {"normalized_shape": []}, ("normalized_shape",), "a list of 1 to 8 items"),
    ("AdaptiveAvgPool1d", {"output_size": None}, ("output_size",), "an integer of at least 1 or a list of 1 item"),
    (
        "AdaptiveAvgPool2d",
        {"output_size": None},
        ("output_size",),
        "an integer of at least 1 or a list of 2 items, each an integer of at least 1 or null",
    ),
    ("AdaptiveAvgPool2d", {"output_size": [None, 0]}, ("output_size", 1), "at least 1"),
    # choices
    ("Conv2d", {"padding_mode": "zero"}, ("padding_mode",), "one of `zeros`, `reflect`, `replicate`, `circular`"),
    ("GELU", {"approximate": "erf"}, ("approximate",), "one of `none`, `tanh`"),
    ("RNN", {"nonlinearity": "gelu"}, ("nonlinearity",), "one of `tanh`, `relu`"),
    ("TransformerEncoderLayer", {"activation": "silu"}, ("activation",), "one of `relu`, `gelu`"),
    ("MSELoss", {"reduction": "batchmean"}, ("reduction",), "one of `none`, `mean`, `sum`"),
    ("EmbeddingBag", {"mode": "avg"}, ("mode",), "one of `sum`, `mean`, `max`"),
]


@pytest.mark.parametrize(("name", "values", "place", "expected"), WRONG)
def test_one_mistake_gives_one_error_at_its_place(
    name: str, values: dict[str, object], place: tuple[int | str, ...], expected: str
) -> None:
    """A wrong value is refused once, where it stands, in words that say what would be right."""
    assert errors(name, values) == [(place, f"Input should be {expected}")]


@pytest.mark.parametrize(("name", "values", "place", "expected"), WRONG)
def test_json_schema_refuses_what_the_model_refuses(
    name: str, values: dict[str, object], place: tuple[int | str, ...], expected: str
) -> None:
    """An editor underlines the mistakes that archspec finds, but for those that JSON cannot say."""
    if expected in {"a finite number", "an integer of 64 bits"} or values in (
        {"out_features": 10.0},
        {"weight": [1.0]},
    ):
        pytest.skip("JSON has no such numbers, and knows 10.0 for an integer")
    validator = Draft202012Validator(LAYERS[name].model.model_json_schema())

    assert place[0] in values
    assert not validator.is_valid(values)


def test_several_mistakes_are_reported_together() -> None:
    """One run shows every wrong argument, and every wrong item of a list."""
    values: dict[str, object] = {"kernel_size": [0, 3, -1][::2], "stride": 0, "kernel_sise": 3}

    assert errors("Conv2d", values) == [
        (("kernel_size", 0), "Input should be at least 1"),
        (("kernel_size", 1), "Input should be at least 1"),
        (("stride",), "Input should be at least 1"),
        (("kernel_sise",), "Extra inputs are not permitted"),
    ]


def test_an_error_carries_what_was_expected_and_the_likely_fix() -> None:
    """A stage that reports the error finds the words for it in its context."""
    with pytest.raises(ValidationError) as caught:
        LAYERS["Conv2d"].validate({"padding_mode": "zero"})
    (error,) = caught.value.errors()

    assert error["type"] == "unknown_choice"
    assert error["input"] == "zero"
    assert error["ctx"] == {
        "expected": "one of `zeros`, `reflect`, `replicate`, `circular`",
        "hint": "did you mean `zeros`?",
        "choices": ("zeros", "reflect", "replicate", "circular"),
    }


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("Conv2d", {"kernel_size": [3, 1], "padding": "same"}, {"kernel_size": (3, 1), "padding": "same"}),
        ("Conv2d", {"stride": (2, 1)}, {"stride": (2, 1)}),
        ("MaxPool2d", {"stride": None, "kernel_size": 2}, {"stride": None, "kernel_size": 2}),
        ("AdaptiveAvgPool2d", {"output_size": [None, 7]}, {"output_size": (None, 7)}),
        ("LayerNorm", {"normalized_shape": [4, 4]}, {"normalized_shape": (4, 4)}),
        ("ZeroPad2d", {"padding": [-1, 0, 1, 2]}, {"padding": (-1, 0, 1, 2)}),
        ("EmbeddingBag", {"max_norm": None, "mode": "sum"}, {"max_norm": None, "mode": "sum"}),
        ("BatchNorm2d", {"momentum": None}, {"momentum": None}),
    ],
)
def test_values_come_out_as_torch_wants_them(name: str, values: dict[str, object], expected: dict[str, object]) -> None:
    """Lists become tuples, and only what was given comes out, in the order given."""
    assert list(LAYERS[name].validate(values).items()) == list(expected.items())


def test_integers_become_floats_where_a_float_is_meant() -> None:
    """`Dropout: 0` is the layer of `nn.Dropout(0.0)`, not one that prints another way."""
    checked = LAYERS["Dropout"].validate({"p": 0})

    assert repr(checked) == "{'p': 0.0}"


def test_expressions_pass_until_they_are_evaluated() -> None:
    """An argument may be an expression, whole or as an item of a list; what stands beside it is checked."""
    width = expression("width")

    assert LAYERS["Conv2d"].validate({"out_channels": width, "kernel_size": [width, 3], "bias": width}) == {
        "out_channels": width,
        "kernel_size": (width, 3),
        "bias": width,
    }
    assert errors("Conv2d", {"kernel_size": [width, 0]}) == [(("kernel_size", 1), "Input should be at least 1")]


def test_modules_pass_untouched() -> None:
    """A node given as an argument is checked as a node, not by this model."""
    node = object()
    layer = LAYERS["TransformerEncoder"]

    assert layer.validate({"encoder_layer": node, "norm": None}) == {"encoder_layer": node, "norm": None}
    assert [item.name for item in layer.arguments.values() if item.is_module] == ["encoder_layer", "norm"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Linear", "out_features"),
        ("LayerNorm", "normalized_shape"),
        ("BatchNorm2d", "num_features"),
        ("GroupNorm", "num_groups"),
        ("MaxPool2d", "kernel_size"),
        ("Dropout", "p"),
        ("PReLU", "num_parameters"),
        ("LSTM", "hidden_size"),
        ("MultiheadAttention", "num_heads"),
        ("ReLU", "inplace"),
        ("Conv2d", ["out_channels", "kernel_size"]),
        ("Embedding", ["num_embeddings", "embedding_dim"]),
        ("Tanh", None),
        ("Identity", None),
    ],
)
def test_sole_argument(name: str, expected: str | list[str] | None) -> None:
    """A single value fills the argument that a reader would expect, or none where that is a guess."""
    assert LAYERS[name].sole == expected


def test_positional_order_is_that_of_torch() -> None:
    """`BatchNorm2d: [64, 1e-5, 0.1, true, true, …]` cannot reach past `device`, as in Python."""
    assert LAYERS["BatchNorm2d"].positional == ("num_features", "eps", "momentum", "affine", "track_running_stats")
    assert LAYERS["RNN"].positional[:4] == ("input_size", "hidden_size", "num_layers", "nonlinearity")
    assert LAYERS["GaussianNLLLoss"].positional == ()


@pytest.mark.parametrize(
    ("name", "inputs", "required"),
    [
        ("ReLU", ("input",), 1),
        ("LSTM", ("input", "hx"), 1),
        ("Bilinear", ("input1", "input2"), 2),
        ("MaxUnpool2d", ("input", "indices", "output_size"), 2),
    ],
)
def test_inputs_are_those_of_forward(name: str, inputs: tuple[str, ...], required: int) -> None:
    """`from` by position and by keyword follows `forward`."""
    layer = LAYERS[name]

    assert (layer.inputs, layer.required_inputs, layer.variadic_inputs) == (inputs, required, False)


def test_containers_and_abstract_classes_are_no_layers() -> None:
    """What has a form of its own in the language, or no forward, or is deprecated is not in the table."""
    classes = {name: cls for name, cls in vars(nn).items() if inspect.isclass(cls) and issubclass(cls, nn.Module)}
    # torcharc puts classes of its own into torch.nn when it is imported, as the tests of the benchmarks do.
    public = {name for name, cls in classes.items() if cls.__module__.startswith("torch.")}
    left_out = {name for name in public - set(LAYERS) if not name.startswith("Lazy")}

    assert left_out == {
        "Container",
        "DataParallel",
        "Module",
        "ModuleDict",
        "ModuleList",
        "NLLLoss2d",
        "ParameterDict",
        "ParameterList",
        "RNNBase",
        "RNNCellBase",
        "Sequential",
    }
    assert not any(name.startswith("Lazy") for name in LAYERS)
    assert "functional" not in LAYERS
    assert LAYERS.get("no_such_layer") is None


def test_layers_are_read_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listing the names inspects no class, and a layer is read once."""
    read: list[str] = []

    def counted(cls: type[nn.Module], name: str) -> modules.Layer:
        read.append(name)
        return layer_of(cls, name)

    monkeypatch.setattr(modules, "layer_of", counted)
    fresh = torch_layers.__wrapped__()

    assert len(list(fresh)) == len(NAMES)
    assert "Linear" in fresh
    assert read == []
    assert fresh["Linear"] is fresh["Linear"]
    assert read == ["Linear"]


class Gated(nn.Module):
    """Multiplies by a gate.

    More about it.
    """

    def __init__(  # noqa: PLR0913 - one argument of each kind
        self,
        width,  # noqa: ANN001 - an argument without a hint
        gate: nn.Module,
        sizes: list[int],
        stride: int = 0,
        schema: str = "plain",
        *,
        unknown: "NotThere | None" = None,  # noqa: F821 - a hint that cannot be evaluated
        device: torch.device | None = None,
    ) -> None:
        super().__init__()
        self.arguments = (width, gate, sizes, stride, schema, unknown, device)

    def forward(self, *tensors: torch.Tensor, scale: float) -> torch.Tensor:
        """Multiply the first."""
        return tensors[0] * scale


def test_a_class_of_the_caller_is_read_by_its_hints() -> None:
    """A registered class gets a model as torch's own do; what torch.nn's names mean is not assumed for it."""
    layer = layer_of(Gated, "Gate")
    values: dict[str, object] = {"width": [1, {"a": "b"}], "gate": 1, "sizes": [1, 2], "stride": 0, "schema": "x"}

    assert layer.name == "Gate"
    assert layer.is_registered
    assert (layer.takes_device, layer.takes_dtype) == (True, False)
    assert (layer.inputs, layer.required_inputs, layer.variadic_inputs) == (("scale",), 1, True)
    assert layer.validate({**values, "unknown": 3}) == {**values, "unknown": 3}
    assert type(layer.validate({"sizes": [1]})["sizes"]) is list
    assert layer.positional == ("width", "gate", "sizes", "stride", "schema")
    assert layer.model.model_json_schema()["description"] == "Multiplies by a gate."


def test_a_class_of_the_caller_still_refuses_wrong_kinds() -> None:
    """Its hints are held to, and no number is infinite even where there is no hint."""
    with pytest.raises(ValidationError) as caught:
        layer_of(Gated).validate({"width": [1, {"a": math.nan}], "sizes": ["1"], "schema": 1})

    assert [(error["loc"], error["msg"]) for error in caught.value.errors()] == [
        (("width",), "Input should be a finite number"),
        (("sizes", 0), "Input should be an integer"),
        (("schema",), "Input should be text"),
    ]


def test_bounds_are_looked_up_for_torch_alone() -> None:
    """A caller's `stride: int` may be 0; torch's may not."""
    parameter = inspect.Parameter("stride", inspect.Parameter.KEYWORD_ONLY, annotation=int)

    assert str(kind_of_argument("Conv2d", parameter, of_torch=True)) == "an integer of at least 1"
    assert str(kind_of_argument("Conv2d", parameter, of_torch=False)) == "an integer"
