"""A model that is run by an interpreter, as those do it that keep a model as data: in comes a module, out goes one."""

from collections.abc import Callable

from torch import Tensor, fx, nn

__all__ = ["Interpreted"]


class Interpreted(nn.Module):
    """Runs the steps of a traced module in a loop: each takes what it reads out of a dictionary and puts its result in.

    Attributes:
        layers: the module, which holds the parameters.
        steps: the name of each, what it calls, the names that it reads, and arguments that are no tensors.
        output: the name that is returned.
    """

    def __init__(self, module: nn.Module) -> None:
        """Trace the module."""
        super().__init__()
        self.layers = module
        nodes = [*fx.symbolic_trace(module).graph.nodes]
        self.steps = [self._step(node) for node in nodes if node.op.startswith("call_")]
        self.input, self.output = nodes[0].name, nodes[-1].args[0].name

    def _step(self, node: fx.Node) -> tuple[str, Callable[..., Tensor], tuple[str, ...], tuple[object, ...]]:
        run = self.layers.get_submodule(node.target) if isinstance(node.target, str) else node.target
        reads = tuple(argument.name for argument in node.args if isinstance(argument, fx.Node))
        return node.name, run, reads, node.args[len(reads) :]

    def forward(self, input: Tensor) -> Tensor:
        """What the module gives."""
        values: dict[str, Tensor] = {self.input: input}
        for name, run, reads, constants in self.steps:
            values[name] = run(*[values[source] for source in reads], *constants)
        return values[self.output]
