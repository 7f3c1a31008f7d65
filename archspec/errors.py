"""The exceptions a caller can catch, and the collector that gathers a stage's faults before one of them is raised.

```
ArchspecError            everything archspec raises about its input
├── SpecError            the spec is at fault; `.diagnostics` says where and why
│   └── LimitError       the spec asks for more than a limit allows
├── UsageError           the call is at fault: a file that is not there, an option that does not exist
├── WeightsError         a checkpoint cannot be read, or does not fit the model
└── ExportError          a model cannot be written in the format asked for
```
"""

from collections.abc import Iterable, Sequence

from archspec.diagnostic import Diagnostic, errors_of, render

__all__ = [
    "ArchspecError",
    "Collector",
    "Enough",
    "ExportError",
    "Fault",
    "LimitError",
    "SpecError",
    "UsageError",
    "WeightsError",
]

SHOWN_ERRORS = 50
MOST_ERRORS = 200
MOST_REPEATS = 500


class ArchspecError(Exception):
    """Base of everything that archspec raises about what it was given."""


class SpecError(ArchspecError):
    """A spec is wrong.

    Attributes:
        diagnostics: every fault of the stage that failed, in the order of the text, and the warnings before it.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep the diagnostics; the message is their text."""
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__(_text(errors_of(self.diagnostics)))

    def __reduce__(self) -> tuple[type["SpecError"], tuple[tuple[Diagnostic, ...]]]:
        """Pickle by the diagnostics, not by the message."""
        return type(self), (self.diagnostics,)


class LimitError(SpecError):
    """A spec asks for more than a limit allows; the message names the limit, the value and how to raise it."""


class UsageError(ArchspecError):
    """The call itself is wrong: a file that is not there, an option that does not exist."""


class WeightsError(ArchspecError):
    """A checkpoint cannot be read, or does not fit the model: keys missing, unexpected or of another shape."""


class ExportError(ArchspecError):
    """A model cannot be written in the format asked for."""


class Fault(Exception):  # noqa: N818 - never reaches a caller: the stage that catches it collects its diagnostic
    """One diagnostic on its way from the function that saw it to the stage that collects it."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        """Carry `diagnostic`."""
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


class LimitFault(Fault):
    """A fault that ends the stage at once: going on would spend what the limit protects."""


class Enough(Exception):  # noqa: N818 - ends a stage from wherever it is
    """There are more faults than anybody will read, so the stage ends: looking for more, and for fixes, takes time.

    Also where they are one fault again and again, as in a loop: each costs as much as the first.
    """


class Collector:
    """Gathers the diagnostics of one stage."""

    def __init__(self, earlier: Sequence[Diagnostic] = ()) -> None:
        """Start with the warnings of `earlier` stages."""
        self.diagnostics: list[Diagnostic] = list(earlier)
        self._seen = {(item.code, item.span, item.message) for item in earlier}
        self._errors = len(errors_of(earlier))
        self._repeats = 0

    def add(self, diagnostic: Diagnostic) -> None:
        """Take one diagnostic, once.

        Raises:
            Enough: there are too many errors, or one is repeated too often; warnings end nothing.
        """
        key = (diagnostic.code, diagnostic.span, diagnostic.message)
        is_error = diagnostic.severity == "error"
        if key in self._seen:
            self._repeats += is_error
        else:
            self._seen.add(key)
            self.diagnostics.append(diagnostic)
            self._errors += is_error
        if self._errors > MOST_ERRORS or self._repeats > MOST_REPEATS:
            raise Enough

    @property
    def failed(self) -> bool:
        """Whether any diagnostic refuses the spec."""
        return bool(errors_of(self.diagnostics))

    def finish(self) -> tuple[Diagnostic, ...]:
        """End the stage: the warnings, or every fault at once, each file's in the order of its text.

        Raises:
            SpecError: there was at least one error.
            LimitError: one of them is a limit.
        """
        files = {item.span.source.name: None for item in self.diagnostics if item.span is not None}
        self.diagnostics.sort(key=lambda item: _place(item, list(files)))
        if self.failed:
            limit = any(item.code.startswith("E08") for item in errors_of(self.diagnostics))
            raise (LimitError if limit else SpecError)(self.diagnostics) from None
        return tuple(self.diagnostics)


def _place(diagnostic: Diagnostic, files: Sequence[str]) -> tuple[int, int, int]:
    """Where a diagnostic stands, to sort by; those about no place come first."""
    span = diagnostic.span
    return (-1, 0, 0) if span is None else (files.index(span.source.name), span.line, span.column)


def _text(errors: Sequence[Diagnostic]) -> str:
    shown = [render(error) for error in errors[:SHOWN_ERRORS]]
    if len(errors) > SHOWN_ERRORS:
        shown.append(f"… and {len(errors) - SHOWN_ERRORS} more errors")
    return "\n\n".join(["", *shown]) if shown else "the spec is wrong"
