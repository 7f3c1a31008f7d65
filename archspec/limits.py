"""Every budget a spec must keep, with its default and its reason: in come a name and a value, out goes a verdict."""

from dataclasses import dataclass, field, fields, replace

from archspec.diagnostic import Diagnostic, Note
from archspec.errors import LimitFault
from archspec.source import Span

__all__ = ["DEFAULT_LIMITS", "Limits"]

KIB, MIB, GIB, TIB = 1 << 10, 1 << 20, 1 << 30, 1 << 40


def _limit(default: int, reason: str) -> int:
    value: int = field(default=default, metadata={"reason": reason})
    return value


def _count(default: int, reason: str) -> int:
    """A limit of what is counted as it comes, so that no one knows how much more there is when it is met."""
    value: int = field(default=default, metadata={"reason": reason, "at_least": ", to this at least"})
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a spec may ask for. A caller raises a limit (`--limit name=value`, `Limits(name=value)`); a spec cannot.

    Bytes are bytes; everything else is a count.
    """

    file_bytes: int = _limit(MIB, "a spec is read whole")
    total_bytes: int = _count(8 * MIB, "a spec and all the files it uses are held together")
    yaml_depth: int = _count(64, "every later stage walks the tree recursively")
    yaml_nodes: int = _count(100_000, "each node costs memory before anything is known about it")
    alias_uses: int = _count(100, "each use of an alias copies what it stands for")
    nodes_after_aliases: int = _count(200_000, "aliases of aliases multiply")
    scalar_bytes: int = _limit(64 * KIB, "a scalar is a name, a number or an expression, not a document")
    key_length: int = _limit(256, "a key is a name, or the path of a module")
    doc_bytes: int = _limit(8 * KIB, "a doc is read by people")
    include_depth: int = _count(16, "each used file is opened and compiled inside the one before")
    include_files: int = _count(256, "each used file is opened and read")
    expression_length: int = _limit(1_024, "Python's own parser slows and crashes on long input")
    expression_depth: int = _limit(32, "an expression is walked recursively")
    expression_steps: int = _count(10_000, "one expression is arithmetic, not a program")
    total_expression_steps: int = _count(1_000_000, "all the expressions of a spec together")
    text_result: int = _limit(64 * KIB, "repeating text multiplies it")
    list_result: int = _limit(10_000, "repeating a list multiplies it")
    repeat: int = _limit(10_000, "one loop")
    expansion_steps: int = _count(400_000, "all the nodes that loops and blocks expand to, switched off or not")
    shape_runs: int = _count(10_000, "what is unlike all that ran before runs once on meta, to find its shapes")
    modules: int = _count(200_000, "each module is a Python object with its own dictionaries")
    module_depth: int = _count(64, "PyTorch walks the tree of modules recursively")
    block_depth: int = _count(32, "blocks that use blocks")
    tensor_rank: int = _limit(8, "no layer takes more dimensions")
    dimension: int = _limit(2**31 - 1, "larger dimensions overflow in kernels")
    meta_parameter_bytes: int = _count(4 * TIB, "parameters of a model that is only described")
    parameter_bytes: int = _limit(8 * GIB, "parameters that are really allocated")
    buffer_work: int = _count(1 << 30, "formulas of buffers are worked out when the model is built")
    activation_bytes: int = _limit(64 * GIB, "one output of one node, as the check runs it")
    safetensors_header_bytes: int = _limit(16 * MIB, "a checkpoint's header is parsed whole")
    safetensors_tensors: int = _limit(100_000, "tensors in a checkpoint")

    @classmethod
    def names(cls) -> list[str]:
        """The name of every limit."""
        return [item.name for item in fields(cls)]

    @classmethod
    def reason(cls, name: str) -> str:
        """Why the limit `name` exists."""
        return next(str(item.metadata["reason"]) for item in fields(cls) if item.name == name)

    def raised(self, **values: int) -> "Limits":
        """These limits with some of them set to other values."""
        return replace(self, **values)

    def check(self, name: str, value: int, span: Span | None, what: str, path: str = "") -> None:
        """Let `value` pass when it is within the limit `name`.

        Raises:
            LimitFault: it is over; `what` says in words what was counted ("nodes in this file").
        """
        allowed: int = getattr(self, name)
        if value > allowed:
            raise LimitFault(self.exceeded(name, value, span, what, path))

    def exceeded(self, name: str, value: int, span: Span | None, what: str, path: str = "") -> Diagnostic:
        """The diagnostic for `value` over the limit `name`."""
        allowed: int = getattr(self, name)
        at_least = next(item.metadata.get("at_least", "") for item in fields(self) if item.name == name)
        return Diagnostic(
            code="E0801",
            message=f"{what}: {value:,} is over the limit of {allowed:,} (`{name}`)",
            span=span,
            path=path,
            hint=f"if you trust this spec, raise it{at_least}: --limit {name}={value} or Limits({name}={value})",
            notes=(Note(message=f"why there is a limit: {self.reason(name)}"),),
        )


DEFAULT_LIMITS = Limits()
