"""`archspec show`."""

from collections.abc import Callable

from typer.testing import Result

import archspec
from archspec.emit.fingerprint import fingerprint

Invoke = Callable[..., Result]


def test_a_model_is_shown_as_build_shows_it(invoke: Invoke) -> None:
    """The same tree and facts, with the fingerprint in place of what a run takes."""
    built, shown = (invoke(verb, "lenet").stdout.splitlines() for verb in ("build", "show"))
    assert shown[:-5] == built[:-5]
    assert shown[-5:] == [
        "Parameters  62,006, 242.2 KiB",
        "MACs        651,720 (652K) at input 1×3×32×32",
        "Input       input 2×3×32×32 (N may vary)",
        "Output      2×10",
        f"Fingerprint {fingerprint(archspec.compile('lenet').graph)}",
    ]


def test_nothing_is_allocated(invoke: Invoke) -> None:
    """A model that fits no machine is shown."""
    result = invoke("show", "llama3_405b")
    assert result.exit_code == 0
    assert "Parameters  405,853,388,800, 1.5 TiB" in result.stdout.splitlines()


def test_params_and_sizes_choose_the_model(invoke: Invoke) -> None:
    """As for every verb."""
    assert "Output      5×7" in invoke("show", "lenet", "-p", "classes=7", "--input", "N=5").stdout.splitlines()
