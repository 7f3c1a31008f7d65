"""Programs: in comes a `Block`, out goes what its `forward` does, so that equal blocks share one class.

A program holds no shapes, no arguments of layers and no modules: only names, references and lines. It is frozen,
hashable and picklable, and a class is made from it anew in whatever process it is loaded.
"""

from dataclasses import dataclass, replace
from typing import Literal

from archspec.graph.graph import (
    Arguments,
    Block,
    CallStep,
    ComputeStep,
    Leaf,
    ModuleDict,
    ModuleList,
    ModuleStep,
    Node,
    OperationStep,
    Output,
    Ref,
    Sequential,
    TensorStep,
)
from archspec.source import Span

__all__ = [
    "Compute",
    "Operate",
    "Place",
    "Plan",
    "Program",
    "Run",
    "Statement",
    "absent_in_evaluation",
    "program_of",
]

PlanKind = Literal["call", "chain", "branch", "zip", "select", "branch_dict"]


@dataclass(frozen=True, slots=True)
class Place:
    """Lines and columns in the spec, as `ast` counts them."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How a module is run: called, or a container walked the way its mode says.

    `uniform` containers run all their members alike (`members` holds that one plan), so a loop does it and sees members
    that are added later. Others are unpacked, which fails loudly when their number has changed. `select` is the key
    that is always picked, when it is known.
    """

    kind: PlanKind = "call"
    members: tuple["Plan", ...] = ()
    uniform: bool = True
    keys: tuple[str, ...] = ()
    select: str | None = None


CALL = Plan()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Runs the module at `target`."""

    name: str
    target: tuple[str, ...]
    plan: Plan
    inputs: tuple[Ref, ...]
    keywords: tuple[tuple[str, Ref], ...]
    constants: Arguments
    select: Ref | None
    only_train: bool
    otherwise: Ref | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Operate:
    """Applies an operation of the table."""

    name: str
    operation: str
    inputs: tuple[Ref | None, ...]
    arguments: Arguments
    sizes: tuple[tuple[str, Ref], ...]
    only_train: bool
    otherwise: Ref | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """Evaluates a formula."""

    name: str
    text: str
    refs: tuple[tuple[str, Ref], ...]
    only_train: bool
    otherwise: Ref | None
    place: Place


Statement = Run | Operate | Compute
"""One with `only_train` runs in training; in evaluation its name stands for `otherwise`, or for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The `forward` of one class.

    Attributes:
        name: of the class.
        doc: of the class.
        filename: the spec that tracebacks show.
        inputs: the parameters of `forward`, each with whether it may be left out.
        tensors: the names that are parameters or buffers of the module itself.
        statements: in order.
        returns: what is returned.
        place: where the block stands.
    """

    name: str
    doc: str
    filename: str
    inputs: tuple[tuple[str, bool], ...]
    tensors: frozenset[str]
    statements: tuple[Statement, ...]
    returns: Output
    place: Place

    def __deepcopy__(self, memo: dict[int, object]) -> "Program":
        """A frozen value is its own copy."""
        return self


def program_of(block: Block, filename: str) -> Program:
    """What the `forward` of a block does."""
    statements: list[Statement] = []
    tensors: list[str] = []
    for step in block.steps:
        match step:
            case TensorStep():
                tensors.append(step.name)
            case OperationStep():
                statements.append(_operate(step))
            case ComputeStep():
                statements.append(_compute(step))
            case ModuleStep() if step.inputs is not None:
                statements.append(_run(step, (step.name,)))
            case CallStep():
                statements.append(_run(step, step.target))
            case _:
                pass
    return Program(
        name=block.name,
        doc=block.doc,
        filename=filename,
        inputs=tuple((item.name, item.optional) for item in block.inputs),
        tensors=frozenset(tensors),
        statements=tuple(statements),
        returns=block.returns,
        place=_place(block.span),
    )


def absent_in_evaluation(program: Program) -> set[str]:
    """The names that have a value in training only."""
    return {item.name for item in program.statements if item.only_train and item.otherwise is None}


def _place(span: Span) -> Place:
    return Place(span.line, span.column - 1, span.end_line, span.end_column - 1)


def _operate(step: OperationStep) -> Operate:
    return Operate(
        name=step.name,
        operation=step.operation,
        inputs=step.inputs,
        arguments=step.arguments,
        sizes=step.sizes,
        only_train=step.only_train,
        otherwise=step.otherwise,
        place=_place(step.span),
    )


def _compute(step: ComputeStep) -> Compute:
    return Compute(
        name=step.name,
        text=step.text,
        refs=step.refs,
        only_train=step.only_train,
        otherwise=step.otherwise,
        place=_place(step.span),
    )


def _run(step: ModuleStep | CallStep, target: tuple[str, ...]) -> Run:
    return Run(
        name=step.name,
        target=target,
        plan=_plan(step.node),
        inputs=step.inputs or (),
        keywords=step.keywords,
        constants=step.constants,
        select=step.node.select if isinstance(step.node, ModuleDict) and isinstance(step.node.select, Ref) else None,
        only_train=step.only_train,
        otherwise=step.otherwise,
        place=_place(step.span),
    )


def _plan(node: Node) -> Plan:
    match node:
        case Leaf() | Block():
            return CALL
        case Sequential():
            plans = _plans(node)
            return CALL if all(plan == CALL for plan in plans) else _container("chain", plans, ())
        case ModuleList():
            return _container(node.mode, _plans(node), ())  # type: ignore[arg-type] # a held list is not run
        case ModuleDict():
            kind: PlanKind = "branch_dict" if node.mode == "branch" else "select"
            plan = _container(kind, _plans(node), tuple(name for name, _ in node.children))
            return replace(plan, select=node.select) if isinstance(node.select, str) else plan


def _plans(node: Sequential | ModuleList | ModuleDict) -> list[Plan]:
    return [_plan(child) for _, child in node.children]


def _container(kind: PlanKind, plans: list[Plan], keys: tuple[str, ...]) -> Plan:
    if all(plan == plans[0] for plan in plans):
        return Plan(kind, tuple(plans[:1]) or (CALL,))
    return Plan(kind, tuple(plans), uniform=False, keys=keys)
