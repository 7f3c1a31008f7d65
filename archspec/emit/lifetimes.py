"""Lifetimes: in comes a `Program`, out go the names that nothing reads after a statement, to be freed there."""

from collections.abc import Iterator

from archspec.emit.program import Compute, Operate, Program, Run, Statement
from archspec.graph.graph import Ref

__all__ = ["deaths", "reads"]


def deaths(program: Program) -> dict[int, list[str]]:
    """For each statement, by its index, the names of results that nothing reads after it."""
    last: dict[str, int] = {}
    for index, statement in enumerate(program.statements):
        last[statement.name] = index
        for name in reads(statement):
            last[name] = index
    kept = {name for name, _ in program.inputs} | set(program.tensors) | {ref.name for ref in _returned(program)}
    found: dict[int, list[str]] = {}
    for name, index in last.items():
        if name not in kept:
            found.setdefault(index, []).append(name)
    return found


def reads(statement: Statement) -> Iterator[str]:
    """The names of the values that a statement reads, once for each time."""
    if statement.otherwise is not None:
        yield statement.otherwise.name
    match statement:
        case Run():
            yield from (ref.name for ref in statement.inputs)
            yield from (ref.name for _, ref in statement.keywords)
            if statement.select is not None:
                yield statement.select.name
        case Operate():
            yield from (ref.name for ref in statement.inputs if ref is not None)
            yield from (ref.name for _, ref in statement.sizes)
        case Compute():
            yield from (ref.name for _, ref in statement.refs)


def _returned(program: Program) -> list[Ref]:
    if isinstance(program.returns, Ref):
        return [program.returns]
    return [item if isinstance(item, Ref) else item[1] for item in program.returns]
