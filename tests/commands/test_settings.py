"""The options that say what is compiled."""

import io
import sys
from types import SimpleNamespace

import pytest

from archspec.commands.settings import Settings, read_inputs, read_limits, read_param
from archspec.errors import Fault, SpecError, UsageError
from archspec.limits import DEFAULT_LIMITS
from archspec.syntax.tree import plain


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("a=10", 10),
        ("a=1e-5", 1e-5),
        ("a=[2, 2]", [2, 2]),
        ("a={Bottleneck: {planes: 4}}", {"Bottleneck": {"planes": 4}}),
        ("a=Bottleneck", "Bottleneck"),
        ("a=no", "no"),
        ("a='x=y'", "x=y"),
        ("a=", None),
    ],
)
def test_the_value_of_a_param_is_yaml(written: str, value: object) -> None:
    """`-p` reads what the same text would mean in a spec."""
    assert plain(read_param(written)) == {"a": value}


@pytest.mark.parametrize("written", ["a", "=1", "a b=1", "a=1\nb: 2", "1a=2"])
def test_what_is_no_param_is_a_usage_error(written: str) -> None:
    """A forgotten `=` is told as such, and one option cannot set two params."""
    with pytest.raises(UsageError, match="is no name=value, such as -p num_classes=10"):
        read_param(written)


def test_a_param_that_is_no_yaml_shows_the_option() -> None:
    """The user sees which `-p` is meant, and where in it."""
    with pytest.raises(Fault) as caught:
        read_param("layers=[2, 2")
    assert str(caught.value.diagnostic).splitlines() == [
        "-p layers=[2, 2:1:9: error[E0102]: this `[` is not closed, or a `,` is missing in it",
        "  |",
        "1 | layers: [2, 2",
        "  |         ^",
        "  = note: `,` or `]` is missing at the latest here (-p layers=[2, 2:1:14)",
    ]


def test_a_param_with_a_wrong_value_shows_the_option() -> None:
    """The spec's checks speak of what was typed, not of a text that the user never saw."""
    compilation = Settings(spec="resnet18", params=["num_classes=ten"]).compilation()
    with pytest.raises(SpecError) as caught:
        compilation.graph  # noqa: B018 - elaborates
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.span is not None
    assert str(diagnostic.span) == "-p num_classes=ten:1:14"


def test_the_later_of_two_equal_params_counts() -> None:
    """A shell alias with a `-p` can be overridden."""
    compilation = Settings(spec="lenet", params=["classes=3", "classes=5"]).compilation()
    assert compilation.graph.output.shape == (2, 5)  # type: ignore[union-attr]


def test_inputs_are_sizes_and_shapes() -> None:
    """Both forms can be mixed, in one option or in several."""
    assert read_inputs(["N=8, H=128", "image=8x3x128x128", "mask=8×3"]) == (
        {"N": 8, "H": 128},
        {"image": (8, 3, 128, 128), "mask": (8, 3)},
    )


@pytest.mark.parametrize("written", ["N", "N=", "N=-1", "N=8x", "=8", "N=8,,H=3", f"N={'9' * 5000}"])
def test_what_is_no_input_is_a_usage_error(written: str) -> None:
    """The message shows both forms."""
    with pytest.raises(UsageError, match="is no size, such as N=8, and no shape, such as input=8x3x128x128"):
        read_inputs([written])


@pytest.mark.parametrize(
    ("written", "value"),
    [("1000", 1000), ("1_000", 1000), ("16GiB", 16 << 30), ("2 KiB", 2048), ("3MiB", 3 << 20), ("4TiB", 4 << 40)],
)
def test_limits_are_numbers_with_or_without_a_unit(written: str, value: int) -> None:
    """16GiB is easier to get right than 17179869184."""
    assert read_limits([f"parameter_bytes={written}"]).parameter_bytes == value


def test_other_limits_keep_their_defaults() -> None:
    """Raising one limit opens no other."""
    assert read_limits(["repeat=5"]) == DEFAULT_LIMITS.raised(repeat=5)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("repeats=5", "there is no limit `repeats`: did you mean `repeat`?"),
        ("repeat=5GB", "--limit `repeat=5GB` is no amount, such as repeat=1000 or repeat=16GiB"),
        ("repeat", "--limit `repeat` is no amount, such as repeat=1000 or repeat=16GiB"),
    ],
)
def test_what_is_no_limit_is_a_usage_error(written: str, message: str) -> None:
    """A misspelt limit must not be taken for one that was raised."""
    with pytest.raises(UsageError) as caught:
        read_limits([written])
    assert str(caught.value) == message


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec can come from another program."""
    text = b"archspec: 1\nname: Piped\ninput: [N, 4]\nmodel: {head: {Linear: 2}}\n"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert Settings(spec="-").compilation().graph.name == "Piped"


def test_standard_input_that_is_no_text_is_the_specs_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are not UTF-8 are reported like any other fault."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"\xff\xfea")))
    with pytest.raises(SpecError, match="`<stdin>` is UTF-16, not UTF-8"):
        Settings(spec="-").compilation()
