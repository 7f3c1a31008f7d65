"""Graphs: named nodes, each of which reads some that came before it, and the widths that they give."""

from typing import Any

from hypothesis import strategies as st

from fuzz.grammar.entries import DEEPEST, Entries, as_mapping
from fuzz.grammar.widths import Width, written

__all__ = ["graph"]

Nodes = dict[str, Any]
Value = tuple[str, Width]


def graph(entries: Entries, width: Width, depth: int, first: str = "input") -> tuple[Nodes, Width, list[Value]]:
    """Named nodes over an input of a width; the last gives the result.

    Returns:
        The nodes, the width of the result, and every value with its width.
    """
    drawn = _Graph(entries, width, depth, first)
    for _ in range(entries.draw(st.integers(1, 4))):
        drawn.add()
    return drawn.nodes, drawn.values[-1][1], drawn.values


class _Graph:
    """A graph on its way. Each method adds nodes, of which the last gives a tensor."""

    def __init__(self, entries: Entries, width: Width, depth: int, first: str) -> None:
        self.entries = entries
        self.depth = depth
        self.nodes: Nodes = {}
        self.values: list[Value] = [(first, width)]

    def add(self) -> None:
        """Add nodes of one kind."""
        ways = [self._node, self._two, self._joined, self._formula, self._tensors, self._listed]
        ways += [self._dictionary, self._held, self._other, self._training, self._loop, self._pair]
        if self.entries.mode == "flat":
            ways.append(self._sized)
        if self.entries.mode == "sequence":
            ways += [self._attention, self._recurrent]
        self.entries.pick(tuple(ways))()

    def _value(self) -> Value:
        return self.entries.pick(tuple(self.values))

    def _alike(self, width: Width) -> str:
        return self.entries.pick(tuple(name for name, other in self.values if other == width))

    def _put(self, node: Any, width: Width) -> str:
        name = self.entries.name("n")
        self.nodes[name] = node
        self.values.append((name, width))
        return name

    def _aside(self, node: Any) -> str:
        """A node that gives no tensor, or one of another shape."""
        name = self.entries.name("aside")
        self.nodes[name] = node
        return name

    def _reading(self, node: Any, name: str) -> Any:
        """The node with its `from`, left out where that is the node before."""
        if [*self.nodes][-1:] == [name] and self.entries.draw(st.booleans()):
            return node
        return {**as_mapping(node), "from": name}

    def _node(self) -> None:
        name, width = self._value()
        node, out = self.entries.entry(width, min(self.depth + 1, DEEPEST))
        self._put(self._reading(node, name), out)

    def _two(self) -> None:
        name, width = self._value()
        operation = self.entries.pick(("add", "mul", "sub", "maximum"))
        self._put({operation: None, "from": [name, self._alike(width)]}, width)

    def _joined(self) -> None:
        (a, width), (b, other) = self._value(), self._value()
        dim = 1 if self.entries.mode == "image" else -1
        joined = self._aside({"cat": {"dim": dim}, "from": [a, b]})
        total = f"({width}) + ({other})"
        if self.entries.short(total):
            self._put(self._reading("Identity", joined), total)
        else:
            self._put(self._reading(self.entries.changing(total, width), joined), width)

    def _formula(self) -> None:
        name, width = self._value()
        form = self.entries.pick(
            ("relu({a}) * 2 + {b}", "{a} - tanh({b}) / 3", "where({a} > 0, {a}, {b})", "-{a} ** 2")
        )
        text = form.format(a=name, b=self._alike(width))
        self._put({"compute": text}, width)

    def _tensors(self) -> None:
        """A parameter and a buffer that are added to a value."""
        name, width = self._value()
        shape = [written(width), 1, 1] if self.entries.mode == "image" else [written(width)]
        init = self.entries.pick(("ones", {"normal": {"std": 0.1}}, {"constant": 0.5}))
        scale = self._aside({"Parameter": {"shape": shape, "init": init}})
        given = self.entries.pick(
            ({"value": [0.5]}, {"value": 2, "dtype": "float32"}, {"value": "$(range(3))", "compute": "sum(value) / 2"})
        )
        shift = self._aside({"Buffer": {**given, "persistent": self.entries.draw(st.booleans())}})
        self._put({"compute": f"{name} * {scale} + {shift}"}, width)

    def _listed(self) -> None:
        """A ModuleList in each of its modes."""
        name, width = self._value()
        members = [self.entries.changing(width, width), self.entries.keeping(), self.entries.changing(width, width)]
        mode = self.entries.pick(("chain", "branch", "zip"))
        if mode == "chain":
            self._put({"ModuleList": members, "from": name}, width)
            return
        source = name if mode == "branch" else self._aside({"ModuleList": members, "mode": "branch", "from": name})
        listed = self._aside({"ModuleList": members, "mode": mode, "from": source})
        self._put({"add": None, "from": [f"{listed}[0]", f"{listed}[-1]"]}, width)

    def _dictionary(self) -> None:
        name, width = self._value()
        members = {"one": self.entries.changing(width, width), "other": self.entries.keeping()}
        if self.entries.draw(st.booleans()):
            self._put({"ModuleDict": members, "select": self.entries.pick(("one", "other")), "from": name}, width)
            return
        every = self._aside({"ModuleDict": members, "mode": "branch", "from": name})
        self._put({"add": None, "from": [f"{every}[one]", f"{every}[other]"]}, width)

    def _held(self) -> None:
        """Modules that are registered here and run below, one of them twice."""
        name, width = self._value()
        layer = self._aside({**as_mapping(self.entries.changing(width, width)), "mode": "hold"})
        members = [self.entries.keeping(), self.entries.changing(width, width)]
        chain = self._aside({"Sequential": members, "mode": "hold"})
        self._put({"call": layer, "from": name}, width)
        self._put({"call": chain}, width)
        self._put({"call": self.entries.pick((layer, chain, f"{chain}.1"))}, width)

    def _other(self) -> None:
        """A node of two inputs that may be switched off."""
        name, width = self._value()
        other = self._alike(width)
        condition = self.entries.condition(width)
        self._put({"add": None, "from": [name, other], "when": condition, "else": other}, width)

    def _training(self) -> None:
        name, width = self._value()
        ways = (self.entries.changing(width, width), {"mul": 0.5}, {"compute": f"{name} + 1"})
        node = as_mapping(self.entries.pick(ways))
        source = {} if "compute" in node else {"from": name}
        self._put({**node, **source, "only": "train", "else": self._alike(width)}, width)

    def _loop(self) -> None:
        """A chain of named nodes, found again by a pattern."""
        name, width = self._value()
        layer, index = self.entries.name("layer"), self.entries.name("i")
        do = {f"{layer}_${index}": self.entries.changing(width, width)}
        if self.entries.draw(st.booleans()):
            do[f"{layer}_act$({index} + 1)"] = self.entries.keeping()
        self._put(self._reading({"Identity": None}, name), width)
        self._aside({"for": f"{index} in range(3)", "do": do})
        every = self._aside({"stack": None, "from": f"{layer}_?"})
        self._put({"mean": {"dim": 0}, "from": every}, width)

    def _pair(self) -> None:
        """A tuple, of which one item is read."""
        name, width = self._value()
        twice = self._aside({"cat": {"dim": 0}, "from": [name, name]})
        both = self._aside({"chunk": {"chunks": 2, "dim": 0}, "from": twice})
        self._put({"mul": None, "from": [f"{both}[0]", f"{both}[1]"]}, width)

    def _sized(self) -> None:
        """A shape that is read when the model runs."""
        name, width = self._value()
        batch = f"$(size({name}, 0))"
        shape = self.entries.pick(([batch, -1], [batch, f"$(size({name}, 1) * 1)"]))
        self._put({"reshape": {"shape": shape}, "from": name}, width)

    def _attention(self) -> None:
        name, width = self._value()
        source = {"query": name, "key": self._alike(width), "value": name}
        layer = {"MultiheadAttention": {"num_heads": 1, "batch_first": True}}
        attended = self._aside({**layer, "from": source, "with": {"need_weights": False}})
        self._put({"add": None, "from": [name, f"{attended}[0]"]}, width)

    def _recurrent(self) -> None:
        name, _ = self._value()
        width = self.entries.number()
        kind = self.entries.pick(("LSTM", "GRU"))
        run = self._aside({kind: {"hidden_size": written(width), "batch_first": True}, "from": name})
        self._put({"mul": 1.5, "from": f"{run}[0]"}, width)
