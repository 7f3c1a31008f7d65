"""Outcomes: what a campaign came to, and how it is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Outcome", "table"]


@dataclass(kw_only=True)
class Outcome:
    """What a campaign came to.

    Attributes:
        target: the name of the target.
        seconds: how long it ran, its start included.
        executions: how many inputs were tried.
        branches: how many places of the code they reached; 0 where nobody watched.
        inputs: how many inputs were kept, for what each alone reaches.
        findings: what each finding is called, a file or a test, with the reason.
    """

    target: str
    seconds: float = 0.0
    executions: int = 0
    branches: int = 0
    inputs: int = 0
    findings: dict[str, str] = field(default_factory=dict)


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes, one a line, and the findings below."""
    lines = [f"{'target':<12}{'seconds':>9}{'executions':>13}{'branches':>10}{'inputs kept':>13}{'findings':>10}"]
    for item in outcomes:
        branches, inputs = (f"{value:,}" if value else "-" for value in (item.branches, item.inputs))
        lines.append(
            f"{item.target:<12}{item.seconds:>9,.0f}{item.executions:>13,}{branches:>10}{inputs:>13}"
            f"{len(item.findings):>10}"
        )
    for item in outcomes:
        for name, reason in item.findings.items():
            lines += ["", f"{name}: {reason}"]
            if item.branches:
                lines.append(f"  once more: python -m fuzz {item.target} --again {name}")
    return "\n".join(lines)
